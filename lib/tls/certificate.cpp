#include "lib/tls/certificate.hpp"

#include <fmt/format.h>

#include <ctime>

#include "lib/text/ascii.hpp"
#include "lib/tls/openssl_certificate.hpp"

namespace mailmedic::tls {

namespace {
std::string name_text(const X509_NAME* name) {
  const auto out = openssl::writing();
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  return openssl::text_of(out.get());
}

std::string common_name(const X509_NAME* name) {
  int at = -1, last = -1;
  while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0) last = at;
  if (last < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return out;
}

std::chrono::system_clock::time_point time_of(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&fields));
}

std::vector<std::string> dns_names(X509* certificate) {
  std::vector<std::string> out;
  const openssl::Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    out.emplace_back(bytes, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  return out;
}

bool must_staple(X509* certificate) {
  constexpr long status_request = 5;  // RFC 6066 section 1.1
  const openssl::Features features(static_cast<TLS_FEATURE*>(X509_get_ext_d2i(certificate, NID_tlsfeature, nullptr, nullptr)));
  for (int i = 0; features && i < sk_ASN1_INTEGER_num(features.get()); ++i)
    if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == status_request) return true;
  return false;
}

std::string hexadecimal(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

std::string serial_text(const ASN1_INTEGER* serial) {
  const std::string digits = text::upper(hexadecimal(
      {reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)), static_cast<std::size_t>(ASN1_STRING_length(serial))}));
  return ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? "-" + digits : digits;
}

void read_key(X509* certificate, Certificate& out) {
  X509_PUBKEY* wrapped = X509_get_X509_PUBKEY(certificate);
  unsigned char* bytes = nullptr;
  if (const int size = i2d_X509_PUBKEY(wrapped, &bytes); size > 0) {
    out.public_key_der.assign(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
  }
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (!key) {
    ASN1_OBJECT* algorithm = nullptr;
    X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, wrapped);
    char text[80] = "";
    OBJ_obj2txt(text, sizeof text, algorithm, 0);
    out.key_type = text;
    return;
  }
  const char* type = EVP_PKEY_get0_type_name(key);
  out.key_type = type ? type : "";
  out.key_bits = EVP_PKEY_get_bits(key);
  char group[80];
  std::size_t size = 0;
  if (out.key_type == "EC" && EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1) out.key_group.assign(group, size);
}

bool matches(std::string_view pattern, std::string_view host) {
  if (pattern.starts_with("*.")) {
    const auto dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 && text::equals_ignoring_case(pattern.substr(1), host.substr(dot));
  }
  return text::equals_ignoring_case(pattern, host);
}

/// A host name's last label is never all digits (RFC 3696 section 2); of an address it is.
bool is_address(std::string_view host) {
  if (host.find(':') != std::string_view::npos) return true;
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return std::all_of(last.begin(), last.end(), text::is_digit);
}
}  // namespace

namespace openssl {

Certificate facts_of(X509* certificate) {
  Certificate out;
  out.subject = name_text(X509_get_subject_name(certificate));
  out.issuer = name_text(X509_get_issuer_name(certificate));
  out.common_name = common_name(X509_get_subject_name(certificate));
  out.dns_names = dns_names(certificate);
  out.not_before = time_of(X509_get0_notBefore(certificate));
  out.not_after = time_of(X509_get0_notAfter(certificate));
  read_key(certificate, out);
  const int signature = X509_get_signature_nid(certificate);
  out.signature = signature == NID_undef ? "unknown" : OBJ_nid2ln(signature);
  int digest = NID_undef;
  if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) == 1 && digest != NID_undef)
    out.signature_digest = OBJ_nid2sn(digest);
  else if (int key = NID_undef; OBJ_find_sigid_algs(signature, &digest, &key) == 1 && digest != NID_undef)
    out.signature_digest = OBJ_nid2sn(digest);
  out.serial = serial_text(X509_get0_serialNumber(certificate));
  unsigned char fingerprint[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), fingerprint, &size) == 1)
    out.sha256 = hexadecimal({reinterpret_cast<char*>(fingerprint), size});
  out.self_signed = X509_self_signed(certificate, 1) == 1;
  out.may_sign = X509_check_ca(certificate) == 1;
  out.must_staple = must_staple(certificate);
  out.der = to_der(certificate);
  X509_up_ref(certificate);
  out.parsed = std::shared_ptr<void>(certificate, [](void* owned) { X509_free(static_cast<X509*>(owned)); });
  ERR_clear_error();
  return out;
}

X509Ptr native(const Certificate& certificate) {
  auto* parsed = static_cast<X509*>(certificate.parsed.get());
  if (!parsed) return from_der(certificate.der);
  X509_up_ref(parsed);
  return X509Ptr(parsed);
}

Stack native(const std::vector<Certificate>& chain) {
  Stack out(sk_X509_new_null());
  for (const Certificate& certificate : chain)
    if (auto parsed = native(certificate)) sk_X509_push(out.get(), parsed.release());
  return out;
}

}  // namespace openssl

std::string Certificate::pem() const {
  const auto certificate = openssl::native(*this);
  const auto out = openssl::writing();
  if (!certificate || PEM_write_bio_X509(out.get(), certificate.get()) != 1) return {};
  return openssl::text_of(out.get());
}

text::Parsed<Certificate> parse_certificate(std::string_view der) {
  const auto certificate = openssl::from_der(der);
  if (!certificate) return text::ParseError{0, "not an X.509 certificate: " + openssl::take_error()};
  return openssl::facts_of(certificate.get());
}

text::Parsed<std::vector<Certificate>> parse_certificates_pem(std::string_view pem) {
  const auto in = openssl::reading(pem);
  std::vector<Certificate> out;
  ERR_clear_error();
  while (true) {
    const openssl::X509Ptr certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    out.push_back(openssl::facts_of(certificate.get()));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string why = openssl::take_error();
  if (out.empty() || !at_end)
    return text::ParseError{pem.size() - static_cast<std::size_t>(BIO_pending(in.get())), "no certificate: " + why};
  return out;
}

bool names_host(const Certificate& certificate, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || is_address(host)) return false;
  return std::any_of(certificate.dns_names.begin(), certificate.dns_names.end(),
                     [host](const std::string& name) { return matches(name, host); });
}

}  // namespace mailmedic::tls
