#include "lib/https/response_json.hpp"

#include "lib/tls/handshake_json.hpp"

namespace mailmedic::https {

boost::json::object facts_of(const Response& response) {
  boost::json::object out;
  out["address"] = response.request.endpoint.address.to_string();
  out["port"] = response.request.endpoint.port;
  if (response.connected_to != response.request.endpoint) out["connected_to"] = response.connected_to.text();
  out["stopped_at"] = response.is_complete() ? boost::json::value(nullptr) : boost::json::value(stage_text(response.stopped_at));
  out["cause"] = cause_text(response.cause);
  if (!response.why.empty()) out["why"] = response.why;
  out["status"] = response.status ? boost::json::value(response.status) : boost::json::value(nullptr);
  if (response.status) out["content_type"] = response.content_type.substr(0, 200);
  if (!response.location.empty()) out["location"] = response.location.substr(0, 500);
  out["bytes"] = response.body.size();
  out["ms"] = static_cast<double>(response.duration.count()) / 1000.0;
  out["tls"] = response.handshake ? boost::json::value(tls::facts_of(*response.handshake)) : boost::json::value(nullptr);
  const bool certified = response.handshake && !response.handshake->chain.empty();
  out["certificate"] = certified ? boost::json::value(tls::facts_of(response.handshake->chain.front())) : boost::json::value(nullptr);
  return out;
}

}  // namespace mailmedic::https
