#include "lib/smtp/probe_json.hpp"

#include <boost/json/array.hpp>

#include "lib/tls/handshake_json.hpp"

namespace mailmedic::smtp {

namespace json = boost::json;

namespace {
json::array strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::object login_facts(const LoginSeen& login) {
  json::object out{{"mechanism", login.mechanism}, {"encrypted", login.encrypted}};
  out["reply"] = login.reply ? json::value(login.reply->text()) : json::value(nullptr);
  if (login.server_proven) out["server_proven"] = *login.server_proven;
  return out;
}

}  // namespace

json::object facts_of(const Probe& probe) {
  json::object out;
  if (probe.request.socket_path.empty()) {
    out["address"] = probe.request.endpoint.address.to_string();
    out["family"] = probe.request.endpoint.address.is_v6() ? "ipv6" : "ipv4";
    out["port"] = probe.request.endpoint.port;
  } else {
    out["address"] = probe.request.socket_path;
    out["family"] = "unix";
    out["port"] = nullptr;
  }
  out["helo"] = probe.our_name;
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
  if (probe.login) out["login"] = login_facts(*probe.login);
  out["tls"] = probe.handshake ? json::value(tls::facts_of(*probe.handshake)) : json::value(nullptr);
  const bool certified = probe.handshake && !probe.handshake->chain.empty();
  out["certificate"] = certified ? json::value(tls::facts_of(probe.handshake->chain.front())) : json::value(nullptr);
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
