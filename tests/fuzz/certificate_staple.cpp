// What a hostile server can put into its handshake: a certificate, and an OCSP staple for it. The input is the certificate's
// length in two bytes, the certificate (DER), and the staple.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/tls/handshake.hpp"
#include "lib/tls/mark_certificate.hpp"
#include "lib/tls/staple.hpp"
#include "lib/tls/trust_store.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tls::TrustStore nobody = tls::TrustStore::from_pem("");
  static const std::chrono::system_clock::time_point now(std::chrono::seconds(1800000000));
  if (size < 2) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t length = static_cast<std::size_t>(data[0] << 8 | data[1]);
  const auto own = tls::parse_certificate(all.substr(2).substr(0, length));
  const std::string_view staple = all.substr(std::min(size, 2 + length));
  std::vector<tls::Certificate> chain;
  if (own) {
    own->pem();
    tls::names_host(*own, "mx.example.org");
    tls::mark_facts(*own);
    chain = {*own, *own};
    if (tls::verify(chain, "mx.example.org", nobody, now).trusted) std::abort();
  }
  const auto read = tls::read_staple(staple, chain, nobody);
  if (read && read->is_signed == true) std::abort();  // nobody is trusted here
  if (read && chain.empty() && read->speaks_of_it()) std::abort();
  return 0;
}
