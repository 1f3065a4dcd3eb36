#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/connect_to.hpp"
#include "lib/smtp/prober.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::smtp {

struct NetworkOptions {
  /// For each step: the connection, each reply, the handshake. RFC 5321 section 4.5.3.2 asks senders to wait for
  /// minutes; a probe gives up sooner, and what it missed is "not measured".
  std::chrono::steady_clock::duration timeout = std::chrono::seconds(30);
  /// For the reply to QUIT, where it is waited for.
  std::chrono::steady_clock::duration quit_timeout = std::chrono::seconds(1);
  std::optional<net::Address> bind_address{};
  std::vector<net::ConnectTo> connect_to{};
  /// Our name in EHLO where the request gives none. Empty: this machine's own name when it is a full one, else
  /// the address literal of the connection (RFC 5321 section 4.1.3). Never a name that is not ours.
  std::string helo{};
};

/// Probes over the network, on the executor of the awaiting coroutine. A probe has few steps, a login at most ten
/// and XCLIENT as many as its attributes fill lines, so that it ends within thirty times the timeout.
class NetworkProber : public Prober {
 public:
  /// The store must outlive the prober. Certificates are verified as of `now`.
  NetworkProber(NetworkOptions options, const tls::TrustStore& store, std::chrono::system_clock::time_point now)
      : options_(std::move(options)), store_(store), now_(now) {}

  asio::awaitable<Probe> probe(ProbeRequest request) override;

 private:
  NetworkOptions options_;
  const tls::TrustStore& store_;
  std::chrono::system_clock::time_point now_;
};

}  // namespace mailmedic::smtp
