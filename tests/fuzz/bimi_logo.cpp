// A logo of any bytes, plain or compressed, and a certificate made of them: read within the limits, or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/bimi/svg.hpp"
#include "lib/gzip/inflate.hpp"
#include "lib/tls/mark_certificate.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const bimi::SvgProblem& problem : bimi::judge_svg(bytes))
    if (problem.what.size() > 1000) std::abort();
  if (const auto unpacked = gzip::inflate(bytes, 4096); unpacked && unpacked->size() > 4096) std::abort();
  if (const auto certificates = tls::parse_certificates_pem(bytes))
    for (const tls::Certificate& certificate : *certificates)
      if (tls::mark_facts(certificate).logos.size() > 4) std::abort();
  return 0;
}
