#include "checks/log/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "checks/log/digest.hpp"
#include "lib/text/iso_time.hpp"

namespace mailmedic::log {

using maillog::Kind;

namespace {

struct Cause {
  std::string_view cause_class, id;
};

constexpr Cause causes[] = {
    {"recipient", "log.recipient"}, {"mailbox-full", "log.mailbox-full"}, {"disabled", "log.disabled"}, {"domain", "log.domain"},
    {"network", "log.network"}, {"reputation", "log.reputation"}, {"authentication", "log.authentication"}, {"content", "log.content"},
    {"policy", "log.policy"}, {"relay", "log.relay"}, {"size", "log.size"}, {"rate", "log.rate"}, {"greylist", "log.greylist"},
    {"system", "log.system"}, {"tls", "log.tls"}, {"unmatched", "log.unmatched"},
};

/// From this share of all attempts on a cause weighs more, and from this number on: a few failures are every day's.
constexpr double heavy_share = 0.05;
constexpr std::uint64_t heavy_count = 20;

std::string time_text(maillog::Seconds time) { return text::iso_time(std::chrono::system_clock::from_time_t(time)); }

std::string percent(double share) { return share > 0 && share < 0.001 ? "< 0.1" : fmt::format("{:.1f}", 100 * share); }

Evidence evidence_of(const Group& group) {
  Evidence out;
  out.source = fmt::format("{}: {}, {}", maillog::kind_text(group.kind), group.count, time_text(group.first));
  if (group.last != group.first) out.source += " to " + time_text(group.last);
  const auto receivers = largest_of(group.receivers, 3);
  for (const auto& [name, count] : receivers) out.source += fmt::format("{}{} ({})", &receivers.front().first == &name ? ", mostly " : ", ", name, count);
  out.text = group.sample;
  return out;
}

/// Failures of one cause on the way out.
struct Sum {
  std::uint64_t bounced = 0, deferred = 0;
  std::vector<const Group*> groups{};  ///< the largest first
};

std::optional<Severity> heavier(std::string_view cause_class, double share, std::uint64_t count) {
  if (share < heavy_share || count < heavy_count) return std::nullopt;
  const bool about_this_server = cause_class == "reputation" || cause_class == "authentication";
  return about_this_server ? Severity::error : Severity::warning;
}

void judge_causes(const Gathered& all, CheckReport& report) {
  constexpr std::size_t most_samples = 3;
  std::map<std::string_view, Sum> sums;
  for (const Group* group : largest_groups(all.tally)) {
    if (group->kind == Kind::rejected) continue;
    Sum& sum = sums[group->cause_class];
    (group->kind == Kind::bounced ? sum.bounced : sum.deferred) += group->count;
    sum.groups.push_back(group);
  }
  const std::uint64_t attempts = all.tally.totals[Kind::delivered] + all.tally.totals[Kind::deferred] + all.tally.totals[Kind::bounced];
  for (const auto& [cause_class, id] : causes) {
    const auto found = sums.find(cause_class);
    if (found == sums.end()) continue;
    const Sum& sum = found->second;
    const std::uint64_t count = sum.bounced + sum.deferred;
    Finding finding{.id = id, .subject = "outgoing mail", .severity = heavier(cause_class, share(count, attempts), count)};
    finding.args = {{"count", std::to_string(count)}, {"bounced", std::to_string(sum.bounced)}, {"deferred", std::to_string(sum.deferred)}, {"share", percent(share(count, attempts))}};
    for (const Group* group : sum.groups) {
      if (finding.evidence.size() == most_samples) break;
      finding.evidence.push_back(evidence_of(*group));
    }
    report.findings.push_back(std::move(finding));
  }
}

void judge_rejections(const Gathered& all, CheckReport& report) {
  const std::uint64_t rejected = all.tally.totals[Kind::rejected];
  if (rejected == 0) return;
  Finding finding{.id = "log.rejected", .subject = "incoming mail"};
  finding.args = {{"count", std::to_string(rejected)}};
  for (const Group* group : largest_groups(all.tally))
    if (group->kind == Kind::rejected && finding.evidence.size() < 3) finding.evidence.push_back(evidence_of(*group));
  report.findings.push_back(std::move(finding));
}

void judge_expiry(const Gathered& all, CheckReport& report) {
  const std::uint64_t expired = all.tally.totals[Kind::expired];
  if (expired == 0) return;
  Finding finding{.id = "log.expired", .subject = "outgoing mail"};
  finding.args = {{"count", std::to_string(expired)}};
  finding.evidence = {{"the queue manager", "status=expired, returned to sender"}};
  report.findings.push_back(std::move(finding));
}

/// What was skipped is counted and said.
void judge_input(const Gathered& all, CheckReport& report) {
  for (const maillog::FileAccount& file : all.files) {
    if (file.trouble.empty()) continue;
    Finding finding{.id = "log.unreadable-file", .subject = file.name};
    finding.args = {{"file", file.name}, {"why", file.trouble}, {"bytes", std::to_string(file.bytes)}};
    finding.evidence = {{file.name, file.trouble}};
    report.could_not_tell(std::move(finding));
  }
  const Lines& lines = all.lines;
  const std::uint64_t skipped = lines.undated + lines.binary + lines.too_long;
  if (skipped > 0) {
    Finding finding{.id = "log.skipped-lines", .subject = "log"};
    finding.args = {{"count", std::to_string(skipped)}, {"all", std::to_string(lines.all)}};
    finding.evidence = {{"skipped", fmt::format("{} without a time, {} of binary data, {} longer than {} bytes", lines.undated, lines.binary, lines.too_long, maillog::max_line_bytes)}};
    report.findings.push_back(std::move(finding));
  }
  std::uint64_t of_servers = 0;
  for (const std::uint64_t count : lines.of_server) of_servers += count;
  if (of_servers == 0) {
    Finding finding{.id = "log.nothing-read", .subject = "log"};
    finding.args = {{"all", std::to_string(lines.all)}};
    finding.evidence = {{"lines", fmt::format("{} in all, {} of other programs, {} without a time", lines.all, lines.other_programs, lines.undated + lines.binary)}};
    report.could_not_tell(std::move(finding));
  }
}

}  // namespace

void judge(const Gathered& all, CheckReport& report) {
  judge_causes(all, report);
  judge_expiry(all, report);
  judge_rejections(all, report);
  judge_input(all, report);
}

}  // namespace mailmedic::log
