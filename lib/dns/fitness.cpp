#include "lib/dns/fitness.hpp"

#include <algorithm>

#include "lib/dns/query_all.hpp"

namespace mailmedic::dns {

std::string_view validation_text(Validation validation) {
  switch (validation) {
    case Validation::proved: return "proved";
    case Validation::claimed: return "claimed";
    case Validation::none: return "none";
    case Validation::unknown: return "unknown";
  }
  return "unknown";
}

std::string_view public_resolver(const net::Address& address) {
  static constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"8.8.8.8", "Google Public DNS"},       {"8.8.4.4", "Google Public DNS"},          {"2001:4860:4860::8888", "Google Public DNS"}, {"2001:4860:4860::8844", "Google Public DNS"},
      {"1.1.1.1", "Cloudflare"},              {"1.0.0.1", "Cloudflare"},                 {"2606:4700:4700::1111", "Cloudflare"},        {"2606:4700:4700::1001", "Cloudflare"},
      {"9.9.9.9", "Quad9"},                   {"149.112.112.112", "Quad9"},              {"2620:fe::fe", "Quad9"},                      {"2620:fe::9", "Quad9"},
      {"208.67.222.222", "OpenDNS"},          {"208.67.220.220", "OpenDNS"},             {"94.140.14.14", "AdGuard"},                   {"94.140.15.15", "AdGuard"},
      {"114.114.114.114", "114DNS"},          {"114.114.115.115", "114DNS"},             {"223.5.5.5", "AliDNS"},                       {"223.6.6.6", "AliDNS"},
      {"2400:3200::1", "AliDNS"},             {"2400:3200:baba::1", "AliDNS"},           {"119.29.29.29", "DNSPod"},                    {"182.254.116.116", "DNSPod"},
      {"180.76.76.76", "Baidu"},              {"77.88.8.8", "Yandex"},                   {"77.88.8.1", "Yandex"},                       {"64.6.64.6", "Verisign"},
  };
  const std::string text = address.to_string();
  const auto found = std::find_if(std::begin(known), std::end(known), [&](const auto& row) { return row.first == text; });
  return found == std::end(known) ? std::string_view() : found->second;
}

namespace {

Validation judge(const Answer& root, const Answer& bad) {
  if (!root.is_definite()) return Validation::unknown;
  if (!root.authentic) return Validation::none;
  if (bad.status == Status::answered) return Validation::none;
  if (bad.status == Status::serv_fail || bad.status == Status::bogus) return Validation::proved;
  return Validation::claimed;
}

}  // namespace

asio::awaitable<Fitness> measure_fitness(Resolver& resolver, Name badly_signed) {
  std::vector<Question> questions;
  questions.push_back({Name(), Type::soa});
  questions.push_back({std::move(badly_signed), Type::a});
  questions.push_back({Name::parse("mailmedic-no-such-name.invalid").value(), Type::a});
  const std::vector<Answer> answers = co_await query_all(resolver, std::move(questions));
  Fitness fitness;
  fitness.validation = judge(answers[0], answers[1]);
  fitness.rewrites_absence = answers[2].status == Status::answered;  // .invalid never exists. RFC 6761 section 6.4
  fitness.server = answers[0].server;
  if (const auto at = net::parse_endpoint(fitness.server, 53)) {
    fitness.public_service = public_resolver(at->address);
    fitness.is_local = at->address.is_loopback();
  }
  co_return fitness;
}

}  // namespace mailmedic::dns
