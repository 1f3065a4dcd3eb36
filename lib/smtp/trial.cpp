#include "lib/smtp/trial.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "lib/net/connect_to.hpp"
#include "lib/smtp/our_name.hpp"
#include "lib/smtp/transport.hpp"

namespace mailmedic::smtp {

namespace {
using namespace std::chrono_literals;

constexpr std::pair<Trial, std::string_view> words[] = {
    {Trial::pipelining, "pipelining"}, {Trial::early_talk, "early-talk"}, {Trial::relay, "relay"}, {Trial::starttls_injection, "starttls-injection"},
    {Trial::smuggling, "smuggling"},   {Trial::vrfy, "vrfy"},             {Trial::postmaster, "postmaster"}};

/// How long silence must last to be an answer.
constexpr auto silence = 3s;

/// A conversation with the server, step by step.
class Attempt {
 public:
  Attempt(TrialSeen& seen, const TrialRequest& request, const NetworkOptions& options, const asio::any_io_executor& executor, const tls::TrustStore& store,
          std::chrono::system_clock::time_point now, const std::pair<std::string, std::string>& end)
      : seen_(seen), request_(request), options_(options), store_(store), now_(now), transport_(executor, seen.transcript), end_(end) {}

  asio::awaitable<void> operator()() {
    co_await perform();
    transport_.close();
  }
  /// Instead of the trial: NOOP alone, on a connection of its own.
  void only_ask_whether_it_answers() { only_asks_ = true; }

 private:
  asio::awaitable<void> perform() {
    const net::Endpoint to = net::redirected(options_.connect_to, request_.host, request_.endpoint);
    const auto error = co_await transport_.connect(to, options_.bind_address, options_.timeout);
    if (error) {
      fail("no connection: " + error.message());
      co_return;
    }
    const net::Address local = transport_.local_endpoint().address;
    helo_ = options_.helo.empty() ? our_name(&local) : options_.helo;
    const Trial trial = seen_.trial;
    if (trial == Trial::early_talk) co_await early_talk();
    if (trial == Trial::starttls_injection) co_await starttls_injection();
    if (trial == Trial::early_talk || trial == Trial::starttls_injection) co_return;
    const bool is_greeted = co_await greet();
    if (!is_greeted) co_return;
    if (only_asks_) co_await get_through("NOOP");
    else if (trial == Trial::pipelining) co_await pipelining();
    if (trial == Trial::relay) co_await relay();
    if (trial == Trial::smuggling) co_await smuggling();
    if (trial == Trial::vrfy) co_await vrfy();
    if (trial == Trial::postmaster) co_await postmaster();
    if (trial != Trial::smuggling) co_await transport_.send(Line::plain("QUIT"), options_.timeout);
  }

  void fail(std::string why) {
    seen_.transcript.note(why);
    if (seen_.why.empty()) seen_.why = std::move(why);
  }

  asio::awaitable<std::optional<Reply>> receive(Transport::Limit limit) {
    Received received = co_await transport_.receive(limit);
    std::optional<Reply> out;
    if (received.cause == Cause::none) out = std::move(received.reply);
    else last_cause_ = received.cause;
    co_return out;
  }

  asio::awaitable<std::optional<Reply>> say(std::string line) {
    co_await transport_.send(Line::plain(std::move(line)), options_.timeout);
    co_return co_await receive(options_.timeout);
  }

  /// A command that must succeed for the trial to go on.
  asio::awaitable<bool> get_through(std::string line, int hundreds = 2) {
    const std::string command = line.substr(0, line.find(' '));
    const std::optional<Reply> reply = co_await say(std::move(line));
    if (reply && reply->code / 100 == hundreds) co_return true;
    fail(reply ? fmt::format("{}: {}", command, reply->text()) : fmt::format("{}: {}", command, cause_text(last_cause_)));
    co_return false;
  }

  asio::awaitable<bool> receive_banner() {
    const std::optional<Reply> banner = co_await receive(options_.timeout);
    if (banner && banner->code == 220) co_return true;
    fail(banner ? "greeting: " + banner->text() : fmt::format("greeting: {}", cause_text(last_cause_)));
    co_return false;
  }

