#include "tools/cli/mail_measures.hpp"

#include <algorithm>

namespace mailmedic::cli {

namespace {
using smtp::Probe;

double seconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1e6; }

void add_times(reports::Report& report, const std::string& place, const std::vector<std::pair<std::string, std::string>>& labels, const Probe& probe, const smtp::TimeLimits& limits) {
  if (probe.stages.empty()) return;
  for (const smtp::StageRecord& stage : probe.stages) {
    const std::string name(smtp::stage_text(stage.stage));
    reports::Measure time{.label = place + ' ' + name, .metric = "probe_smtp_duration_seconds", .help = "Duration of a stage of the SMTP conversation", .labels = labels};
    time.labels.emplace_back("phase", name);
    time.value = seconds(stage.duration);
    time.unit = "s";
    report.measures.push_back(std::move(time));
  }
  const smtp::StageRecord& last = probe.stages.back();
  reports::Measure total{.label = place + " total", .metric = "probe_smtp_total_seconds", .help = "Duration of the whole SMTP conversation", .labels = labels};
  total.value = seconds(last.started + last.duration);
  total.unit = "s";
  total.warning = limits.warning;
  total.critical = limits.error;
  report.measures.push_back(std::move(total));
  report.measures.push_back({.label = {}, .metric = "probe_smtp_complete", .help = "1 if the conversation reached its last stage", .labels = labels, .value = probe.cause == smtp::Cause::none ? 1.0 : 0.0});
}

void add_certificate(reports::Report& report, const std::string& place, const std::vector<std::pair<std::string, std::string>>& labels, const tls::Handshake& shake, TimePoint now,
                     const ExpiryDays& expiry) {
  if (!shake.completed) return;
  auto with_version = labels;
  with_version.emplace_back("version", shake.protocol);
  report.measures.push_back({.label = {}, .metric = "probe_tls_version_info", .help = "The TLS version that was negotiated", .labels = std::move(with_version), .value = 1});
  if (shake.chain.empty()) return;
  const auto earliest = std::min_element(shake.chain.begin(), shake.chain.end(), [](const auto& a, const auto& b) { return a.not_after < b.not_after; })->not_after;
  const auto stamp = [](TimePoint time) { return static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count()); };
  report.measures.push_back({.label = {}, .metric = "probe_ssl_earliest_cert_expiry", .help = "When the first certificate of the chain ends, Unix time", .labels = labels, .value = stamp(earliest)});
  const tls::Certificate& own = shake.chain.front();
  const ExpiryLimits limits = expiry_limits(own, expiry);
  const auto days = [](auto span) { return std::chrono::duration<double, std::ratio<86400>>(span).count(); };
  reports::Measure left{.label = place + " certificate_days"};
  left.value = days(own.not_after - now);
  left.warning = days(limits.warning);
  left.critical = days(limits.error);
  left.is_floor = true;
  report.measures.push_back(std::move(left));
  report.measures.push_back({.label = {}, .metric = "mailmedic_certificate_expiry_timestamp_seconds", .help = "When the server's own certificate ends, Unix time", .labels = labels, .value = stamp(own.not_after)});
}
}  // namespace

void add_measures(reports::Report& report, const smtp::Survey& survey, TimePoint now, const Thresholds& thresholds) {
  for (const smtp::SurveyedHost& host : survey.hosts)
    for (const Probe& probe : host.probes) {
      const std::string name = host.host.name.text(), place = probe.request.place();
      const std::string label = name.empty() ? place : name + ' ' + place;
      const std::vector<std::pair<std::string, std::string>> labels{{"host", name}, {"address", place}};
      add_times(report, label, labels, probe, thresholds.time);
      if (probe.handshake) add_certificate(report, label, labels, *probe.handshake, now, thresholds.expiry);
    }
}

}  // namespace mailmedic::cli
