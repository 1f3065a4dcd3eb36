#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "lib/text/parse_error.hpp"

extern "C" {
struct ssl_ctx_st;
}

namespace mailmedic::tls {

/// A certificate with its private key, ready to be shown to clients. Copies share what is loaded.
class ServerIdentity {
 public:
  /// PEM texts: the certificate with those of its issuers behind it, and its key, not encrypted. The error says which of
  /// the two is wrong.
  static text::Parsed<ServerIdentity> from_pem(std::string_view chain, std::string_view key);
  /// Signs itself: a key on P-256, for `host` alone, from a day before `now` for ninety days. A sender that encrypts
  /// whenever it can (RFC 7435) takes it, one that verifies does not.
  static text::Parsed<ServerIdentity> self_made(const std::string& host, std::chrono::system_clock::time_point now);

  /// OpenSSL's context, for the sources of this folder.
  ssl_ctx_st* native() const { return context_.get(); }

 private:
  explicit ServerIdentity(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace mailmedic::tls