  asio::awaitable<bool> say_ehlo() {
    const std::optional<Reply> reply = co_await say("EHLO " + helo_);
    if (reply && reply->is_positive()) {
      can_ = capabilities_of(*reply);
      co_return true;
    }
    fail(reply ? "EHLO: " + reply->text() : fmt::format("EHLO: {}", cause_text(last_cause_)));
    co_return false;
  }

  asio::awaitable<bool> start_tls() {
    tls::Handshake shake = co_await transport_.start_tls(request_.host, store_, now_, options_.timeout);
    if (!shake.completed) fail("TLS: " + shake.error);
    co_return shake.completed;
  }

  /// To the EHLO behind STARTTLS, where that is offered.
  asio::awaitable<bool> greet() {
    const bool is_implicit = request_.encryption == Encryption::implicit;
    if (is_implicit) {
      const bool is_up = co_await start_tls();
      if (!is_up) co_return false;
    }
    const bool is_met = co_await meet();
    if (!is_met) co_return false;
    if (is_implicit || request_.encryption == Encryption::none || !can_.starttls()) co_return true;
    const bool is_ready = co_await get_through("STARTTLS");
    if (!is_ready) co_return false;
    const bool is_up = co_await start_tls();
    if (!is_up) co_return false;
    co_return co_await say_ehlo();
  }

  /// Greeting and EHLO.
  asio::awaitable<bool> meet() {
    const bool is_greeted = co_await receive_banner();
    if (!is_greeted) co_return false;
    co_return co_await say_ehlo();
  }

  asio::awaitable<void> pipelining() {
    if (!can_.pipelining()) {
      fail("PIPELINING is not offered");
      co_return;
    }
    // RSET and NOOP change nothing; NOOP may only be the last of a group (RFC 2920 section 3.1).
    co_await transport_.send_bytes("RSET\r\nRSET\r\nNOOP\r\n", "RSET, RSET, NOOP in one go", options_.timeout);
    for (const char* form : {"RSET", "RSET", "NOOP"}) {
      std::optional<Reply> reply = co_await receive(options_.timeout);
      seen_.steps.push_back({form, std::move(reply)});
    }
    seen_.was_performed = true;
  }

  asio::awaitable<void> early_talk() {
    if (request_.encryption == Encryption::implicit) {
      fail("with implicit TLS nothing can be said before the greeting");
      co_return;
    }
    co_await transport_.send(Line::plain("EHLO " + helo_), options_.timeout);
    for (const char* form : {"greeting", "EHLO"}) {
      std::optional<Reply> reply = co_await receive(options_.timeout);
      const bool goes_on = reply && reply->is_positive();
      seen_.steps.push_back({form, std::move(reply)});
      if (!goes_on) break;
    }
    // A server that turns us away says so or hangs up; silence may have any cause.
    if (!seen_.steps.back().reply && last_cause_ == Cause::timed_out) fail(fmt::format("{}: {}", seen_.steps.back().form, cause_text(last_cause_)));
    else seen_.was_performed = true;
  }

  asio::awaitable<void> relay() {
    for (const RelayForm& form : relay_forms(request_)) {
      const std::string mail = fmt::format("MAIL FROM:<{}>", form.sender), rcpt = fmt::format("RCPT TO:<{}>", form.recipient);
      std::optional<Reply> reply = co_await say(mail);
      const bool is_sender_fine = reply && reply->is_positive();
      if (is_sender_fine) reply = co_await say(rcpt);
      const bool is_gone = !reply || reply->code == 421;
      seen_.steps.push_back({is_sender_fine ? mail + ", " + rcpt : mail, std::move(reply), is_sender_fine && form.is_plain});
      if (is_gone) break;
      const bool goes_on = co_await get_through("RSET");
      if (!goes_on) break;
    }
    // A relay shows by one form that is taken. That there is none shows only where each form had its final answer.
    const auto is_open = [](const TrialStep& step) { return !step.reply || step.reply->is_transient(); };
    const auto is_taken = [](const TrialStep& step) { return step.is_plain_relay && step.reply && step.reply->is_positive(); };
    const auto open = std::find_if(seen_.steps.begin(), seen_.steps.end(), is_open);
    const bool any_taken = std::any_of(seen_.steps.begin(), seen_.steps.end(), is_taken);
    if (open != seen_.steps.end() && !any_taken) fail(fmt::format("{}: {}", open->form, open->reply ? open->reply->text() : cause_text(last_cause_)));
    seen_.was_performed = any_taken || seen_.why.empty();
  }

