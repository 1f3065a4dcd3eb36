#include "lib/dkim/key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "lib/dkim/openssl_key.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace {

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};

constexpr std::size_t ed25519_bytes = 32;
/// SubjectPublicKeyInfo in front of the 32 bytes. RFC 8410 section 10.1.
constexpr std::string_view ed25519_wrapping("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

struct Decoded {
  std::string bytes;  ///< as far as the text went
  std::string fault;
};

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (text::is_digit(c)) return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/// A text that ends early still gives its bytes, so that a cut key is told from a mistyped one.
Decoded decoded(std::string_view text) {
  Decoded out;
  std::size_t digits = text.size();
  while (digits > 0 && text[digits - 1] == '=') --digits;
  std::uint32_t bits = 0;
  int held = 0;
  for (std::size_t at = 0; at < digits; ++at) {
    const int value = sextet(text[at]);
    if (value < 0) {
      out.fault = "a character that base64 does not have, at offset " + std::to_string(at);
      return out;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.bytes += static_cast<char>(bits >> held & 0xff);
    }
  }
  if (text.size() % 4 != 0 || text.size() - digits > 2) out.fault = "its length is not a multiple of four: characters are missing or too many";
  return out;
}

/// Bytes that the outermost DER element takes, by its header; nothing when that is no SEQUENCE.
std::optional<std::size_t> announced_size(std::string_view der) {
  if (der.size() < 2 || static_cast<unsigned char>(der[0]) != 0x30) return std::nullopt;
  const auto first = static_cast<unsigned char>(der[1]);
  if (first < 0x80) return 2u + first;
  const std::size_t count = first & 0x7f;
  if (count == 0 || count > 3 || der.size() < 2 + count) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = length << 8 | static_cast<unsigned char>(der[2 + i]);
  return 2 + count + length;
}

Key faulty(KeyFault fault, std::string why) {
  Key key;
  key.fault = fault;
  key.why = std::move(why);
  return key;
}

Key ed25519(const Decoded& data, OpensslKey& opened) {
  if (data.bytes.size() == ed25519_wrapping.size() + ed25519_bytes && data.bytes.starts_with(ed25519_wrapping))
    return faulty(KeyFault::ed25519_wrapped, "the key is wrapped as SubjectPublicKeyInfo; only its last 32 bytes may be published");
  if (!data.fault.empty()) return faulty(KeyFault::not_base64, data.fault);
  if (data.bytes.size() < ed25519_bytes) return faulty(KeyFault::truncated, "an Ed25519 key has 32 bytes, this has " + std::to_string(data.bytes.size()));
  if (data.bytes.size() > ed25519_bytes) return faulty(KeyFault::not_a_key, "an Ed25519 key has 32 bytes, this has " + std::to_string(data.bytes.size()));
  Key key;
  key.bits = 256;
  opened.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(data.bytes.data()), data.bytes.size()));
  if (opened) key.fingerprint = fingerprint_of(opened.get());
  return key;
}

Key rsa(const Decoded& data, OpensslKey& opened) {
  const auto announced = announced_size(data.bytes);
  if (announced && *announced > data.bytes.size())
    return faulty(KeyFault::truncated, "the key announces " + std::to_string(*announced) + " bytes, only " + std::to_string(data.bytes.size()) + " are there");
  if (!data.fault.empty()) return faulty(KeyFault::not_base64, data.fault);
  if (data.bytes.size() == ed25519_bytes) return faulty(KeyFault::wrong_type, "32 bytes are an Ed25519 key, but k=ed25519 is missing");
  const auto* begin = reinterpret_cast<const unsigned char*>(data.bytes.data());
  const auto size = static_cast<long>(data.bytes.size());
  Key key;
  const unsigned char* at = begin;
  OpensslKey parsed(d2i_PUBKEY(nullptr, &at, size));
  if (!parsed) {
    at = begin;
    parsed.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
    key.bare_pkcs1 = parsed != nullptr;
  }
  ERR_clear_error();
  if (!parsed) return faulty(KeyFault::not_a_key, "the data is not an RSA public key (neither SubjectPublicKeyInfo nor PKCS#1)");
  if (EVP_PKEY_get_base_id(parsed.get()) != EVP_PKEY_RSA) return faulty(KeyFault::wrong_type, "the data is a key, but not an RSA key");
  if (at != begin + size) return faulty(KeyFault::not_a_key, "bytes follow behind the key");
  key.bits = EVP_PKEY_get_bits(parsed.get());
  BIGNUM* exponent = nullptr;
  if (EVP_PKEY_get_bn_param(parsed.get(), OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 && BN_num_bits(exponent) <= 64) {
    std::uint64_t value = 0;
    unsigned char bytes[8] = {};
    BN_bn2binpad(exponent, bytes, sizeof bytes);
    for (const unsigned char byte : bytes) value = value << 8 | byte;
    key.exponent = value;
  }
  const std::unique_ptr<BIGNUM, FreeNumber> owner(exponent);
  key.fingerprint = fingerprint_of(parsed.get());
  opened = std::move(parsed);
  return key;
}

}  // namespace

std::string public_der(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key, &bytes);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

std::string fingerprint_of(EVP_PKEY* key) {
  const std::string der = public_der(key);
  unsigned char digest[EVP_MAX_MD_SIZE] = {};
  unsigned int size = 0;
  if (der.empty() || EVP_Digest(der.data(), der.size(), digest, &size, EVP_sha256(), nullptr) != 1) return {};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

OpensslKey opened_key(std::string_view base64, std::string_view key_type, Key& about) {
  const Decoded data = decoded(base64);
  OpensslKey opened;
  about = key_type == "ed25519" ? ed25519(data, opened) : rsa(data, opened);
  return opened;
}

Key inspect_key(std::string_view base64, std::string_view key_type) {
  Key about;
  opened_key(base64, key_type, about);
  return about;
}

}  // namespace mailmedic::dkim
