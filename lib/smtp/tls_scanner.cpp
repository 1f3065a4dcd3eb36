#include "lib/smtp/tls_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <random>

#include "lib/net/parallel.hpp"
#include "lib/net/waiting.hpp"
#include "lib/smtp/our_name.hpp"
#include "lib/smtp/reply.hpp"

namespace mailmedic::smtp {

namespace {
using boost::system::error_code;
using tls::Heard;
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr int most_connections = 600, attempts = 3;

/// One connection, up to the point where a hello can be sent.
class Door {
 public:
  Door(const asio::any_io_executor& executor, const ScanOptions& options) : socket_(executor), options_(options) {}

  /// Empty, or why there is no way to the hello.
  asio::awaitable<std::string> open(net::Endpoint to, Encryption encryption) {
    const asio::ip::tcp::endpoint endpoint(to.address, to.port);
    error_code failed;
    socket_.socket().open(endpoint.protocol(), failed);
    if (!failed && options_.bind_address && options_.bind_address->is_v6() == to.address.is_v6()) {
      const asio::ip::tcp::endpoint from(*options_.bind_address, 0);
      socket_.socket().bind(from, failed);
    }
    if (failed) co_return failed.message();
    socket_.expires_after(options_.timeout);
    const auto [error] = co_await socket_.async_connect(endpoint, as_values);
    if (error) co_return error.message();
    socket_.socket().set_option(asio::ip::tcp::no_delay(true), failed);  // a hello must not wait for the ACK of STARTTLS
    if (encryption == Encryption::implicit) co_return std::string();
    co_return co_await greet();
  }

  asio::awaitable<Heard> say(const std::string& hello) {
    Heard heard;
    socket_.expires_after(options_.timeout);
    co_await asio::async_write(socket_, asio::buffer(hello), as_values);
    tls::AnswerParser parser;
    error_code error;
    while (!parser.is_done() && !error) {
      char bytes[8192];
      const auto [failed, size] = co_await socket_.async_read_some(asio::buffer(bytes), as_values);
      parser.feed(std::string_view(bytes, size));
      error = failed;
    }
    heard.answer = parser.answer();
    const bool nothing = heard.answer.kind == tls::ServerAnswer::Kind::none;
    heard.how = !nothing                                    ? Heard::How::answered
                : error == boost::beast::error::timeout ? Heard::How::silent
                                                        : Heard::How::cut;
    co_return heard;
  }

 private:
  /// Banner, EHLO, STARTTLS, as the dialogue has it.
  asio::awaitable<std::string> greet() {
    DialogueSettings settings{.helo = options_.helo};
    if (settings.helo.empty()) settings.helo = address_literal(socket_.socket().local_endpoint().address());
    settings.encryption = Encryption::starttls_required;
    settings.quit_after = Stage::starttls;
    Dialogue dialogue(std::move(settings));
    Action action = dialogue.start();
    while (action.kind != Action::Kind::done && dialogue.stage() != Stage::quit) {
      if (action.kind == Action::Kind::send) {
        const std::string line = action.line.wire + "\r\n";
        co_await asio::async_write(socket_, asio::buffer(line), as_values);
      }
      Reply reply;
      const std::string failed = co_await receive(reply);
      if (!failed.empty()) co_return fmt::format("{}: {}", stage_label(dialogue.stage()), failed);
      action = dialogue.on_reply(reply);
    }
    const Conversation& seen = dialogue.seen();
    if (seen.starttls && seen.starttls->code == 220) co_return std::string();
    const auto& last = seen.starttls ? seen.starttls : seen.helo ? seen.helo : seen.ehlo ? seen.ehlo : seen.banner;
    const bool not_offered = seen.cause == Cause::starttls_not_offered;
    co_return not_offered || !last ? std::string("STARTTLS is not offered") : last->text().substr(0, 500);
  }

  asio::awaitable<std::string> receive(Reply& reply) {
    socket_.expires_after(options_.timeout);
    ReplyParser parser;
    while (true) {
      buffer_.erase(0, parser.feed(buffer_));
      if (parser.state() == ReplyParser::State::complete) {
        reply = parser.take();
        co_return std::string();
      }
      if (parser.state() != ReplyParser::State::incomplete) co_return parser.why();
      char bytes[4096];
      const auto [error, size] = co_await socket_.async_read_some(asio::buffer(bytes), as_values);
      buffer_.append(bytes, size);
      if (error && size == 0) co_return error == asio::error::eof ? std::string("the server closed the connection") : error.message();
    }
  }

  boost::beast::tcp_stream socket_;
  const ScanOptions& options_;
  std::string buffer_;
};

class Scan {
 public:
  Scan(const asio::any_io_executor& executor, Scanned& out, const ScanOptions& options)
      : executor_(executor), out_(out), options_(options), to_(net::redirected(options.connect_to, out.request.host, out.request.endpoint)), at_once_(options.at_once) {}

  asio::awaitable<void> operator()() {
    using tls::Version;
    std::vector<asio::awaitable<tls::VersionFacts>> work;
    work.push_back(look_at_newest());
    for (const Version version : {Version::tls1_2, Version::tls1_1, Version::tls1_0, Version::ssl3, Version::ssl2}) work.push_back(look_at(version));
    out_.versions = co_await net::in_parallel(std::move(work));
    // An old server's groups are those of its newest version.
    const auto newest = std::find_if(out_.versions.begin(), out_.versions.end(), [](const auto& v) { return v.is_spoken(); });
    if (newest != out_.versions.end() && (newest->version == Version::tls1_1 || newest->version == Version::tls1_0)) co_await ask_for_groups(*newest);
    doubt();
    co_await look_at_sessions();
  }

