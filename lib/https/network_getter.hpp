#pragma once
#include <chrono>
#include <optional>
#include <vector>

#include "lib/https/getter.hpp"
#include "lib/net/connect_to.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::https {

struct NetworkOptions {
  /// For each step: the connection, the handshake, each wait for bytes.
  std::chrono::steady_clock::duration timeout = std::chrono::seconds(30);
  /// For the whole. RFC 8461 section 3.3 suggests that senders wait a minute for a policy.
  std::chrono::steady_clock::duration total = std::chrono::seconds(60);
  std::optional<net::Address> bind_address{};
  std::vector<net::ConnectTo> connect_to{};
};

/// Bytes of status line and header fields that are read at most.
inline constexpr std::size_t header_limit = 16 * 1024;

/// Asks over the network, on the executor of the awaiting coroutine.
class NetworkGetter : public Getter {
 public:
  /// The store must outlive the getter. Certificates are verified as of `now`.
  NetworkGetter(NetworkOptions options, const tls::TrustStore& store, std::chrono::system_clock::time_point now)
      : options_(std::move(options)), store_(store), now_(now) {}

  asio::awaitable<Response> get(Request request) override;

 private:
  NetworkOptions options_;
  const tls::TrustStore& store_;
  std::chrono::system_clock::time_point now_;
};

}  // namespace mailmedic::https
