#include "lib/smtp/tls_sessions.hpp"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>

#include "lib/smtp/our_name.hpp"
#include "lib/smtp/transport.hpp"

namespace mailmedic::smtp {

namespace {
/// How long a server that speaks no SMTP may take for the ticket that follows its handshake.
constexpr std::chrono::milliseconds ticket_patience{500};

/// One connection, to the point where TLS stands and the server has spoken within it: a ticket of TLS 1.3 comes with that.
class Visit {
 public:
  Visit(const asio::any_io_executor& executor, const ScanRequest& request, const ScanOptions& options)
      : request_(request), options_(options), transport_(executor, transcript_) {}

  asio::awaitable<tls::Handshake> open(tls::Offer offer) {
    awaits_ticket_ = offer.newest == tls::Protocol::tls1_3;
    const net::Endpoint to = net::redirected(options_.connect_to, request_.host, request_.endpoint);
    const auto error = co_await transport_.connect(to, options_.bind_address, options_.timeout);
    if (error) co_return failed(error.message());
    const bool implicit = request_.encryption == Encryption::implicit;
    if (!implicit) {
      const bool is_ready = co_await ask_for_tls();
      if (!is_ready) co_return failed(why_);
    }
    tls::Handshake shake = co_await transport_.start_tls(std::move(offer), options_.timeout);
    if (shake.completed) co_await listen(implicit);
    co_return shake;
  }

  tls::Resumable given() const { return transport_.resumable(); }

  asio::awaitable<tls::Renegotiation> renegotiate() {
    const tls::Renegotiation answer = co_await transport_.renegotiate(options_.timeout);
    co_return answer;
  }

  /// In the server's own manner where there is one: a session whose connection breaks off is forgotten by some.
  asio::awaitable<void> leave() {
    if (request_.speaks_smtp) co_await say("QUIT", 221);
    transport_.close();
  }

 private:
  static tls::Handshake failed(std::string why) {
    tls::Handshake out;
    out.error = std::move(why);
    return out;
  }

  std::string name() const { return options_.helo.empty() ? address_literal(transport_.local_endpoint().address) : options_.helo; }

  asio::awaitable<bool> expect(int code) {
    const Received received = co_await transport_.receive(options_.timeout);
    if (received.cause == Cause::none && received.reply.code == code) co_return true;
    why_ = received.cause == Cause::none ? received.reply.text().substr(0, 500) : std::string(cause_text(received.cause));
    co_return false;
  }

  asio::awaitable<bool> say(std::string line, int code) {
    co_await transport_.send(Line::plain(std::move(line)), options_.timeout);
    const bool as_expected = co_await expect(code);
    co_return as_expected;
  }

  asio::awaitable<bool> ask_for_tls() {
    const bool is_greeted = co_await expect(220);
    if (!is_greeted) co_return false;
    const bool is_met = co_await say("EHLO " + name(), 250);
    if (!is_met) co_return false;
    const bool is_ready = co_await say("STARTTLS", 220);
    transport_.take_left_over();
    co_return is_ready;
  }

  /// Whatever it says: what counts is that the bytes before it were read.
  asio::awaitable<void> listen(bool implicit) {
    if (!request_.speaks_smtp) {
      // Waiting in vain ends the connection.
      if (awaits_ticket_) co_await transport_.receive(std::min<Transport::Limit>(ticket_patience, options_.timeout));
    } else if (implicit) {
      co_await expect(220);
    } else {
      co_await say("EHLO " + name(), 250);
    }
  }

  const ScanRequest& request_;
  const ScanOptions& options_;
  Transcript transcript_;
  Transport transport_;
  std::string why_;
  bool awaits_ticket_ = false;
};

tls::Offer offer_of(const ScanRequest& request, tls::Protocol protocol) {
  tls::Offer out;
  out.host = request.host;
  out.oldest = out.newest = protocol;
  out.collects = true;
  return out;
}
}  // namespace

std::string_view resumption_text(SessionFacts::Resumption resumption) {
  switch (resumption) {
    case SessionFacts::Resumption::unknown: return "unknown";
    case SessionFacts::Resumption::none: return "none";
    case SessionFacts::Resumption::resumed: return "resumed";
    case SessionFacts::Resumption::refused: return "refused";
  }
  return "unknown";
}

std::string_view renegotiation_text(tls::Renegotiation renegotiation) {
  switch (renegotiation) {
    case tls::Renegotiation::none: return "not_tried";
    case tls::Renegotiation::pending: return "unknown";
    case tls::Renegotiation::taken: return "taken";
    case tls::Renegotiation::refused: return "refused";
  }
  return "unknown";
}

boost::json::object facts_of(const SessionFacts& facts) {
  boost::json::object out{{"version", tls::protocol_text(facts.protocol)}, {"resumption", resumption_text(facts.resumption)}};
  const bool was_given = facts.resumption == SessionFacts::Resumption::resumed || facts.resumption == SessionFacts::Resumption::refused;
  if (was_given) out["by"] = facts.by_ticket ? "ticket" : "session id";
  if (was_given && facts.lifetime_s > 0) out["lifetime_s"] = facts.lifetime_s;
  if (was_given && facts.protocol == tls::Protocol::tls1_3) out["early_data_bytes"] = facts.early_data_bytes;
  if (facts.protocol != tls::Protocol::tls1_3) out["renegotiation"] = renegotiation_text(facts.renegotiation);
  if (!facts.why.empty()) out["why"] = facts.why;
  return out;
}

asio::awaitable<SessionFacts> try_sessions(ScanRequest request, tls::Protocol protocol, const ScanOptions& options) {
  const auto executor = co_await asio::this_coro::executor;
  SessionFacts out;
  out.protocol = protocol;
  const bool knows_renegotiation = protocol != tls::Protocol::tls1_3;
  tls::Offer offer = offer_of(request, protocol);
  tls::Resumable given;
  {
    Visit first(executor, request, options);
    ++out.connections;
    const tls::Handshake shake = co_await first.open(offer);
    if (!shake.completed) {
      out.why = shake.error;
      co_return out;
    }
    given = first.given();
    if (!given.session && knows_renegotiation) out.renegotiation = co_await first.renegotiate();
    else co_await first.leave();
  }
  if (!given.session) {
    out.resumption = SessionFacts::Resumption::none;
    co_return out;
  }
  out.by_ticket = given.by_ticket;
  out.lifetime_s = given.lifetime_s;
  out.early_data_bytes = given.early_data_bytes;
  offer.resume = given.session;
  Visit second(executor, request, options);
  ++out.connections;
  const tls::Handshake shake = co_await second.open(std::move(offer));
  if (!shake.completed) {
    out.why = shake.error;
    co_return out;
  }
  out.resumption = shake.resumed ? SessionFacts::Resumption::resumed : SessionFacts::Resumption::refused;
  // Last of all, as it ends most connections.
  if (knows_renegotiation) out.renegotiation = co_await second.renegotiate();
  else co_await second.leave();
  co_return out;
}

}  // namespace mailmedic::smtp
