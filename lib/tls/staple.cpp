#include "lib/tls/staple.hpp"

#include <openssl/ocsp.h>

#include <ctime>

#include "lib/tls/openssl_certificate.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::tls {

namespace {
using Response = std::unique_ptr<OCSP_RESPONSE, openssl::Release<&OCSP_RESPONSE_free>>;
using Basic = std::unique_ptr<OCSP_BASICRESP, openssl::Release<&OCSP_BASICRESP_free>>;
std::optional<std::chrono::system_clock::time_point> time_of(const ASN1_GENERALIZEDTIME* time) {
  std::tm fields{};
  if (!time || ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&fields));
}

bool equals(const ASN1_OCTET_STRING* said, const unsigned char* digest, unsigned size) {
  return said && static_cast<unsigned>(ASN1_STRING_length(said)) == size && std::equal(digest, digest + size, ASN1_STRING_get0_data(said));
}

/// Is an answer's id that of the certificate? Its issuer is named by digests of its name and key (RFC 6960 section 4.1.1); the
/// key is compared where the issuer is at hand.
bool is_about(const OCSP_SINGLERESP* answer, X509* certificate, X509* issuer) {
  ASN1_OCTET_STRING *name = nullptr, *key = nullptr;
  ASN1_OBJECT* algorithm = nullptr;
  ASN1_INTEGER* serial = nullptr;
  if (OCSP_id_get0_info(&name, &algorithm, &key, &serial, const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(answer))) != 1) return false;
  if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(certificate)) != 0) return false;
  const EVP_MD* digest = EVP_get_digestbyobj(algorithm);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!digest || X509_NAME_digest(X509_get_issuer_name(certificate), digest, bytes, &size) != 1 || !equals(name, bytes, size)) return false;
  return !issuer || (X509_pubkey_digest(issuer, digest, bytes, &size) == 1 && equals(key, bytes, size));
}

void take_answer(OCSP_SINGLERESP* answer, Staple& out) {
  int reason = -1;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
  switch (OCSP_single_get0_status(answer, &reason, &revoked, &from, &until)) {
    case V_OCSP_CERTSTATUS_GOOD: out.status = Staple::Status::good; break;
    case V_OCSP_CERTSTATUS_REVOKED: out.status = Staple::Status::revoked; break;
    default: out.status = Staple::Status::unknown; break;
  }
  out.this_update = time_of(from).value_or(std::chrono::system_clock::time_point{});
  out.next_update = time_of(until);
  out.revoked_at = time_of(revoked);
  if (out.status == Staple::Status::revoked && reason >= 0) out.reason = OCSP_crl_reason_str(reason);
}

/// Held against the certificate's own issuer: a response that another authority signed says nothing.
std::optional<bool> signature_of(OCSP_BASICRESP* basic, STACK_OF(X509) * sent, const TrustStore& store) {
  if (!store.error().empty()) return std::nullopt;
  const openssl::StoreContext path(X509_STORE_CTX_new());
  if (!path || X509_STORE_CTX_init(path.get(), store.native(), sk_X509_value(sent, 0), sent) != 1) return std::nullopt;
  // Dates are judged elsewhere; here it is who signed.
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(path.get()), X509_V_FLAG_NO_CHECK_TIME);
  if (X509_verify_cert(path.get()) != 1) return std::nullopt;
  const openssl::Stack built(X509_STORE_CTX_get1_chain(path.get()));
  return OCSP_basic_verify(basic, built.get(), store.native(), 0) == 1;
}
}  // namespace

std::string_view staple_text(Staple::Status status) {
  switch (status) {
    case Staple::Status::good: return "good";
    case Staple::Status::revoked: return "revoked";
    case Staple::Status::unknown: return "unknown";
    case Staple::Status::not_for_it: return "not_for_it";
    case Staple::Status::no_answer: return "no_answer";
    case Staple::Status::unreadable: return "unreadable";
  }
  return "unreadable";
}

std::optional<Staple> read_staple(std::string_view bytes, const std::vector<Certificate>& chain, const TrustStore& store) {
  if (bytes.empty() || chain.empty()) return std::nullopt;
  Staple out;
  ERR_clear_error();
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const Response response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(bytes.size())));
  if (!response) {
    out.why = openssl::take_error();
    return out;
  }
  if (const int status = OCSP_response_status(response.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    out.status = Staple::Status::no_answer;
    out.why = OCSP_response_status_str(status);
    return out;
  }
  const Basic basic(OCSP_response_get1_basic(response.get()));
  const auto sent = openssl::native(chain);
  if (!basic || sk_X509_num(sent.get()) == 0) {
    out.why = openssl::take_error();
    return out;
  }
  X509* own = sk_X509_value(sent.get(), 0);
  X509* issuer = nullptr;
  for (int i = 1; i < sk_X509_num(sent.get()) && !issuer; ++i)
    if (X509_check_issued(sk_X509_value(sent.get(), i), own) == X509_V_OK) issuer = sk_X509_value(sent.get(), i);
  out.status = Staple::Status::not_for_it;
  for (int i = 0; i < OCSP_resp_count(basic.get()); ++i) {
    OCSP_SINGLERESP* answer = OCSP_resp_get0(basic.get(), i);
    if (!is_about(answer, own, issuer)) continue;
    take_answer(answer, out);
    out.is_signed = signature_of(basic.get(), sent.get(), store);
    break;
  }
  ERR_clear_error();
  return out;
}

}  // namespace mailmedic::tls