 private:
  asio::awaitable<tls::VersionFacts> look_at_newest() {
    tls::Tls13Pass pass(out_.request.host);
    while (const auto hello = pass.next()) {
      const Heard heard = co_await ask(*hello);
      pass.take(heard);
    }
    co_return pass.facts();
  }

  asio::awaitable<tls::VersionFacts> look_at(tls::Version version) {
    tls::SuitePass pass(version, out_.request.host);
    while (const auto hello = pass.next()) {
      const Heard heard = co_await ask(*hello);
      pass.take(heard);
    }
    tls::VersionFacts facts = pass.facts();
    if (version == tls::Version::tls1_2 && facts.is_spoken() && facts.suites_are_all) co_await ask_for_groups(facts);
    co_return facts;
  }

  asio::awaitable<void> ask_for_groups(tls::VersionFacts& facts) {
    tls::GroupPass pass(facts, out_.request.host);
    while (const auto hello = pass.next()) {
      const Heard heard = co_await ask(*hello);
      pass.take(heard);
    }
  }

  asio::awaitable<void> look_at_sessions() {
    using tls::Version;
    const std::pair<Version, tls::Protocol> known[] = {
        {Version::tls1_3, tls::Protocol::tls1_3}, {Version::tls1_2, tls::Protocol::tls1_2}, {Version::tls1_1, tls::Protocol::tls1_1}, {Version::tls1_0, tls::Protocol::tls1_0}};
    std::vector<asio::awaitable<SessionFacts>> work;
    for (const auto& [version, protocol] : known) {
      const tls::VersionFacts* facts = out_.version(version);
      if (!facts || !facts->is_spoken()) continue;
      work.push_back(look_at_sessions(protocol));
      if (version != Version::tls1_3) break;
    }
    out_.sessions = co_await net::in_parallel(std::move(work));
    for (const SessionFacts& facts : out_.sessions) out_.connections += facts.connections;
  }

  asio::awaitable<SessionFacts> look_at_sessions(tls::Protocol protocol) {
    co_await enter();
    SessionFacts facts = co_await try_sessions(out_.request, protocol, options_);
    leave();
    co_return facts;
  }

  /// A server that closed every connection has told nothing, however often it did.
  void doubt() {
    if (out_.speaks_tls()) return;
    for (tls::VersionFacts& facts : out_.versions)
      if (facts.support == tls::VersionFacts::Support::no && facts.how.starts_with("the connection was closed")) facts.support = tls::VersionFacts::Support::unknown;
  }

  asio::awaitable<Heard> ask(tls::ClientHello hello) {
    Heard heard;
    for (int attempt = 0; attempt < attempts; ++attempt) {
      co_await enter();
      // Nobody gets in: then six versions need not try three times each.
      const bool hopeless = (reached_ == 0 && out_.failed >= attempts) || out_.connections >= most_connections;
      if (!hopeless) heard = co_await try_once(hello);
      if (hopeless) heard.why = out_.connections >= most_connections ? "our limit of connections" : out_.trouble;
      leave();
      if (hopeless || heard.how != Heard::How::not_reached) co_return heard;
      at_once_ = 1;  // it may count connections
      if (attempt + 1 < attempts) co_await rest(std::chrono::milliseconds(300 * (attempt + 1)));
    }
    co_return heard;
  }

  asio::awaitable<Heard> try_once(const tls::ClientHello& hello) {
    Heard heard;
    ++out_.connections;
    Door door(executor_, options_);
    heard.why = co_await door.open(to_, out_.request.encryption);
    if (!heard.why.empty()) {
      ++out_.failed;
      out_.trouble = heard.why;
      co_return heard;
    }
    ++reached_;
    const std::string bytes = tls::bytes_of(hello, randomness());
    heard = co_await door.say(bytes);
    co_return heard;
  }

  std::string randomness() {
    std::string out;
    while (out.size() < tls::hello_randomness) out += static_cast<char>(dice_() & 0xff);
    return out;
  }

  asio::awaitable<void> rest(std::chrono::steady_clock::duration time) {
    asio::steady_timer timer(executor_, time);
    co_await timer.async_wait(as_values);
  }

  asio::awaitable<void> enter() {
    while (busy_ >= at_once_) co_await waiting_.wait();
    ++busy_;
    if (options_.pace.count() == 0) co_return;
    const auto now = std::chrono::steady_clock::now(), mine = std::max(now, next_start_);
    next_start_ = mine + options_.pace;
    if (mine > now) co_await rest(mine - now);
  }
  void leave() {
    --busy_;
    waiting_.wake_all();
  }

  asio::any_io_executor executor_;
  Scanned& out_;
  const ScanOptions& options_;
  net::Endpoint to_;
  int at_once_, busy_ = 0, reached_ = 0;
  net::Waiting waiting_;
  std::chrono::steady_clock::time_point next_start_{};
  std::mt19937 dice_{std::random_device{}()};
};
}  // namespace

bool Scanned::speaks_tls() const {
  return std::any_of(versions.begin(), versions.end(), [](const tls::VersionFacts& v) { return v.is_spoken(); });
}

const tls::VersionFacts* Scanned::version(tls::Version version) const {
  const auto at = std::find_if(versions.begin(), versions.end(), [&](const tls::VersionFacts& v) { return v.version == version; });
  return at == versions.end() ? nullptr : &*at;
}

asio::awaitable<Scanned> scan_tls(ScanRequest request, ScanOptions options) {
  const auto executor = co_await asio::this_coro::executor;
  const auto started = std::chrono::steady_clock::now();
  Scanned out;
  out.request = std::move(request);
  Scan scan(executor, out, options);
  co_await scan();
  out.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
  co_return out;
}

}  // namespace mailmedic::smtp
