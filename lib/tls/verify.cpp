#include "lib/tls/handshake.hpp"
#include "lib/tls/openssl_certificate.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::tls {

namespace {
/// Notes the problem and lets the verification go on, so that a later one is seen too.
int note_problem(int fine, X509_STORE_CTX* context) {
  if (fine == 1) return 1;
  auto* out = static_cast<Verification*>(X509_STORE_CTX_get_app_data(context));
  const std::pair<int, int> problem(X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context));
  if (out->problems.size() < 32) out->problems.push_back(problem);
  return 1;
}

bool is_date(int code) { return code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID; }

void classify(Verification& out) {
  out.anchored = true;
  for (const auto& [code, depth] : out.problems) {
    if (!is_date(code)) out.anchored = false;
    switch (code) {
      case X509_V_ERR_CERT_HAS_EXPIRED: out.expired = true; break;
      case X509_V_ERR_CERT_NOT_YET_VALID: out.not_yet_valid = true; break;
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: out.self_signed = true; break;
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: out.unknown_issuer = true; break;
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        (depth == 0 ? out.incomplete_chain : out.unknown_issuer) = true;
        break;
      default: break;
    }
  }
}
}  // namespace

std::string_view failure_text(Failure failure) {
  switch (failure) {
    case Failure::none: return "none";
    case Failure::alert: return "alert";
    case Failure::not_tls: return "not_tls";
    case Failure::closed: return "closed";
    case Failure::reset: return "reset";
    case Failure::timed_out: return "timed_out";
    case Failure::local: return "local";
  }
  return "none";
}

Verification verify(const std::vector<Certificate>& chain, std::string_view host, const TrustStore& store,
                    std::chrono::system_clock::time_point now, Purpose purpose) {
  Verification out;
  if (chain.empty()) {
    out.text = "no certificate was sent";
    return out;
  }
  if (!host.empty()) out.name_matches = names_host(chain.front(), host);
  if (!store.error().empty()) {
    out.text = store.error();
    return out;
  }
  const auto sent = openssl::native(chain);
  const openssl::StoreContext context(X509_STORE_CTX_new());
  if (sk_X509_num(sent.get()) == 0 ||
      X509_STORE_CTX_init(context.get(), store.native(), sk_X509_value(sent.get(), 0), sent.get()) != 1) {
    out.text = openssl::take_error();
    return out;
  }
  if (purpose == Purpose::server) X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), std::chrono::system_clock::to_time_t(now));
  X509_STORE_CTX_set_app_data(context.get(), &out);
  X509_STORE_CTX_set_verify_cb(context.get(), &note_problem);
  const int result = X509_verify_cert(context.get());
  if (result != 1 && out.problems.empty())  // a failure that the callback was not asked about, as of a broken key
    out.problems.emplace_back(X509_STORE_CTX_get_error(context.get()), X509_STORE_CTX_get_error_depth(context.get()));
  ERR_clear_error();
  out.performed = true;
  out.trusted = out.problems.empty();
  if (!out.trusted) {
    out.code = out.problems.front().first;
    out.depth = out.problems.front().second;
  }
  out.text = X509_verify_cert_error_string(out.code);
  classify(out);
  return out;
}

}  // namespace mailmedic::tls
