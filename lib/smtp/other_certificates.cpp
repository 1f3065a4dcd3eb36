#include "lib/smtp/other_certificates.hpp"

#include <set>

namespace mailmedic::smtp {

namespace {

std::vector<tls::Certificate> parsed(const std::vector<std::string>& chain) {
  std::vector<tls::Certificate> out;
  for (const std::string& der : chain)
    if (auto certificate = tls::parse_certificate(der)) out.push_back(std::move(*certificate));
  return out;
}

}  // namespace

std::vector<tls::Handshake> other_certificates(const Probe& ordinary, const Scanned& scanned, const tls::TrustStore& trust,
                                               std::chrono::system_clock::time_point now) {
  std::vector<tls::Handshake> out;
  std::set<std::string> seen;
  if (ordinary.handshake && !ordinary.handshake->chain.empty()) seen.insert(ordinary.handshake->chain.front().sha256);
  for (const tls::VersionFacts& version : scanned.versions) {
    for (const std::vector<std::string>& der : version.chains) {
      tls::Handshake shake;
      shake.chain = parsed(der);
      if (shake.chain.empty() || !seen.insert(shake.chain.front().sha256).second) continue;
      shake.verification = tls::verify(shake.chain, scanned.request.host, trust, now);
      out.push_back(std::move(shake));
    }
  }
  return out;
}

}  // namespace mailmedic::smtp
