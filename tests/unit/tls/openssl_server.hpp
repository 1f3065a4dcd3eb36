#pragma once
// A TLS server in memory: OpenSSL answers the hellos that we write by hand.
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <stdexcept>
#include <memory>
#include <string>
#include <vector>

#include "lib/tls/client_hello.hpp"
#include "lib/tls/scan.hpp"
#include "tools/demo/certificates.hpp"

namespace mailmedic::test {

struct ServerSettings {
  int oldest = TLS1_VERSION, newest = TLS1_3_VERSION;
  std::string ciphers = "DEFAULT:@SECLEVEL=0", suites{}, groups{};  ///< in OpenSSL's language
  bool prefers_its_own = false, asks_for_certificate = false;
  std::string staple{};
};

class OpenSslServer {
 public:
  OpenSslServer(const std::vector<demo::Identity>& identities, ServerSettings settings) : settings_(std::move(settings)) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* c = context_.get();
    SSL_CTX_set_security_level(c, 0);
    SSL_CTX_set_min_proto_version(c, settings_.oldest);
    SSL_CTX_set_max_proto_version(c, settings_.newest);
    SSL_CTX_set_dh_auto(c, 1);
    if (settings_.prefers_its_own) SSL_CTX_set_options(c, SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (settings_.asks_for_certificate) SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    bool fine = SSL_CTX_set_cipher_list(c, settings_.ciphers.c_str()) == 1;
    if (!settings_.suites.empty()) fine = fine && SSL_CTX_set_ciphersuites(c, settings_.suites.c_str()) == 1;
    if (!settings_.groups.empty()) fine = fine && SSL_CTX_set1_groups_list(c, settings_.groups.c_str()) == 1;
    for (const demo::Identity& identity : identities) fine = use(identity) && fine;
    if (!fine) throw std::runtime_error("the test's server cannot be set up");
  }

  /// What it says to these bytes.
  std::string reply_to(const std::string& bytes) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), &SSL_free);
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), in, out);
    SSL_set_accept_state(ssl.get());
    BIO_write(in, bytes.data(), static_cast<int>(bytes.size()));
    SSL_do_handshake(ssl.get());
    ERR_clear_error();
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
  }

  tls::Heard hear(const tls::ClientHello& hello) {
    ++hellos;
    tls::AnswerParser parser;
    parser.feed(reply_to(tls::bytes_of(hello, std::string(tls::hello_randomness, 'r'))));
    return {parser.answer().kind == tls::ServerAnswer::Kind::none ? tls::Heard::How::cut : tls::Heard::How::answered, parser.answer(), {}};
  }

  int hellos = 0;

 private:
  bool use(const demo::Identity& identity) {
    const auto pem = [](const std::string& text) { return std::unique_ptr<BIO, decltype(&BIO_free_all)>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all); };
    const auto chain = pem(identity.chain), key = pem(identity.key);
    const std::unique_ptr<X509, decltype(&X509_free)> own(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> secret(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    if (SSL_CTX_use_certificate(context_.get(), own.get()) != 1 || SSL_CTX_use_PrivateKey(context_.get(), secret.get()) != 1) return false;
    while (X509* more = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) SSL_CTX_add0_chain_cert(context_.get(), more);
    ERR_clear_error();
    return true;
  }

  ServerSettings settings_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
};

/// Asks until the pass is done.
template <typename Pass, typename Server>
void run(Pass& pass, Server& server) {
  for (int i = 0; i < 600; ++i) {
    const auto hello = pass.next();
    if (!hello) return;
    pass.take(server.hear(*hello));
  }
  throw std::runtime_error("the pass does not end");
}

}  // namespace mailmedic::test
