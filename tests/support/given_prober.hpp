#pragma once
#include <map>
#include <string>

#include "lib/smtp/prober.hpp"

namespace mailmedic::test {

/// Gives what was put in for an endpoint ("192.0.2.1:587") or for an address, and the fallback for any other.
class GivenProber : public smtp::Prober {
 public:
  boost::asio::awaitable<smtp::Probe> probe(smtp::ProbeRequest request) override {
    auto found = given.find(request.endpoint.text());
    if (found == given.end()) found = given.find(request.endpoint.address.to_string());
    smtp::Probe out = found == given.end() ? fallback : found->second;
    out.connected_to = request.endpoint;
    out.request = std::move(request);
    co_return out;
  }
  std::map<std::string, smtp::Probe> given;
  smtp::Probe fallback;
};

}  // namespace mailmedic::test
