#include "tools/demo/scripted_smtp_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

namespace mailmedic::demo {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

asio::ssl::context server_context(const Script::StartTls& step) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_security_level(native, 0);
  SSL_CTX_set_min_proto_version(native, TLS1_VERSION);
  if (step.newest_protocol != 0) SSL_CTX_set_max_proto_version(native, step.newest_protocol);
  if (!step.ciphers.empty()) SSL_CTX_set_cipher_list(native, step.ciphers.c_str());
  context.use_certificate_chain(asio::buffer(step.identity.chain));
  context.use_private_key(asio::buffer(step.identity.key), asio::ssl::context::pem);
  return context;
}
}  // namespace

struct ScriptedSmtpServer::Impl {
  Impl(std::vector<Script> what, const std::string& address)
      : scripts(std::move(what)), acceptor(io, tcp::endpoint(asio::ip::make_address(address), 0)) {
    endpoint = net::Endpoint{acceptor.local_endpoint().address(), acceptor.local_endpoint().port()};
    asio::co_spawn(io, serve(), &rethrow);
    thread = std::thread([this] { io.run(); });
  }
  ~Impl() {
    io.stop();
    thread.join();
  }

  asio::awaitable<void> serve() {
    while (true) {
      auto [error, socket] = co_await acceptor.async_accept(as_values);
      if (error) co_return;
      asio::co_spawn(io, play(std::move(socket)), &rethrow);
    }
  }

  asio::awaitable<void> play(tcp::socket socket) {
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex);
      number = std::min(static_cast<std::size_t>(count++), scripts.size() - 1);
      most = std::max(most, ++open);
    }
    Connection connection(*this, std::move(socket));
    for (const Script::Step& step : scripts[number].steps()) {
      const bool going = co_await connection.take(step);
      if (!going) break;
    }
    const std::lock_guard lock(mutex);
    --open;
  }

  struct Connection {
    Connection(Impl& of, tcp::socket connected) : server(of), socket(std::move(connected)) {}

    /// Is there more to come?
    asio::awaitable<bool> take(const Script::Step& step) {
      if (const auto* say = std::get_if<Script::Say>(&step)) co_return co_await write(say->bytes);
      if (const auto* expect = std::get_if<Script::Expect>(&step)) co_return co_await read_line(expect->prefix);
      if (const auto* flood = std::get_if<Script::Flood>(&step)) co_return co_await write(std::string(flood->bytes, flood->filler));
      if (const auto* tls = std::get_if<Script::StartTls>(&step)) co_return co_await start_tls(*tls);
      if (const auto* wait = std::get_if<Script::Wait>(&step)) {
        asio::steady_timer timer(server.io, wait->time);
        co_await timer.async_wait(as_values);
        co_return true;
      }
      if (std::holds_alternative<Script::Hang>(step)) {
        char bytes[512];
        while (true) {
          const auto [error, size] = co_await socket.async_read_some(asio::buffer(bytes), as_values);
          if (error) co_return false;
        }
      }
      boost::system::error_code ignored;
      socket.set_option(asio::socket_base::linger(true, 0), ignored);
      socket.close(ignored);
      co_return false;
    }

    asio::awaitable<bool> write(std::string bytes) {
      if (tls) {
        const auto [error, size] = co_await asio::async_write(*tls, asio::buffer(bytes), as_values);
        co_return !error;
      }
      const auto [error, size] = co_await asio::async_write(socket, asio::buffer(bytes), as_values);
      co_return !error;
    }

    asio::awaitable<bool> read_line(std::string prefix) {
      std::size_t size = 0;
      boost::system::error_code error;
      auto buffer = asio::dynamic_buffer(input, 65536);
      if (tls)
        std::tie(error, size) = co_await asio::async_read_until(*tls, buffer, '\n', as_values);
      else
        std::tie(error, size) = co_await asio::async_read_until(socket, buffer, '\n', as_values);
      if (error) co_return false;
      std::string line = input.substr(0, size);
      input.erase(0, size);
      while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
      const bool as_expected = line.starts_with(prefix);
      const std::lock_guard lock(server.mutex);
      server.lines.push_back(std::move(line));
      co_return as_expected;
    }

    asio::awaitable<bool> start_tls(const Script::StartTls& step) {
      context.emplace(server_context(step));
      tls.emplace(socket, *context);
      const auto [error] = co_await tls->async_handshake(asio::ssl::stream_base::server, as_values);
      co_return !error;
    }

    Impl& server;
    tcp::socket socket;
    std::optional<asio::ssl::context> context;
    std::optional<asio::ssl::stream<tcp::socket&>> tls;
    std::string input;
  };

  std::vector<Script> scripts;
  mutable std::mutex mutex;
  std::vector<std::string> lines;
  int count = 0, open = 0, most = 0;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  net::Endpoint endpoint;
  std::thread thread;
};

ScriptedSmtpServer::ScriptedSmtpServer(Script script, const std::string& address)
    : ScriptedSmtpServer(std::vector<Script>{std::move(script)}, address) {}
ScriptedSmtpServer::ScriptedSmtpServer(std::vector<Script> scripts, const std::string& address) : impl_(std::make_unique<Impl>(std::move(scripts), address)) {}
ScriptedSmtpServer::~ScriptedSmtpServer() = default;

net::Endpoint ScriptedSmtpServer::endpoint() const { return impl_->endpoint; }
std::vector<std::string> ScriptedSmtpServer::heard() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->lines;
}
int ScriptedSmtpServer::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->count;
}
int ScriptedSmtpServer::most_at_once() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->most;
}

Script& Script::add(Step step) {
  steps_.push_back(std::move(step));
  return *this;
}

Script Script::polite(const Identity& identity, const std::vector<std::string>& extensions) {
  std::string listed = "250-mx.example.org\r\n";
  for (const std::string& extension : extensions) listed += "250-" + extension + "\r\n";
  Script out;
  out.reply("220 mx.example.org ESMTP").expect("EHLO").say(listed + "250 STARTTLS\r\n");
  out.answer("STARTTLS", "220 go ahead").start_tls(identity).expect("EHLO").say(listed + "250 HELP\r\n");
  return out.answer("QUIT", "221 bye");
}

net::Endpoint refused_endpoint() {
  asio::io_context io;
  const tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return {acceptor.local_endpoint().address(), acceptor.local_endpoint().port()};
}

}  // namespace mailmedic::demo