  asio::awaitable<void> starttls_injection() {
    if (request_.encryption != Encryption::starttls_if_offered && request_.encryption != Encryption::starttls_required) {
      fail("there is no STARTTLS with implicit TLS");
      co_return;
    }
    const bool is_met = co_await meet();
    if (!is_met) co_return;
    if (!can_.starttls()) {
      fail("STARTTLS is not offered");
      co_return;
    }
    co_await transport_.send_bytes("STARTTLS\r\nNOOP\r\n", "STARTTLS, NOOP in one go", options_.timeout);
    const std::optional<Reply> ready = co_await receive(options_.timeout);
    if (!ready || ready->code != 220) {
      // A server that refuses what is behind STARTTLS does what it should. "Later" is no refusal.
      seen_.was_performed = ready && ready->is_permanent();
      if (!seen_.was_performed) fail(fmt::format("STARTTLS: {}", ready ? ready->text() : cause_text(last_cause_)));
      seen_.steps.push_back({"STARTTLS with NOOP behind it", ready});
      co_return;
    }
    // An answer to NOOP in the clear is no injection: the command stayed outside.
    if (const std::string clear = transport_.take_left_over(); !clear.empty()) seen_.transcript.note("answered in the clear: the command stayed outside TLS");
    const bool is_up = co_await start_tls();
    if (!is_up) co_return;
    std::optional<Reply> reply = co_await say("QUIT");
    if (!reply) {
      fail(fmt::format("within TLS: {}", cause_text(last_cause_)));
      co_return;
    }
    // 221 is the answer to QUIT, 250 that to the NOOP. Anything else tells nothing.
    if (reply->code != 221 && reply->code != 250) fail("within TLS: " + reply->text());
    seen_.was_performed = seen_.why.empty();
    seen_.steps.push_back({"first reply within TLS, to QUIT", std::move(reply)});
  }

  /// A message that is broken off where the server waits for its proper end is never delivered (RFC 5321 section 4.1.1.4).
  asio::awaitable<void> smuggling() {
    const std::vector<std::string> commands{fmt::format("MAIL FROM:<{}>", request_.sender), fmt::format("RCPT TO:<{}>", request_.recipient), "DATA"};
    for (const std::string& command : commands) {
      const bool goes_on = co_await get_through(command, command == "DATA" ? 3 : 2);
      if (!goes_on) co_return;
    }
    std::string message = fmt::format("From: <{}>\r\nTo: <{}>\r\nSubject: mailmedic: this message ended in {}\r\n\r\ntest{}", request_.sender, request_.recipient, end_.first, end_.second);
    co_await transport_.send_bytes(std::move(message), fmt::format("(a short message that ends in {})", end_.first), options_.timeout);
    std::optional<Reply> reply = co_await receive(std::min<Transport::Limit>(silence, options_.timeout));
    seen_.transcript.note(reply ? "the server took this for the end" : last_cause_ == Cause::timed_out ? "no reply: the server waits for the proper end, and we close" : "no reply: the server closed the connection");
    seen_.steps.push_back({end_.first, std::move(reply)});
    seen_.was_performed = true;
  }

  asio::awaitable<void> vrfy() {
    const std::string known = request_.recipient.empty() ? "postmaster" : request_.recipient;
    const std::vector<std::string> commands{"VRFY " + known, "VRFY mailmedic-no-such-user", "EXPN mailmedic-no-such-list", "EXPN " + known};
    for (const std::string& command : commands) {
      std::optional<Reply> reply = co_await say(command);
      const bool gone = !reply;
      seen_.steps.push_back({command, std::move(reply)});
      if (gone) break;
    }
    if (!seen_.steps.back().reply) fail(fmt::format("{}: {}", seen_.steps.back().form, cause_text(last_cause_)));
    seen_.was_performed = seen_.why.empty();
  }

