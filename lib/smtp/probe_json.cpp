#include "lib/smtp/probe_json.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <ctime>

namespace mailmedic::smtp {

namespace json = boost::json;

namespace {
json::array strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::object handshake_facts(const tls::Handshake& shake) {
  json::object out;
  if (!shake.completed) {
    out["failure"] = tls::failure_text(shake.failure);
    out["error"] = shake.error;
    if (shake.alert) out["alert"] = {{"name", shake.alert->name}, {"from", shake.alert->from_peer ? "server" : "us"}};
    return out;
  }
  const tls::Verification& verified = shake.verification;
  out["version"] = shake.protocol;
  out["cipher"] = shake.cipher;
  out["group"] = shake.group;
  out["sni"] = shake.sni;
  out["trusted"] = verified.performed ? json::value(verified.trusted) : json::value(nullptr);
  out["verify"] = {{"code", verified.code}, {"text", verified.text}, {"depth", verified.depth}};
  out["name_matches"] = verified.name_matches ? json::value(*verified.name_matches) : json::value(nullptr);
  out["chain_length"] = shake.chain.size();
  out["ocsp_stapled"] = shake.ocsp_stapled;
  return out;
}

json::object certificate_facts(const tls::Certificate& certificate) {
  json::object out;
  out["subject"] = certificate.subject;
  out["issuer"] = certificate.issuer;
  out["names"] = strings(certificate.dns_names);
  out["not_before"] = iso_time(certificate.not_before);
  out["not_after"] = iso_time(certificate.not_after);
  out["key"] = fmt::format("{} {}", certificate.key_type, certificate.key_bits);
  out["signature"] = certificate.signature;
  out["serial"] = certificate.serial;
  out["sha256"] = certificate.sha256;
  return out;
}
}  // namespace

std::string iso_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday,
                     fields.tm_hour, fields.tm_min, fields.tm_sec);
}

json::object facts_of(const Probe& probe) {
  json::object out;
  out["address"] = probe.request.endpoint.address.to_string();
  out["family"] = probe.request.endpoint.address.is_v6() ? "ipv6" : "ipv4";
  out["port"] = probe.request.endpoint.port;
  if (probe.connected_to != probe.request.endpoint) out["connected_to"] = probe.connected_to.text();
  json::array stages;
  for (const StageRecord& stage : probe.stages) {
    json::object one;
    one["name"] = stage_text(stage.stage);
    one["ms"] = static_cast<double>(stage.duration.count()) / 1000.0;
    one["outcome"] = outcome_text(stage.outcome);
    stages.push_back(std::move(one));
  }
  out["stages"] = std::move(stages);
  out["stopped_at"] = probe.stopped_at ? json::value(stage_text(*probe.stopped_at)) : json::value(nullptr);
  out["cause"] = cause_text(probe.cause);
  if (!probe.why.empty()) out["why"] = probe.why;
  out["banner"] = probe.banner ? json::value(probe.banner->text()) : json::value(nullptr);
  out["extensions"] = json::array();
  if (const Capabilities* capabilities = probe.best_capabilities(); capabilities && !capabilities->lines.empty())
    out["extensions"] = strings({capabilities->lines.begin() + 1, capabilities->lines.end()});
  out["tls"] = probe.handshake ? json::value(handshake_facts(*probe.handshake)) : json::value(nullptr);
  const bool certified = probe.handshake && !probe.handshake->chain.empty();
  out["certificate"] = certified ? json::value(certificate_facts(probe.handshake->chain.front())) : json::value(nullptr);
  return out;
}

json::array facts_of(const Survey& survey) {
  json::array out;
  for (const SurveyedHost& host : survey.hosts) {
    json::object one;
    one["name"] = host.host.name.text();
    one["preference"] = host.host.preference;
    json::array addresses;
    for (const Probe& probe : host.probes) addresses.push_back(facts_of(probe));
    one["addresses"] = std::move(addresses);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace mailmedic::smtp
