#pragma once
// Certificates in OpenSSL's own form. For the sources of this folder only: no header of the room includes it.
#include "lib/tls/certificate.hpp"
#include "lib/tls/openssl.hpp"

namespace mailmedic::tls::openssl {

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

/// What it says of itself. The result keeps it alive.
Certificate facts_of(X509* certificate);

/// What facts_of() was given, or what `der` holds; null when that is no certificate.
X509Ptr native(const Certificate& certificate);

/// Those of a chain that are certificates, in its order.
Stack native(const std::vector<Certificate>& chain);

}  // namespace mailmedic::tls::openssl
