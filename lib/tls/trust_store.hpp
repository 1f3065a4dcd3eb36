#pragma once
#include <memory>
#include <string>

extern "C" {
struct x509_store_st;
}

namespace mailmedic::tls {

/// The certification authorities that one is ready to believe. Loaded at its first use, not before: reading a
/// whole bundle takes tens of milliseconds, which a run without TLS must not pay. Copies share what is loaded.
/// Safe to use from several threads.
class TrustStore {
 public:
  /// OpenSSL's default places: SSL_CERT_FILE, SSL_CERT_DIR, else those that the distribution compiled in.
  static TrustStore system();
  /// One PEM file, and nothing else.
  static TrustStore from_file(std::string path);
  /// PEM text, and nothing else.
  static TrustStore from_pem(std::string pem);

  /// Loads if need be. Empty when the store can be used; else one English sentence that names the file.
  const std::string& error() const;

  /// Where it comes from, for reports: "the system's store", "/etc/ca.pem".
  const std::string& source() const;

  /// OpenSSL's store, for the sources of this folder. Null when error() says something.
  x509_store_st* native() const;

 private:
  struct State;
  explicit TrustStore(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};


}  // namespace mailmedic::tls
