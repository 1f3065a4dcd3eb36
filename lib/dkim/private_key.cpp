#include "lib/dkim/private_key.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/dkim/openssl_key.hpp"
#include "lib/dkim/signature_field.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace {

constexpr std::size_t max_file = 64 * 1024;
constexpr std::size_t seed_bytes = 32;  // RFC 8032 section 5.1.5

/// A text that is wiped when it is no longer needed.
struct Secret {
  std::string bytes = std::string(max_file + 1, '\0');
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(bytes.data(), bytes.capacity()); }
};

/// The content in `secret`, the permission bits in `mode`; an error text, or empty.
std::string read(const std::string& file, Secret& secret, unsigned& mode) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::strerror(errno);
  struct stat about {};
  std::string wrong;
  std::size_t size = 0;
  if (::fstat(descriptor, &about) != 0) wrong = std::strerror(errno);
  else if (!S_ISREG(about.st_mode)) wrong = "not a regular file";
  while (wrong.empty() && size < secret.bytes.size()) {
    const ssize_t got = ::read(descriptor, secret.bytes.data() + size, secret.bytes.size() - size);
    if (got < 0) wrong = std::strerror(errno);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  ::close(descriptor);
  if (wrong.empty() && size > max_file) wrong = "larger than 64 KiB, so it is no private key";
  secret.bytes.resize(size);
  mode = about.st_mode & 07777;
  return wrong;
}

/// Asked for when a key is encrypted; nobody is there to type it.
int no_passphrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

OpensslKey from_pem(const std::string& text, bool& encrypted) {
  BIO* input = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  OpensslKey key(PEM_read_bio_PrivateKey(input, nullptr, no_passphrase, &encrypted));
  BIO_free(input);
  ERR_clear_error();
  return key;
}

/// A seed in base64, alone or followed by its public key.
OpensslKey from_seed(const std::string& text) {
  const std::string_view digits = text::trimmed(text);
  if (digits.size() != 44 && digits.size() != 88) return nullptr;
  unsigned char bytes[66] = {};
  const int size = EVP_DecodeBlock(bytes, reinterpret_cast<const unsigned char*>(digits.data()), static_cast<int>(digits.size()));
  OpensslKey key(size < static_cast<int>(seed_bytes) ? nullptr : EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes, seed_bytes));
  OPENSSL_cleanse(bytes, sizeof bytes);
  ERR_clear_error();
  return key;
}

}  // namespace

text::Parsed<OpensslKey> opened_private_key(const std::string& file, PrivateKey& out) {
  out.file = file;
  Secret secret;
  if (const std::string wrong = read(file, secret, out.mode); !wrong.empty()) return text::ParseError{0, file + ": " + wrong};
  bool encrypted = false;
  OpensslKey key = from_pem(secret.bytes, encrypted);
  if (!key) key = from_seed(secret.bytes);
  if (encrypted) return text::ParseError{0, file + ": the key is encrypted; give the key as the signing server reads it"};
  if (!key && secret.bytes.find("PUBLIC KEY-----") != std::string::npos) return text::ParseError{0, file + ": this is a public key; give the private key that signs"};
  if (!key) return text::ParseError{0, file + ": not a private key in PEM form"};
  const int type = EVP_PKEY_get_base_id(key.get());
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_ED25519) return text::ParseError{0, file + ": DKIM signs with RSA and Ed25519 keys only, this is another kind"};
  const std::string der = public_der(key.get());
  out.key_type = type == EVP_PKEY_RSA ? "rsa" : "ed25519";
  out.bits = type == EVP_PKEY_RSA ? EVP_PKEY_get_bits(key.get()) : 256;
  out.fingerprint = fingerprint_of(key.get());
  out.public_base64 = encoded_base64(type == EVP_PKEY_RSA ? std::string_view(der) : std::string_view(der).substr(der.size() - seed_bytes));
  return key;
}

text::Parsed<PrivateKey> read_private_key(const std::string& file) {
  PrivateKey about;
  const auto key = opened_private_key(file, about);
  if (!key) return key.error();
  return about;
}

}  // namespace mailmedic::dkim
