#include "lib/tls/mark_certificate.hpp"

#include "lib/text/ascii.hpp"
#include "lib/tls/openssl_certificate.hpp"

namespace mailmedic::tls {

namespace {
constexpr const char* brand_indicator_usage = "1.3.6.1.5.5.7.3.31";
constexpr const char* logotype_extension = "1.3.6.1.5.5.7.1.12";
constexpr const char* timestamps_extension = "1.3.6.1.4.1.11129.2.4.2";
constexpr const char* mark_type_attribute = "1.3.6.1.4.1.53087.1.13";
constexpr int max_depth = 24;
constexpr std::size_t max_logos = 4;

using Object = std::unique_ptr<ASN1_OBJECT, openssl::Release<&ASN1_OBJECT_free>>;
Object object(const char* oid) { return Object(OBJ_txt2obj(oid, 1)); }

std::string text_of(ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, string);
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return out;
}

/// The bytes of an extension's value; empty where it is absent.
std::string_view extension(X509* certificate, const char* oid) {
  const int at = X509_get_ext_by_OBJ(certificate, object(oid).get(), -1);
  if (at < 0) return {};
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

bool is_for_marks(X509* certificate) {
  using Usages = std::unique_ptr<EXTENDED_KEY_USAGE, openssl::Release<&EXTENDED_KEY_USAGE_free>>;
  const Usages usages(static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  const Object wanted = object(brand_indicator_usage);
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i)
    if (OBJ_cmp(sk_ASN1_OBJECT_value(usages.get(), i), wanted.get()) == 0) return true;
  return false;
}

std::string mark_type(X509* certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_OBJ(subject, object(mark_type_attribute).get(), -1);
  return at < 0 ? std::string() : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

std::string decoded(std::string_view base64) {
  std::string out(base64.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  if (size < 0) return {};
  const auto padding = static_cast<std::size_t>(base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0);
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

/// "data:image/svg+xml;base64,...". RFC 2397.
void take_url(std::string_view url, std::vector<EmbeddedLogo>& out) {
  const auto comma = url.find(',');
  if (!text::starts_with_ignoring_case(url, "data:") || comma == std::string_view::npos) return;
  const std::string head = text::lower(url.substr(5, comma - 5));
  if (!head.ends_with(";base64")) return;
  std::string bytes = decoded(url.substr(comma + 1));
  if (!bytes.empty() && out.size() < max_logos) out.push_back({head.substr(0, head.find(';')), std::move(bytes)});
}

/// Walks DER for the IA5Strings in it. RFC 3709 nests them in several ways; the URL says what it is.
void find_urls(std::string_view der, int depth, std::vector<EmbeddedLogo>& out) {
  while (!der.empty() && depth < max_depth) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const unsigned char* const start = at;
    long length = 0;
    int tag = 0, kind = 0;
    const int form = ASN1_get_object(&at, &length, &tag, &kind, static_cast<long>(der.size()));
    if ((form & 0x80) != 0 || length < 0) break;
    const auto header = static_cast<std::size_t>(at - start);
    const std::string_view content = der.substr(header, static_cast<std::size_t>(length));
    if ((form & V_ASN1_CONSTRUCTED) != 0) find_urls(content, depth + 1, out);
    else if (tag == V_ASN1_IA5STRING) take_url(content, out);
    der.remove_prefix(header + content.size());
  }
}
}  // namespace

MarkFacts mark_facts(const Certificate& certificate) {
  MarkFacts out;
  const auto parsed = openssl::native(certificate);
  if (!parsed) return out;
  out.is_for_marks = is_for_marks(parsed.get());
  out.is_logged = !extension(parsed.get(), timestamps_extension).empty();
  out.mark_type = mark_type(parsed.get());
  find_urls(extension(parsed.get(), logotype_extension), 0, out.logos);
  ERR_clear_error();
  return out;
}

bool is_signed_by(const Certificate& certificate, const Certificate& issuer) {
  const auto child = openssl::native(certificate), parent = openssl::native(issuer);
  if (!child || !parent) return false;
  const bool named = X509_NAME_cmp(X509_get_issuer_name(child.get()), X509_get_subject_name(parent.get())) == 0;
  const bool fits = named && X509_verify(child.get(), X509_get0_pubkey(parent.get())) == 1;
  ERR_clear_error();
  return fits;
}

}  // namespace mailmedic::tls
