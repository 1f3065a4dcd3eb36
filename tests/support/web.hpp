#pragma once
// A small web for checks: what each host serves is said by the test. The network itself is tested in tests/dialogues
// and in the lab.
#include <map>

#include "checks/check.hpp"
#include "lib/https/getter.hpp"

namespace mailmedic::test {

class Web : public https::Getter {
 public:
  /// A good certificate and status 200, text/plain; change what is to be wrong.
  static https::Response page(std::string body) {
    https::Response response;
    response.stopped_at = https::Stage::body;
    response.status = 200;
    response.reason = "OK";
    response.content_type = response.media_type = "text/plain";
    response.body = std::move(body);
    tls::Handshake shake;
    shake.completed = true;
    shake.protocol = "TLSv1.3";
    tls::Certificate own;
    own.subject = "CN=test";
    own.not_before = TimePoint{} - std::chrono::days(10);
    own.not_after = TimePoint{} + std::chrono::days(80);
    shake.chain.push_back(std::move(own));
    shake.verification.performed = shake.verification.trusted = shake.verification.anchored = true;
    shake.verification.name_matches = true;
    response.handshake = std::move(shake);
    return response;
  }
  /// No answer at all.
  static https::Response stopped(https::Stage stage, https::Cause cause) {
    https::Response response;
    response.stopped_at = stage;
    response.cause = cause;
    response.why = std::string(https::cause_text(cause));
    if (cause == https::Cause::tls_failed) {
      response.handshake.emplace();
      response.handshake->failure = tls::Failure::alert;
    }
    return response;
  }

  asio::awaitable<https::Response> get(https::Request request) override {
    ++requests;
    https::Response response = stopped(https::Stage::connect, https::Cause::refused);
    for (const std::string& key : {request.host + " " + request.endpoint.address.to_string(), request.host})
      if (const auto found = pages.find(key); found != pages.end()) {
        response = found->second;
        break;
      }
    response.connected_to = request.endpoint;
    response.request = std::move(request);
    co_return response;
  }

  std::map<std::string, https::Response> pages;  ///< by host, or by "host address"
  int requests = 0;
};

}  // namespace mailmedic::test
