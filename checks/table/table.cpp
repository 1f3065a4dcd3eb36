#include "checks/table/table.hpp"

#include "checks/bimi/check.hpp"
#include "checks/blocklist/check.hpp"
#include "checks/dane/check.hpp"
#include "checks/dkim/check.hpp"
#include "checks/dmarc/check.hpp"
#include "checks/dnssec/check.hpp"
#include "checks/mta_sts/check.hpp"
#include "checks/mx/check.hpp"
#include "checks/reverse_dns/check.hpp"
#include "checks/sender_domain/check.hpp"
#include "checks/smtp/check.hpp"
#include "checks/spf/check.hpp"
#include "checks/starttls/check.hpp"
#include "checks/tls_rpt/check.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic {

namespace {

constexpr Check table[] = {
    {"mx", "Mail exchangers", mx::check},
    {"dnssec", "DNSSEC", dnssec::check},
    {"reverse_dns", "Reverse DNS and HELO", reverse_dns::check},
    {"sender_domain", "The sender's domains", sender_domain::check},
    {"spf", "SPF", spf::check},
    {"dkim", "DKIM keys", dkim::check},
    {"dmarc", "DMARC", dmarc::check},
    {"dane", "DANE", dane::check},
    {"mta_sts", "MTA-STS", mta_sts::check},
    {"tls_rpt", "TLS reporting", tls_rpt::check},
    {"bimi", "BIMI", bimi::check},
    {"blocklist", "Block lists", blocklist::check},
    {"smtp", "SMTP connections", smtp::check, true},
    {"starttls", "STARTTLS and certificates", starttls::check, true},
};

asio::awaitable<bool> run_one(const Check& check, const Target& target, Probes& probes, CheckReport& slot, const Progress& progress) {
  if (progress) progress(check, nullptr);
  CheckReport report;
  try {
    report = co_await check.run(target, probes);
  } catch (const std::exception& bug) {
    Finding unknown{.id = "check.failed", .subject = std::string(check.id), .args = {{"check", std::string(check.id)}, {"why", bug.what()}}};
    report.could_not_tell(std::move(unknown));
  }
  report.check = check.id;
  slot = std::move(report);
  if (progress) progress(check, &slot);
  co_return true;
}

}  // namespace

std::span<const Check> all_checks() { return table; }

std::vector<Check> checks_named(std::span<const std::string_view> ids) {
  std::vector<Check> out;
  for (const Check& check : table)
    if (std::find(ids.begin(), ids.end(), check.id) != ids.end()) out.push_back(check);
  return out;
}

CheckReport interrupted(const Check& check) {
  CheckReport report{.check = check.id};
  Finding unknown{.id = "check.interrupted", .subject = std::string(check.id), .args = {{"check", std::string(check.id)}}};
  report.could_not_tell(std::move(unknown));
  return report;
}

asio::awaitable<void> run_checks(std::span<const Check> checks, const Target& target, Probes& probes, std::span<CheckReport> finished,
                                 Progress progress) {
  std::vector<asio::awaitable<bool>> work;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    finished[i] = interrupted(checks[i]);
    work.push_back(run_one(checks[i], target, probes, finished[i], progress));
  }
  co_await net::in_parallel(std::move(work));
}

}  // namespace mailmedic
