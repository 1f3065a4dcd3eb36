#include "checks/dane/hosts.hpp"

#include <fmt/format.h>

#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::dane {

std::vector<tls::TlsaData> Host::records() const {
  std::vector<tls::TlsaData> out;
  for (dns::Tlsa& one : tlsa.all<dns::Tlsa>()) out.push_back({one.usage, one.selector, one.matching, std::move(one.data)});
  return out;
}

std::string record_text(const tls::TlsaData& record) {
  std::string out = fmt::format("{} {} {} ", record.usage, record.selector, record.matching);
  for (std::size_t i = 0; i < record.data.size() && i < 64; ++i) out += fmt::format("{:02x}", static_cast<unsigned char>(record.data[i]));
  if (record.data.size() > 64) out += "...";
  return out;
}

namespace {

/// RFC 7672 section 2.2.2: where the host is an alias and its expansion is secure, the records of the expanded name come
/// first, those of the host itself after them.
asio::awaitable<Host> look_at(smtp::MailHost host, dns::Name domain, dns::Resolver& dns) {
  Host out{.host = std::move(host), .base = {}, .question = {}, .tlsa = {}, .names = {}};
  const dns::Answer& addresses = out.host.a.status == dns::Status::answered ? out.host.a : out.host.aaaa;
  std::vector<dns::Name> bases{out.host.name};
  if (!addresses.aliases.empty() && addresses.authentic) bases.insert(bases.begin(), addresses.aliases.back());
  std::vector<dns::Question> questions;
  for (const dns::Name& base : bases)
    if (const auto name = base.prefixed("_25._tcp")) questions.push_back({*name, dns::Type::tlsa});
  const std::vector<dns::Answer> answers = co_await dns::query_all(dns, questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    out.base = bases[i];
    out.question = questions[i].name;
    out.tlsa = answers[i];
    if (!answers[i].is_absent()) break;
  }
  out.names = {out.base.text(), out.host.name.text(), domain.text()};
  out.is_secure = out.has_records() && out.tlsa.authentic && addresses.authentic;
  co_return out;
}

}  // namespace

asio::awaitable<Hosts> find_hosts(dns::Resolver& dns, dns::Name domain) {
  Hosts out;
  out.mail = co_await smtp::find_mail_hosts(dns, std::move(domain));
  out.mx_is_secure = out.mail.mx.is_definite() && out.mail.mx.authentic;
  std::vector<asio::awaitable<Host>> work;
  for (std::size_t i = 0; i < out.mail.hosts.size() && i < 32; ++i) work.push_back(look_at(out.mail.hosts[i], out.mail.domain, dns));
  out.hosts = co_await net::in_parallel(std::move(work));
  co_return out;
}

}  // namespace mailmedic::dane
