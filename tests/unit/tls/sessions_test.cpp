// Sessions that are taken up again and second handshakes, between our client and OpenSSL's server in memory.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>

#include "lib/tls/session.hpp"
#include "tools/demo/certificates.hpp"

using namespace mailmedic;
using tls::Protocol;
using tls::Renegotiation;

namespace {
/// A server that remembers what an OpenSSL server remembers: the context outlives its connections.
class Server {
 public:
  explicit Server(std::uint64_t options = 0, std::uint32_t early_data = 0) : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
    static const demo::Identity identity = demo::make_identity({});
    const auto memory = [](const std::string& text) { return std::unique_ptr<BIO, decltype(&BIO_free_all)>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all); };
    const std::unique_ptr<X509, decltype(&X509_free)> own(PEM_read_bio_X509(memory(identity.certificate).get(), nullptr, nullptr, nullptr), &X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PrivateKey(memory(identity.key).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    SSL_CTX_use_certificate(context_.get(), own.get());
    SSL_CTX_use_PrivateKey(context_.get(), key.get());
    SSL_CTX_set_options(context_.get(), options);
    SSL_CTX_set_max_early_data(context_.get(), early_data);
    if (options & SSL_OP_NO_TICKET && options & SSL_OP_NO_TLSv1_2) SSL_CTX_set_num_tickets(context_.get(), 0);
  }
  void forget() { SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF); }

  /// Carries bytes to and fro until neither side has more to say.
  void meet(tls::Session& client) {
    if (!ssl_) {
      ssl_.reset(SSL_new(context_.get()));
      in_ = BIO_new(BIO_s_mem());
      out_ = BIO_new(BIO_s_mem());
      SSL_set_bio(ssl_.get(), in_, out_);
      SSL_set_accept_state(ssl_.get());
    }
    for (int round = 0; round < 20; ++round) {
      const std::string there = client.take_output();
      BIO_write(in_, there.data(), static_cast<int>(there.size()));
      char text[1024];
      SSL_read(ssl_.get(), text, sizeof text);
      ERR_clear_error();
      char* data = nullptr;
      const long size = BIO_get_mem_data(out_, &data);
      const std::string back(data, static_cast<std::size_t>(size));
      (void)BIO_reset(out_);
      client.receive(back);
      if (there.empty() && back.empty()) return;
    }
  }
  void hang_up() {
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // or it forgets the session
    ssl_.reset();
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  BIO *in_ = nullptr, *out_ = nullptr;
};

tls::Offer offer(Protocol protocol) {
  tls::Offer out;
  out.oldest = out.newest = protocol;
  out.collects = true;
  return out;
}

struct Twice {
  tls::Resumable given;
  bool resumed = false;
};
Twice connect_twice(Server& server, Protocol protocol) {
  Twice out;
  tls::Offer wanted = offer(protocol);
  tls::Session first(wanted);
  server.meet(first);
  EXPECT_EQ(first.state(), tls::Session::State::open) << first.facts().error;
  EXPECT_FALSE(first.facts().resumed);
  out.given = first.resumable();
  server.hang_up();
  wanted.resume = out.given.session;
  tls::Session second(wanted);
  server.meet(second);
  EXPECT_EQ(second.state(), tls::Session::State::open) << second.facts().error;
  out.resumed = second.facts().resumed;
  return out;
}
}  // namespace

// RFC 8446 section 2.2, RFC 5077
TEST(TlsSessions, ATicketIsTakenUpAgain) {
  for (const Protocol protocol : {Protocol::tls1_3, Protocol::tls1_2}) {
    Server server;
    const Twice seen = connect_twice(server, protocol);
    EXPECT_TRUE(seen.given.session && seen.given.by_ticket) << tls::protocol_text(protocol);
    EXPECT_GT(seen.given.lifetime_s, 0u);
    EXPECT_TRUE(seen.resumed) << tls::protocol_text(protocol);
    EXPECT_EQ(seen.given.early_data_bytes, 0u);
  }
}

// RFC 5246 section 7.4.1.2
TEST(TlsSessions, AnIdIsTakenUpAgain) {
  Server server(SSL_OP_NO_TICKET);
  const Twice seen = connect_twice(server, Protocol::tls1_2);
  EXPECT_TRUE(seen.given.session && !seen.given.by_ticket);
  EXPECT_TRUE(seen.resumed);
}

TEST(TlsSessions, AServerMayGiveNoneOrForgetIt) {
  Server none(SSL_OP_NO_TICKET);
  none.forget();
  EXPECT_FALSE(connect_twice(none, Protocol::tls1_2).given.session);
  Server first;
  tls::Offer wanted = offer(Protocol::tls1_3);
  tls::Session known(wanted);
  first.meet(known);
  wanted.resume = known.resumable().session;
  ASSERT_TRUE(wanted.resume);
  Server other;  // has other ticket keys
  tls::Session unknown(wanted);
  other.meet(unknown);
  EXPECT_EQ(unknown.state(), tls::Session::State::open);
  EXPECT_FALSE(unknown.facts().resumed);
}

TEST(TlsSessions, EarlyDataIsSeenInTheTicket) {
  Server server(0, 16384);
  EXPECT_EQ(connect_twice(server, Protocol::tls1_3).given.early_data_bytes, 16384u);
}

TEST(TlsSessions, AnOrdinaryHandshakeKeepsNone) {
  Server server;
  tls::Session session(tls::Offer{});
  server.meet(session);
  EXPECT_EQ(session.state(), tls::Session::State::open);
  EXPECT_FALSE(session.resumable().session);
}

// RFC 5246 section 7.4.1.1
TEST(TlsSessions, ASecondHandshakeIsTakenOrRefused) {
  const auto asked = [](std::uint64_t options, Protocol protocol) {
    Server server(options);
    tls::Session session(offer(protocol));
    server.meet(session);
    EXPECT_EQ(session.renegotiation(), Renegotiation::none);
    session.renegotiate();
    server.meet(session);
    return session.renegotiation();
  };
  EXPECT_EQ(asked(SSL_OP_ALLOW_CLIENT_RENEGOTIATION, Protocol::tls1_2), Renegotiation::taken);
  EXPECT_EQ(asked(0, Protocol::tls1_2), Renegotiation::refused);
  EXPECT_EQ(asked(0, Protocol::tls1_3), Renegotiation::none);
}

TEST(TlsSessions, SilenceIsNoAnswerToASecondHandshake) {
  Server server;
  tls::Session session(offer(Protocol::tls1_2));
  session.renegotiate();  // not open yet
  EXPECT_EQ(session.renegotiation(), Renegotiation::none);
  server.meet(session);
  session.renegotiate();
  EXPECT_FALSE(session.take_output().empty());
  EXPECT_EQ(session.renegotiation(), Renegotiation::pending);
}
