#include "lib/tls/server_session.hpp"

#include <utility>

#include "lib/tls/openssl.hpp"

namespace mailmedic::tls {

struct ServerSession::Impl {
  ServerIdentity identity;  // keeps the context
  openssl::Ssl ssl;
  BIO* in = nullptr;   // owned by ssl
  BIO* out = nullptr;  // owned by ssl
  State state = State::handshaking;
  std::string plaintext;
  ClientTls facts;

  explicit Impl(const ServerIdentity& given) : identity(given), ssl(SSL_new(identity.native())) {
    if (!ssl) {
      give_up(openssl::take_error());
      return;
    }
    in = BIO_new(BIO_s_mem());
    out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl.get(), in, out);
    SSL_set_accept_state(ssl.get());
  }

  void give_up(std::string why) {
    state = State::failed;
    facts.error = why.empty() ? "the handshake failed" : std::move(why);
  }

  void advance() {
    if (state == State::handshaking) handshake();
    if (state == State::open) read();
  }

  void handshake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl.get());
    if (const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name)) facts.sni = name;
    if (done != 1) {
      const int error = SSL_get_error(ssl.get(), done);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) give_up(openssl::take_error());
      return;
    }
    state = State::open;
    facts.protocol = SSL_get_version(ssl.get());
    if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl.get())) {
      const char* name = SSL_CIPHER_standard_name(cipher);
      facts.cipher = name ? name : SSL_CIPHER_get_name(cipher);
      facts.cipher_bits = SSL_CIPHER_get_bits(cipher, nullptr);
    }
  }

  void read() {
    char buffer[4096];
    while (true) {
      ERR_clear_error();
      const int size = SSL_read(ssl.get(), buffer, sizeof buffer);
      if (size > 0) {
        plaintext.append(buffer, static_cast<std::size_t>(size));
        continue;
      }
      const int error = SSL_get_error(ssl.get(), size);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) state = State::closed;
      ERR_clear_error();
      return;
    }
  }
};

ServerSession::ServerSession(const ServerIdentity& identity) : impl_(std::make_unique<Impl>(identity)) {}
ServerSession::~ServerSession() = default;
ServerSession::ServerSession(ServerSession&&) noexcept = default;
ServerSession& ServerSession::operator=(ServerSession&&) noexcept = default;

ServerSession::State ServerSession::state() const { return impl_->state; }

void ServerSession::receive(std::string_view bytes) {
  if (bytes.empty() || impl_->state == State::failed || impl_->state == State::closed) return;
  BIO_write(impl_->in, bytes.data(), static_cast<int>(bytes.size()));
  impl_->advance();
}

void ServerSession::send(std::string_view plaintext) {
  if (impl_->state != State::open || plaintext.empty()) return;
  ERR_clear_error();
  if (SSL_write(impl_->ssl.get(), plaintext.data(), static_cast<int>(plaintext.size())) <= 0) impl_->state = State::closed;
}

std::string ServerSession::take_output() {
  if (!impl_->ssl) return {};
  std::string out = openssl::text_of(impl_->out);
  (void)BIO_reset(impl_->out);
  return out;
}

std::string ServerSession::take_plaintext() { return std::exchange(impl_->plaintext, {}); }
ClientTls ServerSession::facts() const { return impl_->facts; }

}  // namespace mailmedic::tls
