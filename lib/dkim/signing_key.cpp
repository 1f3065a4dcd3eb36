#include "lib/dkim/signing_key.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/dkim/openssl_key.hpp"

namespace mailmedic::dkim {

namespace {

struct FreeKeyContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

}  // namespace

struct SigningKey::Parts {
  OpensslKey key;
  std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext> rsa;
  std::unique_ptr<EVP_MD_CTX, FreeDigest> ed25519;
};

SigningKey::SigningKey() : parts_(std::make_unique<Parts>()) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

text::Parsed<SigningKey> SigningKey::read(const std::string& file) {
  SigningKey out;
  auto key = opened_private_key(file, out.about_);
  if (!key) return key.error();
  out.parts_->key = std::move(*key);
  if (out.about_.key_type != "rsa") {
    out.parts_->ed25519.reset(EVP_MD_CTX_new());
    return out;
  }
  if (out.about_.bits < least_rsa_bits) return text::ParseError{0, file + ": an RSA key of " + std::to_string(out.about_.bits) + " bits; receivers refuse signatures of keys under 1024 bits"};
  out.parts_->rsa.reset(EVP_PKEY_CTX_new(out.parts_->key.get(), nullptr));
  EVP_PKEY_CTX* context = out.parts_->rsa.get();
  const bool ready = context && EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1;
  ERR_clear_error();
  if (!ready) return text::ParseError{0, file + ": OpenSSL cannot sign with this key"};
  return out;
}

std::string_view SigningKey::algorithm() const { return parts_->rsa ? "rsa-sha256" : "ed25519-sha256"; }

std::string SigningKey::sign(std::string_view hash) {
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(parts_->key.get())), '\0');
  std::size_t size = out.size();
  auto* into = reinterpret_cast<unsigned char*>(out.data());
  const auto* from = reinterpret_cast<const unsigned char*>(hash.data());
  int done = 0;
  if (parts_->rsa) done = EVP_PKEY_sign(parts_->rsa.get(), into, &size, from, hash.size());
  else if (EVP_DigestSignInit(parts_->ed25519.get(), nullptr, nullptr, nullptr, parts_->key.get()) == 1) done = EVP_DigestSign(parts_->ed25519.get(), into, &size, from, hash.size());
  ERR_clear_error();
  out.resize(done == 1 ? size : 0);
  return out;
}

namespace {

/// An error text, or empty. What was begun and not finished is removed again.
std::string write_new(const std::string& file, std::string_view content) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return errno == EEXIST ? "this file exists, and keys are never overwritten; name another one" : std::strerror(errno);
  std::string wrong;
  while (!content.empty() && wrong.empty()) {
    const ssize_t put = ::write(descriptor, content.data(), content.size());
    if (put < 0) wrong = std::strerror(errno);
    else content.remove_prefix(static_cast<std::size_t>(put));
  }
  if (wrong.empty() && ::fsync(descriptor) != 0 && errno != EINVAL) wrong = std::strerror(errno);
  if (::close(descriptor) != 0 && wrong.empty()) wrong = std::strerror(errno);
  if (!wrong.empty()) ::unlink(file.c_str());
  return wrong;
}

}  // namespace

text::Parsed<PrivateKey> create_private_key(const std::string& file, const std::string& key_type, int bits) {
  const OpensslKey key(key_type == "rsa" ? EVP_RSA_gen(static_cast<unsigned>(bits)) : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const std::unique_ptr<BIO, FreeBio> out(BIO_new(BIO_s_secmem()));
  const bool made = key && out && PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  ERR_clear_error();
  if (!made) return text::ParseError{0, file + ": OpenSSL makes no such key"};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  if (const std::string wrong = write_new(file, {bytes, static_cast<std::size_t>(size)}); !wrong.empty()) return text::ParseError{0, file + ": " + wrong};
  return read_private_key(file);
}

}  // namespace mailmedic::dkim
