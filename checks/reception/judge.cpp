#include "checks/reception/judge.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "lib/dns/name.hpp"

namespace mailmedic::reception {

namespace {
/// A host name of two labels or more, or an address in brackets. RFC 5321 section 4.1.4.
bool is_proper_helo(std::string_view helo) {
  if (helo.starts_with('[') && helo.ends_with(']')) {
    std::string_view inside = helo.substr(1, helo.size() - 2);
    if (inside.starts_with("IPv6:")) inside.remove_prefix(5);
    return net::parse_address(inside).has_value();
  }
  if (net::parse_address(helo)) return false;  // an address without brackets is no name
  return helo.find('.') != std::string_view::npos && helo.find_first_of(" \t") == std::string_view::npos && dns::Name::parse(helo).has_value();
}

void judge_tls(const Delivered& message, const std::string& client, CheckReport& report) {
  if (!message.tls) {
    Finding clear{.id = "reception.in-clear", .subject = client};
    clear.args = {{"client", client}};
    clear.evidence = {{"session", "STARTTLS was offered and not used"}};
    report.findings.push_back(std::move(clear));
    return;
  }
  const tls::ClientTls& tls = *message.tls;
  const bool old = tls.protocol == "TLSv1" || tls.protocol == "TLSv1.1";
  Finding seen{.id = "reception.tls", .subject = client};
  if (old) seen.id = "reception.old-tls";
  seen.args = {{"client", client}, {"protocol", tls.protocol}, {"cipher", tls.cipher}};
  seen.evidence = {{"TLS handshake", fmt::format("{} {} ({} bits)", tls.protocol, tls.cipher, tls.cipher_bits)}};
  report.findings.push_back(std::move(seen));
}
}  // namespace

void judge(const Delivered& message, CheckReport& report) {
  const std::string client = message.client.address.to_string();
  judge_tls(message, client, report);
  const Arrival& arrival = message.arrival;
  if (!is_proper_helo(arrival.helo)) {
    Finding name{.id = "reception.helo-form", .subject = client};
    name.args = {{"client", client}, {"helo", arrival.helo.substr(0, 255)}};
    name.evidence = {{arrival.extended ? "EHLO" : "HELO", arrival.helo.substr(0, 255)}};
    report.findings.push_back(std::move(name));
  }
  if (message.spoke_early) {
    Finding early{.id = "reception.early-talk", .subject = client};
    early.args = {{"client", client}};
    early.evidence = {{"session", "bytes came before the greeting was sent"}};
    report.findings.push_back(std::move(early));
  }
  if (arrival.content.bare_lf + arrival.content.bare_cr > 0) {
    Finding bare{.id = "reception.bare-line-ends", .subject = client};
    bare.args = {{"client", client}, {"lf", std::to_string(arrival.content.bare_lf)}, {"cr", std::to_string(arrival.content.bare_cr)}};
    bare.evidence = {{"message", fmt::format("{} bytes, {} LF without CR, {} CR without LF", arrival.content.size, arrival.content.bare_lf, arrival.content.bare_cr)}};
    report.findings.push_back(std::move(bare));
  }
}

Facts facts_of(const Delivered& message) {
  const Arrival& arrival = message.arrival;
  Facts out;
  out["client"] = message.client.text();
  out["helo"] = arrival.helo;
  out["extended"] = arrival.extended;
  out["sender"] = arrival.sender;
  boost::json::array recipients;
  for (const std::string& recipient : arrival.recipients) recipients.emplace_back(recipient);
  out["recipients"] = std::move(recipients);
  out["size"] = arrival.content.size;
  if (arrival.declared_size) out["declared_size"] = *arrival.declared_size;
  else out["declared_size"] = nullptr;
  out["body"] = arrival.body;
  out["smtputf8"] = arrival.smtputf8;
  out["chunked"] = arrival.chunked;
  out["tls"] = nullptr;
  if (message.tls) {
    Facts tls;
    tls["protocol"] = message.tls->protocol;
    tls["cipher"] = message.tls->cipher;
    tls["bits"] = message.tls->cipher_bits;
    tls["sni"] = message.tls->sni;
    out["tls"] = std::move(tls);
  }
  out["bare_lf"] = arrival.content.bare_lf;
  out["bare_cr"] = arrival.content.bare_cr;
  out["spoke_early"] = message.spoke_early;
  return out;
}

}  // namespace mailmedic::reception
