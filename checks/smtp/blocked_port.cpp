#include "checks/smtp/blocked_port.hpp"

#include <fmt/format.h>

#include <set>

#include "checks/smtp/about.hpp"
#include "checks/smtp/reach.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::smtp {

namespace {
constexpr std::uint16_t others[] = {587, 465, 443};
constexpr std::size_t addresses_knocked = 4;

bool is_silent_on_25(const Probe& probe) { return probe.request.endpoint.port == 25 && probe.cause == Cause::timed_out && probe.stopped_at == Stage::connect; }

/// A refusal comes from the machine, too: it lives, and packets find their way.
bool lives(const Probe& probe) { return probe.cause == Cause::none || probe.cause == Cause::refused; }
}  // namespace

asio::awaitable<std::vector<Probe>> knock_elsewhere(const Survey& survey, Prober& prober) {
  std::set<net::Address> silent;
  for (const SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes) {
      if (reach_of(probe) == Reach::no_route_here) continue;
      if (!is_silent_on_25(probe)) co_return std::vector<Probe>();
      if (silent.size() < addresses_knocked) silent.insert(probe.request.endpoint.address);
    }
  std::vector<asio::awaitable<Probe>> work;
  for (const net::Address& address : silent)
    for (const std::uint16_t port : others) {
      ProbeRequest request{.endpoint = {address, port}, .encryption = Encryption::none, .quit_after = Stage::connect};
      work.push_back(prober.probe(std::move(request)));
    }
  co_return co_await net::in_parallel(std::move(work));
}

void judge_blocked_port(const Survey& survey, const std::vector<Probe>& elsewhere, CheckReport& report) {
  std::set<net::Address> living;
  for (const Probe& probe : elsewhere)
    if (lives(probe)) living.insert(probe.request.endpoint.address);
  if (living.empty()) return;
  Finding blocked{.id = "smtp.port-25-blocked", .subject = survey.mail.domain.text()};
  blocked.args = {{"domain", survey.mail.domain.text()}, {"living", std::to_string(living.size())}};
  for (const SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes)
      if (is_silent_on_25(probe)) blocked.evidence.push_back(at(probe, "connection", probe.why));
  for (const Probe& probe : elsewhere)
    if (lives(probe)) blocked.evidence.push_back(at(probe, "connection", probe.cause == Cause::none ? "accepted" : "refused"));
  report.could_not_tell(std::move(blocked));
}

}  // namespace mailmedic::smtp
