// OCSP staples: tests/vectors/ocsp/README.md says what is in them.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "lib/tls/staple.hpp"
#include "lib/tls/trust_store.hpp"

using namespace mailmedic;
using tls::Staple;
using Status = tls::Staple::Status;

namespace {
const std::string vectors = MAILMEDIC_SOURCE_DIR "/tests/vectors/ocsp/";

std::string content(const std::string& name) {
  std::ostringstream out;
  out << std::ifstream(vectors + name, std::ios::binary).rdbuf();
  return out.str();
}
std::vector<tls::Certificate> chain(const std::string& name = "chain.pem") { return tls::parse_certificates_pem(content(name)).value(); }

Staple read(const std::string& name, const std::vector<tls::Certificate>& certificates = chain(), bool trusted = true) {
  const tls::TrustStore store = trusted ? tls::TrustStore::from_pem(content("ca.pem")) : tls::TrustStore::from_pem(content("second.pem").substr(0, content("second.pem").find("-----END") + 26));
  return tls::read_staple(content(name), certificates, store).value();
}
std::chrono::year year_of(std::chrono::system_clock::time_point time) { return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year(); }
}  // namespace

TEST(Staple, SaysWhatTheAuthoritySays) {
  for (const char* name : {"good.der", "good-sha256.der"}) {
    const Staple good = read(name);
    EXPECT_EQ(good.status, Status::good) << name << ' ' << good.why;
    EXPECT_EQ(good.is_signed, true) << name;
    EXPECT_EQ(int(year_of(good.this_update)), 2026);
    EXPECT_EQ(int(year_of(good.next_update.value())), 2048);
  }
  const Staple revoked = read("revoked.der");
  EXPECT_EQ(revoked.status, Status::revoked);
  EXPECT_EQ(revoked.reason, "keyCompromise");
  EXPECT_EQ(int(year_of(revoked.revoked_at.value())), 2026);
  EXPECT_EQ(revoked.is_signed, true);
  EXPECT_EQ(read("unknown.der").status, Status::unknown);
  EXPECT_FALSE(read("without-end.der").next_update);
}

TEST(Staple, TheWrongCertificateTheWrongSignerAndNoAnswer) {
  EXPECT_EQ(read("good.der", chain("second.pem")).status, Status::not_for_it);
  EXPECT_EQ(read("signed-by-another.der").is_signed, false);
  const Staple later = read("try-later.der");
  EXPECT_EQ(later.status, Status::no_answer);
  EXPECT_EQ(later.why, "trylater");
  EXPECT_FALSE(later.speaks_of_it());
}

/// Without an authority that we trust nobody can say who signed.
TEST(Staple, AnUnknownAuthorityLeavesTheSignatureOpen) {
  EXPECT_EQ(read("good.der", chain(), false).is_signed, std::nullopt);
  // The issuer need not have been sent where it is known.
  std::vector<tls::Certificate> alone = chain();
  alone.resize(1);
  EXPECT_EQ(read("good.der", alone).is_signed, true);
}

TEST(Staple, HostileBytes) {
  const tls::TrustStore store = tls::TrustStore::from_pem(content("ca.pem"));
  EXPECT_FALSE(tls::read_staple("", chain(), store));
  EXPECT_EQ(tls::read_staple("not DER", chain(), store)->status, Status::unreadable);
  const std::string whole = content("revoked.der");
  for (std::size_t size = 1; size < whole.size(); size += 3) EXPECT_FALSE(tls::read_staple(whole.substr(0, size), chain(), store)->speaks_of_it()) << size;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string other = whole;
    other[at] = static_cast<char>(other[at] ^ 0x55);
    const auto read = tls::read_staple(other, chain(), store);
    // A changed byte is never a revocation that counts.
    EXPECT_FALSE(read->status == Status::revoked && read->is_signed == true) << at;
  }
}

TEST(Certificate, AsksForAStaple) {
  EXPECT_TRUE(chain().front().must_staple);
  EXPECT_FALSE(chain("second.pem").front().must_staple);
}
