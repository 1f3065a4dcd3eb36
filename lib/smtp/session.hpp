#pragma once
#include <boost/asio/any_io_executor.hpp>

#include "lib/smtp/network_prober.hpp"
#include "lib/smtp/transport.hpp"

namespace mailmedic::smtp {

/// Has the secrets of the probe's login masked in its transcript.
void hide_credentials(Probe& probe);

/// One connection: does what the dialogue says, and writes into a probe how it went. The probe holds the request, and must
/// outlive this.
class Session {
 public:
  Session(Probe& probe, const NetworkOptions& options, const asio::any_io_executor& executor);

  /// To the last stage of the request. The connection stays open where the request says `drop` and all went well.
  asio::awaitable<void> converse(const tls::TrustStore& store, std::chrono::system_clock::time_point now);
  Transport& transport() { return transport_; }
  void close() { transport_.close(); }

 private:
  DialogueSettings settings_for() const;
  void hide_secrets();
  asio::awaitable<bool> connect();
  asio::awaitable<void> introduce(net::Endpoint local);
  Transport::Limit limit_of(Stage stage) const;
  asio::awaitable<void> send(Line line, Transport::Limit limit);
  asio::awaitable<Action> exchange(Dialogue& dialogue, Action action);
  Action fail(Dialogue& dialogue, const Received& received);
  asio::awaitable<Action> do_tls(Dialogue& dialogue, const tls::TrustStore& store, std::chrono::system_clock::time_point now);
  void begin(Stage stage);
  void end(StageRecord::Outcome outcome);

  Probe& probe_;
  const NetworkOptions& options_;
  Transport transport_;
};

}  // namespace mailmedic::smtp
