#include "lib/smtp/session.hpp"

#include <fmt/format.h>

#include "lib/net/failure.hpp"
#include "lib/smtp/our_name.hpp"

namespace mailmedic::smtp {

namespace {
std::string name_for(const ProbeRequest& request, const NetworkOptions& options, const net::Address& local) {
  if (!request.helo.empty()) return request.helo;
  if (!options.helo.empty()) return options.helo;
  return our_name(request.socket_path.empty() ? &local : nullptr);
}

void hide_in(Reply& reply, const Secrets& secrets) {
  for (std::string& line : reply.lines) line = secrets.masked(std::move(line));
}
}  // namespace

void hide_credentials(Probe& probe) {
  if (!probe.request.login) return;
  const sasl::Credentials& credentials = probe.request.login->credentials;
  if (credentials.password) probe.transcript.hide(*credentials.password);
  if (credentials.token) probe.transcript.hide(*credentials.token);
}

Session::Session(Probe& probe, const NetworkOptions& options, const asio::any_io_executor& executor)
    : probe_(probe), options_(options), transport_(executor, probe.transcript) {}

asio::awaitable<void> Session::converse(const tls::TrustStore& store, std::chrono::system_clock::time_point now) {
  if (!co_await connect()) co_return;
  DialogueSettings settings = settings_for();
  Dialogue dialogue(std::move(settings));
  Action action = dialogue.start();
  while (action.kind != Action::Kind::done) {
    begin(dialogue.stage());
    if (action.kind == Action::Kind::start_tls)
      action = co_await do_tls(dialogue, store, now);
    else
      action = co_await exchange(dialogue, std::move(action));
  }
  static_cast<Conversation&>(probe_) = dialogue.seen();
  if (probe_.handshake) probe_.handshake->alert = transport_.alert();
  if (probe_.cause == Cause::local_error && probe_.why.empty())
    probe_.why = "our name, the sender or the recipient holds a control character";
  hide_secrets();
}

DialogueSettings Session::settings_for() const {
  const ProbeRequest& request = probe_.request;
  DialogueSettings out{.helo = probe_.our_name, .encryption = request.encryption, .quit_after = request.quit_after};
  out.drop = request.drop;
  out.lmtp = request.lmtp;
  out.private_line = !request.socket_path.empty();
  out.xclient = request.xclient;
  out.login = request.login;
  out.mail_from = request.mail_from;
  out.rcpt_to = request.rcpt_to;
  out.wishes = request.wishes;
  return out;
}

/// A server may say a secret back in any reply.
void Session::hide_secrets() {
  const Secrets& secrets = probe_.transcript.secrets();
  if (secrets.empty()) return;
  for (auto* reply : {&probe_.banner, &probe_.ehlo, &probe_.ehlo_after_tls, &probe_.mail, &probe_.rcpt, &probe_.data, &probe_.quit})
    if (*reply) hide_in(**reply, secrets);
  if (!probe_.login) return;
  if (probe_.login->reply) hide_in(*probe_.login->reply, secrets);
  probe_.login->server_error = secrets.masked(std::move(probe_.login->server_error));
}

asio::awaitable<bool> Session::connect() {
  begin(Stage::connect);
  const std::string& path = probe_.request.socket_path;
  probe_.transcript.note("connecting to " + (path.empty() ? probe_.connected_to.text() : path));
  boost::system::error_code error;
  if (path.empty())
    error = co_await transport_.connect(probe_.connected_to, options_.bind_address, options_.timeout);
  else
    error = transport_.connect_local(path);
  end(error ? StageRecord::Outcome::failed : StageRecord::Outcome::passed);
  const net::Endpoint local = path.empty() ? transport_.local_endpoint() : net::Endpoint{};
  probe_.our_address = local.address;
  probe_.our_name = name_for(probe_.request, options_, local.address);
  if (!error) {
    co_await introduce(local);
    co_return true;
  }
  probe_.cause = net::cause_of<Cause>(error);
  probe_.stopped_at = Stage::connect;
  probe_.error = error;
  probe_.why = error == boost::system::errc::invalid_argument && options_.bind_address
                   ? "cannot connect from " + options_.bind_address->to_string()
                   : error.message();
  probe_.transcript.note("no connection: " + probe_.why);
  co_return false;
}

/// Says for whom we speak, where a PROXY header was asked for.
asio::awaitable<void> Session::introduce(net::Endpoint local) {
  if (!probe_.request.proxy) co_return;
  const ProxyHeader& header = *probe_.request.proxy;
  const net::Endpoint source = header.source.value_or(local), destination = header.destination.value_or(probe_.connected_to);
  co_await transport_.send_bytes(proxy_bytes(header.version, source, destination), proxy_text(header.version, source, destination), options_.timeout);
}

Transport::Limit Session::limit_of(Stage stage) const {
  if (stage == Stage::quit) return std::min(options_.quit_timeout, options_.timeout);
  if (stage == Stage::banner && probe_.request.greeting_patience.count() > 0) return probe_.request.greeting_patience;
  return options_.timeout;
}

asio::awaitable<void> Session::send(Line line, Transport::Limit limit) {
  if (line.wire != line.shown) probe_.transcript.hide(std::string_view(line.wire).substr(line.wire.rfind(' ') + 1));
  co_await transport_.send(std::move(line), limit);
}

asio::awaitable<Action> Session::exchange(Dialogue& dialogue, Action action) {
  const Stage stage = dialogue.stage();
  const auto limit = limit_of(stage);
  if (action.kind == Action::Kind::send) co_await send(std::move(action.line), limit);
  if (stage == Stage::quit && !probe_.request.await_quit) {
    end(StageRecord::Outcome::passed);
    co_return done();
  }
  Received received = co_await transport_.receive(limit);
  if (received.cause != Cause::none) {
    end(StageRecord::Outcome::failed);
    co_return fail(dialogue, received);
  }
  if (received.reply.bare_lf) probe_.bare_lf = true;
  const int code = received.reply.code;
  const bool yes = stage == Stage::starttls ? code == 220 : stage == Stage::auth || stage == Stage::data ? received.reply.is_positive() : code / 100 == 2;
  end(yes ? StageRecord::Outcome::passed : StageRecord::Outcome::rejected);
  co_return dialogue.on_reply(received.reply);
}

Action Session::fail(Dialogue& dialogue, const Received& received) {
  Cause cause = received.cause;
  // The first words are the ones that show what listens there.
  if (cause == Cause::reply_malformed && dialogue.stage() == Stage::banner) cause = Cause::not_smtp;
  if (dialogue.stage() != Stage::quit) {
    probe_.error = received.error;
    probe_.why = received.why.empty() && received.error ? received.error.message() : received.why;
    probe_.transcript.note(fmt::format("{}: {}", cause_text(cause), probe_.why));
  }
  return dialogue.on_failure(cause);
}

asio::awaitable<Action> Session::do_tls(Dialogue& dialogue, const tls::TrustStore& store, std::chrono::system_clock::time_point now) {
  probe_.text_before_tls = transport_.take_left_over().substr(0, 4096);
  if (!probe_.text_before_tls.empty()) {
    probe_.transcript.received(probe_.text_before_tls, false);
    probe_.transcript.note("clear text after the reply to STARTTLS: discarded");
  }
  tls::Handshake shake = co_await transport_.start_tls(probe_.request.host, store, now, options_.timeout);
  const bool completed = shake.completed;
  end(completed ? StageRecord::Outcome::passed : StageRecord::Outcome::failed);
  std::string note = completed ? fmt::format("TLS started: {} {} {}", shake.protocol, shake.cipher, shake.group)
                               : fmt::format("TLS failed: {} {}", tls::failure_text(shake.failure), shake.error);
  probe_.transcript.note(note);
  if (!completed) probe_.why = shake.error;
  probe_.handshake = std::move(shake);
  const tls::Verification& verified = probe_.handshake->verification;
  const bool proved = verified.performed && verified.trusted && verified.name_matches.value_or(false);
  co_return completed ? dialogue.on_tls(proved, transport_.channel_binding()) : dialogue.on_failure(Cause::tls_failed);
}

/// A stage of several exchanges (AUTH, XCLIENT) is one record.
void Session::begin(Stage stage) {
  if (!probe_.stages.empty() && probe_.stages.back().stage == stage) return;
  probe_.stages.push_back({stage, probe_.transcript.elapsed(), {}, StageRecord::Outcome::failed});
}

void Session::end(StageRecord::Outcome outcome) {
  StageRecord& stage = probe_.stages.back();
  stage.duration = probe_.transcript.elapsed() - stage.started;
  stage.outcome = outcome;
}

}  // namespace mailmedic::smtp
