#include "checks/tls/without_name.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/certificate_life.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::tls_scan {

namespace {
bool shows_certificate(const smtp::Probe& probe) { return probe.handshake && probe.handshake->completed && !probe.handshake->chain.empty(); }

void add(Finding finding, std::vector<Finding>& list) {
  for (Finding& known : list)
    if (known.id == finding.id && known.subject == finding.subject && known.args == finding.args) {
      known.evidence.insert(known.evidence.end(), finding.evidence.begin(), finding.evidence.end());
      return;
    }
  list.push_back(std::move(finding));
}
}  // namespace

void judge_without_name(const std::string& host, const smtp::Probe& named, const smtp::Probe& unnamed, CheckReport& report) {
  if (!shows_certificate(named)) return;
  const std::string at = named.request.endpoint.text();
  Finding finding{.subject = host, .args = {{"host", host}}};
  if (shows_certificate(unnamed)) {
    const tls::Certificate &one = named.handshake->chain.front(), &other = unnamed.handshake->chain.front();
    if (one.sha256 == other.sha256) return;
    finding.id = "tls.sni-changes-certificate";
    finding.args.emplace_back("names", other.dns_names.empty() ? "-" : text::joined(other.dns_names, ", ").substr(0, 500));
    finding.evidence.push_back({at + ", with SNI " + host, certificate_line(one)});
    finding.evidence.push_back({at + ", without SNI", certificate_line(other)});
    add(std::move(finding), report.findings);
  } else if (unnamed.handshake && unnamed.handshake->alert && unnamed.handshake->alert->from_peer) {
    finding.id = "tls.sni-required";
    finding.args.emplace_back("alert", unnamed.handshake->alert->name);
    finding.evidence.push_back({at + ", without SNI", fmt::format("alert {} ({})", unnamed.handshake->alert->name, unnamed.handshake->alert->code)});
    add(std::move(finding), report.findings);
  } else {
    const std::string why = unnamed.handshake ? unnamed.handshake->error : unnamed.why.empty() ? std::string(smtp::cause_text(unnamed.cause)) : unnamed.why;
    finding.id = "tls.without-sni-unknown";
    finding.args.emplace_back("why", why);
    finding.evidence.push_back({at + ", without SNI", why});
    report.could_not_tell(std::move(finding));
  }
}

}  // namespace mailmedic::tls_scan
