#include "lib/tls/trust_store.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

#include "lib/tls/openssl.hpp"

namespace mailmedic::tls {

struct TrustStore::State {
  enum class Origin { system, file, pem } origin;
  std::string source, pem;
  std::once_flag loaded;
  openssl::Store store;
  std::string error;

  State(Origin from, std::string where, std::string text = {})
      : origin(from), source(std::move(where)), pem(std::move(text)) {}

  const State& ready() {
    std::call_once(loaded, [this] { load(); });
    return *this;
  }

 private:
  void load() {
    store.reset(X509_STORE_new());
    ERR_clear_error();
    if (origin == Origin::system) load_system();
    if (origin == Origin::file) load_file();
    if (origin == Origin::pem) add(pem);
    if (!error.empty()) store.reset();
  }

  static std::string place(const char* variable, const char* otherwise) {
    const char* value = std::getenv(variable);
    return value && *value ? value : otherwise;
  }

  // OpenSSL succeeds with places that hold nothing, and everything would then look untrusted.
  void load_system() {
    const std::string file = place(X509_get_default_cert_file_env(), X509_get_default_cert_file());
    const std::string folder = place(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
    std::error_code failed;
    const bool some = std::filesystem::is_regular_file(file, failed) ||
                      (std::filesystem::is_directory(folder, failed) && !std::filesystem::is_empty(folder, failed));
    if (!some || X509_STORE_set_default_paths(store.get()) != 1)
      error = "no certification authorities in " + file + " or " + folder;
  }

  void load_file() {
    std::ifstream in(source, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad())
      error = source + ": " + std::strerror(errno);
    else
      add(text);
  }

  void add(const std::string& text) {
    const auto in = openssl::reading(text);
    int count = 0;
    while (true) {
      const openssl::X509Ptr certificate(PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr));
      if (!certificate) break;
      X509_STORE_add_cert(store.get(), certificate.get());
      ++count;
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    const std::string why = openssl::take_error();
    if (count == 0)
      error = source + ": no certificate in it";
    else if (!at_end)
      error = source + ": certificate " + std::to_string(count + 1) + " cannot be read: " + why;
  }
};

TrustStore TrustStore::system() {
  return TrustStore(std::make_shared<State>(State::Origin::system, "the system's store"));
}
TrustStore TrustStore::from_file(std::string path) {
  return TrustStore(std::make_shared<State>(State::Origin::file, std::move(path)));
}
TrustStore TrustStore::from_pem(std::string pem) {
  return TrustStore(std::make_shared<State>(State::Origin::pem, "PEM text", std::move(pem)));
}

const std::string& TrustStore::error() const { return state_->ready().error; }
const std::string& TrustStore::source() const { return state_->source; }
x509_store_st* TrustStore::native() const { return state_->ready().store.get(); }

}  // namespace mailmedic::tls
