#include "lib/dkim/verify_key.hpp"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "lib/dkim/openssl_key.hpp"

namespace mailmedic::dkim {

namespace {

struct FreeKeyContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext>;
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// A context in which an RSA key verifies, or gives back what was signed.
KeyContext rsa_context(EVP_PKEY* key, int (*init)(EVP_PKEY_CTX*)) {
  KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  const bool ready = context && init(context.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1;
  return ready ? std::move(context) : nullptr;
}

}  // namespace

struct VerifyKey::Parts {
  OpensslKey key;
  KeyContext verify, recover;                      // RSA
  std::unique_ptr<EVP_MD_CTX, FreeDigest> digest;  // Ed25519
};

VerifyKey::VerifyKey(std::string_view base64, std::string_view key_type) : parts_(std::make_unique<Parts>()) {
  parts_->key = opened_key(base64, key_type, about_);
  if (!parts_->key) return;
  if (is_rsa()) parts_->verify = rsa_context(parts_->key.get(), EVP_PKEY_verify_init);
  else parts_->digest.reset(EVP_MD_CTX_new());
  ERR_clear_error();
}

VerifyKey::~VerifyKey() = default;

bool VerifyKey::is_rsa() const { return parts_->key && EVP_PKEY_get_base_id(parts_->key.get()) == EVP_PKEY_RSA; }

std::size_t VerifyKey::signature_size() const { return parts_->key ? static_cast<std::size_t>(EVP_PKEY_get_size(parts_->key.get())) : 0; }

bool VerifyKey::verifies(std::string_view hash, std::string_view signature) {
  int verified = 0;
  if (parts_->verify) {
    verified = EVP_PKEY_verify(parts_->verify.get(), bytes(signature), signature.size(), bytes(hash), hash.size());
  } else if (parts_->digest && EVP_DigestVerifyInit(parts_->digest.get(), nullptr, nullptr, nullptr, parts_->key.get()) == 1) {
    verified = EVP_DigestVerify(parts_->digest.get(), bytes(signature), signature.size(), bytes(hash), hash.size());
  }
  if (verified != 1) ERR_clear_error();
  return verified == 1;
}

std::optional<std::string> VerifyKey::signed_hash(std::string_view signature) {
  if (!is_rsa()) return std::nullopt;
  if (!parts_->recover) parts_->recover = rsa_context(parts_->key.get(), EVP_PKEY_verify_recover_init);
  std::string out(signature_size(), '\0');
  std::size_t size = out.size();
  const bool recovered = parts_->recover && EVP_PKEY_verify_recover(parts_->recover.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes(signature), signature.size()) == 1;
  ERR_clear_error();
  if (!recovered) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace mailmedic::dkim