  asio::awaitable<void> postmaster() {
    const bool goes_on = co_await get_through("MAIL FROM:<>");
    if (!goes_on) co_return;
    const std::string recipient = fmt::format("postmaster@{}", request_.domain);
    std::optional<Reply> reply = co_await say(fmt::format("RCPT TO:<{}>", recipient));
    if (!reply) {
      fail(fmt::format("RCPT: {}", cause_text(last_cause_)));
      co_return;
    }
    seen_.steps.push_back({recipient, std::move(reply)});
    seen_.was_performed = true;
  }

  TrialSeen& seen_;
  const TrialRequest& request_;
  const NetworkOptions& options_;
  const tls::TrustStore& store_;
  std::chrono::system_clock::time_point now_;
  Transport transport_;
  std::string helo_;
  Capabilities can_;
  Cause last_cause_ = Cause::none;
  bool only_asks_ = false;
  const std::pair<std::string, std::string>& end_;  ///< of the message, for smuggling
};
}  // namespace

std::string_view trial_word(Trial trial) {
  for (const auto& [known, word] : words)
    if (known == trial) return word;
  return {};
}

std::optional<Trial> parse_trial(std::string_view word) {
  for (const auto& [trial, known] : words)
    if (known == word) return trial;
  return std::nullopt;
}

std::vector<RelayForm> relay_forms(const TrialRequest& request) {
  const auto at = request.relay_to.rfind('@');
  const std::string user = request.relay_to.substr(0, at), foreign = request.relay_to.substr(at + 1), &domain = request.domain;
  const net::Address& address = request.endpoint.address;
  const std::string literal = address_literal(address);
  std::vector<RelayForm> out{{request.sender, request.relay_to, true}, {"", request.relay_to, true}, {"postmaster@" + domain, request.relay_to, true}, {"postmaster@" + literal, request.relay_to, true}};
  const std::string odd[] = {fmt::format("{}%{}@{}", user, foreign, domain), fmt::format("{}%{}@{}", user, foreign, literal), fmt::format("\"{}\"@{}", request.relay_to, domain),
                             fmt::format("\"{}\"", request.relay_to),       fmt::format("@{}:{}", domain, request.relay_to), fmt::format("@{}:{}", literal, request.relay_to),
                             fmt::format("{}!{}", foreign, user),            fmt::format("{}!{}@{}", foreign, user, domain), fmt::format("{}!{}@{}", foreign, user, literal)};
  for (const std::string& recipient : odd) out.push_back({request.sender, recipient, false});
  return out;
}

const std::vector<std::pair<std::string, std::string>>& wrong_ends() {
  using namespace std::string_literals;
  static const std::vector<std::pair<std::string, std::string>> ends{
      {"LF . LF", "\n.\n"},     {"LF . CRLF", "\n.\r\n"}, {"CRLF . LF", "\r\n.\n"}, {"CR . CRLF", "\r.\r\n"}, {"CRLF . CR", "\r\n.\r"},
      {"CR . CR", "\r.\r"},     {"CR . LF", "\r.\n"},      {"LF . CR", "\n.\r"},      {"CRLF NUL . CRLF", "\r\n\0.\r\n"s}};
  return ends;
}

asio::awaitable<TrialSeen> try_server(Trial trial, TrialRequest request, const NetworkOptions& options, const tls::TrustStore& store,
                                      std::chrono::system_clock::time_point now) {
  const auto executor = co_await asio::this_coro::executor;
  TrialSeen seen{.trial = trial};
  for (const auto& end : wrong_ends()) {
    Attempt attempt(seen, request, options, executor, store, now, end);
    co_await attempt();
    // A connection for each wrong end; other trials need one alone.
    if (trial != Trial::smuggling || !seen.why.empty()) break;
  }
  // A reply that was lost and a server that is slow look alike, until one command alone is answered in time.
  const bool is_missing = std::any_of(seen.steps.begin(), seen.steps.end(), [](const TrialStep& step) { return !step.reply; });
  if (trial == Trial::pipelining && seen.was_performed && is_missing) {
    Attempt alone(seen, request, options, executor, store, now, wrong_ends().front());
    alone.only_ask_whether_it_answers();
    co_await alone();
    seen.was_performed = seen.why.empty();
  }
  co_return seen;
}

}  // namespace mailmedic::smtp
