// Each finding of the BIMI check: what triggers it, and what does not.
#include "checks/bimi/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/beast/core/detail/base64.hpp>

#include "lib/dns/zone.hpp"
#include "lib/smtp/prober.hpp"
#include "lib/tls/trust_store.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/gzip.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"
#include "tests/support/web.hpp"
#include "tools/demo/certificates.hpp"

using namespace mailmedic;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

using namespace std::chrono_literals;

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64"><title>Example</title><path d="M0 0"/></svg>)";

using test::gzipped;

std::string base64(const std::string& bytes) {
  namespace coding = boost::beast::detail::base64;
  std::string out(coding::encoded_size(bytes.size()), '\0');
  out.resize(coding::encode(out.data(), bytes.data(), bytes.size()));
  return out;
}

/// One value of DER.
std::string der(int tag, const std::string& content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() >= 128) out += {'\x82', static_cast<char>(content.size() >> 8)};
  return out + static_cast<char>(content.size() & 0xff) + content;
}

std::string logotype(const std::string& logo) {
  std::string text = "DER:";
  const std::string url = der(0x16, "data:image/svg+xml;base64," + base64(gzipped(logo)));
  for (const char byte : der(0x30, der(0xa2, der(0x30, url + der(0x30, "\x05")))))  // what follows looks like base64: a "0"
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

/// A mark authority, its intermediate, and the mark certificates that it issues.
class Authority {
 public:
  explicit Authority(const std::string& called) {
    root_ = demo::make_identity({.common_name = called + " Root", .authority = true});
    between_ = demo::make_identity({.common_name = called + " Intermediate", .authority = true, .issuer = &root_});
  }
  demo::CertificateOrder order(const std::string& logo = svg) const {
    demo::CertificateOrder out{.common_name = "Example", .dns_names = {"example.org"}, .issuer = &between_};
    out.extensions = {{"extendedKeyUsage", "1.3.6.1.5.5.7.3.31"}, {"1.3.6.1.5.5.7.1.12", logotype(logo)}, {"1.3.6.1.4.1.11129.2.4.2", "DER:040100"}};
    return out;
  }
  std::string chain(const demo::CertificateOrder& order) const { return demo::make_identity(order).chain; }
  std::string alone(const demo::CertificateOrder& order) const { return demo::make_identity(order).certificate; }
  const std::string& root() const { return root_.certificate; }

 private:
  demo::Identity root_, between_;
};

class NoProber : public smtp::Prober {
 public:
  asio::awaitable<smtp::Probe> probe(smtp::ProbeRequest) override {
    ADD_FAILURE() << "a mail server was asked";
    co_return smtp::Probe{};
  }
};

const Authority& known() {
  static const Authority authority("DigiCert test");
  return authority;
}

class Bimi : public testing::Test {
 protected:
  Bimi() {
    serve("www.example.org", svg, "image/svg+xml");
    serve("pem.example.org", known().chain(known().order()), "application/pem-certificate-chain");
  }
  https::Response& serve(const std::string& host, std::string body, const std::string& type) {
    https::Response& page = web.pages[host] = test::Web::page(std::move(body));
    page.content_type = page.media_type = type;
    return page;
  }
  CheckReport run(bool with_web = true, std::string_view domain = "example.org") {
    dns::Zone zone = dns::Zone::parse(fmt::format("default._bimi.example.org. TXT \"{}\"\n_dmarc.example.org. TXT \"{}\"\n{}"
                                                  "www.example.org. A 192.0.2.1\npem.example.org. A 192.0.2.2\n", record, dmarc, more)).value();
    for (const auto& [failing, status] : failures) zone.fail(failing, status);
    NoProber nobody;
    Probes probes{zone, nobody, trust, std::chrono::system_clock::now(), {}, with_web ? &web : nullptr};
    const Target target{.domain = name(domain)};
    CheckReport report = test::run(bimi::check(target, probes));
    for (const auto* all : {&report.findings, &report.unknowns})
      for (const Finding& finding : *all) {
        test::expect_words_are_filled(finding);
        EXPECT_FALSE(finding.evidence.empty()) << finding.id;
      }
    return report;
  }
  std::vector<std::string> ids(bool with_web = true, std::string_view domain = "example.org") {
    std::vector<std::string> out;
    for (const Finding& finding : run(with_web, domain).findings) out.emplace_back(finding.id);
    return out;
  }
  std::vector<std::string> unknowns() {
    std::vector<std::string> out;
    const CheckReport report = run();
    EXPECT_EQ(report.outcome, Outcome::inconclusive);
    for (const Finding& finding : report.unknowns) out.emplace_back(finding.id);
    return out;
  }
  /// What is said of a mark certificate.
  std::vector<std::string> about(std::string pem) {
    web.pages["pem.example.org"].body = std::move(pem);
    return ids();
  }

  std::string record = "v=BIMI1; l=https://www.example.org/logo.svg; a=https://pem.example.org/mark.pem";
  std::string dmarc = "v=DMARC1; p=reject", more;
  std::map<dns::Name, dns::Status> failures;
  test::Web web;
  tls::TrustStore trust = tls::TrustStore::from_pem(Authority("Elsewhere").root());
};

}  // namespace

TEST_F(Bimi, HasNothingAgainstAGoodRecord) {
  const CheckReport report = run();
  EXPECT_THAT(ids(), IsEmpty());
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_EQ(report.facts.at("record_domain"), "example.org");
  EXPECT_EQ(report.facts.at("certificate").at("chain_length"), 2);
}

TEST_F(Bimi, ADomainWithoutARecordIsFine) {
  const CheckReport report = run(true, "example.com");
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.outcome, Outcome::ran);
  EXPECT_TRUE(report.facts.at("record").is_null());
  EXPECT_EQ(web.requests, 0);
}

TEST_F(Bimi, TakesTheRecordOfTheOrganization) {
  EXPECT_EQ(run(true, "news.example.org").facts.at("record_domain"), "example.org");
  more = "default._bimi.news.example.org. TXT \"v=BIMI1; l=; a=\"\n";
  EXPECT_THAT(ids(true, "news.example.org"), UnorderedElementsAre("bimi.declined"));
}

TEST_F(Bimi, FindsFaultsOfTheRecord) {
  const auto with = [&](std::string text) {
    record = std::move(text);
    return ids();
  };
  const std::string l = "l=https://www.example.org/logo.svg", a = "; a=https://pem.example.org/mark.pem";
  EXPECT_THAT(with("v=bimi1; " + l), UnorderedElementsAre("bimi.version"));
  EXPECT_THAT(with("v=BIMI1; hello; " + l + a), UnorderedElementsAre("bimi.syntax"));
  EXPECT_THAT(with("v=BIMI1; " + l + a + "; avp=brand; avp=brand"), UnorderedElementsAre("bimi.duplicate-tag"));
  EXPECT_THAT(with("v=BIMI1" + a), UnorderedElementsAre("bimi.no-location"));
  EXPECT_THAT(with("v=BIMI1; l=; a="), UnorderedElementsAre("bimi.declined"));
  EXPECT_THAT(with("v=BIMI1; l=http://www.example.org/logo.svg" + a), UnorderedElementsAre("bimi.bad-uri"));
  EXPECT_THAT(with("v=BIMI1; l=https://www.example.org/a.svg,https://www.example.org/b.svg" + a), UnorderedElementsAre("bimi.bad-uri"));
  EXPECT_THAT(with("v=BIMI1; l=https://192.0.2.1/logo.svg" + a), UnorderedElementsAre("bimi.bad-uri"));
  EXPECT_THAT(with("v=BIMI1; " + l + a + "; avp=company"), UnorderedElementsAre("bimi.bad-value"));
  EXPECT_THAT(with("v=BIMI1; " + l + a + "; lps=a.b"), UnorderedElementsAre("bimi.bad-value"));
  EXPECT_THAT(with("v=BIMI1; " + l + a + "; future=1; lps=news"), IsEmpty());
  EXPECT_THAT(with("v=BIMI1; " + l), UnorderedElementsAre("bimi.no-certificate"));
  more = "default._bimi.example.org. TXT \"v=BIMI1; l=; a=;\"\n";
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.several-records"));
}

TEST_F(Bimi, DemandsDmarcThatIsInForce) {
  const auto with = [&](std::string text, std::string_view domain = "example.org") {
    dmarc = std::move(text);
    return ids(false, domain);
  };
  EXPECT_THAT(with("v=DMARC1; p=none"), UnorderedElementsAre("bimi.dmarc-policy"));
  EXPECT_THAT(with("no policy"), UnorderedElementsAre("bimi.dmarc-policy"));
  EXPECT_THAT(with("v=DMARC1; p=quarantine; t=y"), UnorderedElementsAre("bimi.dmarc-policy"));
  EXPECT_THAT(with("v=DMARC1; p=reject; sp=none"), UnorderedElementsAre("bimi.dmarc-subdomains"));
  EXPECT_THAT(with("v=DMARC1; p=quarantine; pct=50"), UnorderedElementsAre("bimi.dmarc-sampled"));
  EXPECT_THAT(with("v=DMARC1; p=quarantine; pct=100; sp=reject"), IsEmpty());
  more = "_dmarc.news.example.org. TXT \"v=DMARC1; p=reject\"\n";
  EXPECT_THAT(with("v=DMARC1; p=none", "news.example.org"), UnorderedElementsAre("bimi.dmarc-policy"));
  EXPECT_THAT(with("v=DMARC1; p=reject", "news.example.org"), IsEmpty());
}

TEST_F(Bimi, FetchesTheLogo) {
  https::Response& page = web.pages["www.example.org"];
  const https::Response good = page;
  page.status = 301;
  page.location = "https://example.com/";
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.redirect"));
  page.status = 404;
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.status"));
  page = good;
  page.handshake->verification.trusted = page.handshake->verification.anchored = false;
  page.handshake->verification.text = "certificate has expired";
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.server-certificate"));
  page = good;
  page.handshake->verification.name_matches = false;
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.server-certificate"));
  page = test::Web::stopped(https::Stage::connect, https::Cause::refused);
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.not-served"));
  page = test::Web::stopped(https::Stage::tls, https::Cause::tls_failed);
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.not-served"));
  record = "v=BIMI1; l=https://nowhere.example.org/logo.svg; a=https://pem.example.org/mark.pem";
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.host-missing"));
}

TEST_F(Bimi, CannotTellWhatDoesNotAnswer) {
  for (const https::Cause cause : {https::Cause::timed_out, https::Cause::unreachable}) {
    web.pages["www.example.org"] = test::Web::stopped(https::Stage::connect, cause);
    EXPECT_THAT(run().findings, IsEmpty());
    EXPECT_THAT(unknowns(), UnorderedElementsAre("bimi.not-fetched"));
  }
}

TEST_F(Bimi, CannotTellWhomToTrustWithoutAStore) {
  web.pages["www.example.org"].handshake->verification = {};
  EXPECT_THAT(run().findings, IsEmpty());
  EXPECT_THAT(unknowns(), UnorderedElementsAre("bimi.no-trust-store"));
}

TEST_F(Bimi, JudgesTheLogo) {
  const auto with = [&](std::string body, const std::string& type = "image/svg+xml") {
    record = "v=BIMI1; l=https://www.example.org/logo.svg";
    serve("www.example.org", std::move(body), type);
    std::vector<std::string> out = ids();
    std::erase(out, "bimi.no-certificate");
    return out;
  };
  const auto inside = [&](const std::string& more_of_it) { return with(svg.substr(0, svg.size() - 6) + more_of_it + "</svg>"); };
  const auto instead = [&](const std::string& part, const std::string& other) {
    std::string text = svg;
    return with(text.replace(text.find(part), part.size(), other));
  };
  EXPECT_THAT(with(svg), IsEmpty());
  EXPECT_THAT(with(svg, "text/plain"), UnorderedElementsAre("bimi.logo-type"));
  EXPECT_THAT(inside(std::string(40'000, ' ')), UnorderedElementsAre("bimi.logo-large"));
  EXPECT_THAT(with(gzipped(svg)), UnorderedElementsAre("bimi.logo-compressed"));
  EXPECT_THAT(with(gzipped(std::string(1'000'000, ' '))), UnorderedElementsAre("bimi.logo-compressed", "bimi.svg-unreadable"));
  EXPECT_THAT(with("not a picture"), UnorderedElementsAre("bimi.svg-unreadable"));
  EXPECT_THAT(with("<!DOCTYPE svg [<!ENTITY a \"b\">]>" + svg), UnorderedElementsAre("bimi.svg-doctype"));
  EXPECT_THAT(instead("http://www.w3.org/2000/svg", "x"), UnorderedElementsAre("bimi.svg-root"));
  EXPECT_THAT(instead("tiny-ps", "tiny"), UnorderedElementsAre("bimi.svg-profile"));
  EXPECT_THAT(instead("<title>Example</title>", ""), UnorderedElementsAre("bimi.svg-title"));
  EXPECT_THAT(instead("64 64", "64 65"), UnorderedElementsAre("bimi.svg-not-square"));
  EXPECT_THAT(instead("viewBox", "x=\"1\" viewBox"), UnorderedElementsAre("bimi.svg-position"));
  EXPECT_THAT(inside("<script/>"), UnorderedElementsAre("bimi.svg-script"));
  EXPECT_THAT(inside("<set/>"), UnorderedElementsAre("bimi.svg-animation"));
  EXPECT_THAT(inside("<use href=\"http://example.com/\"/>"), UnorderedElementsAre("bimi.svg-external"));
  EXPECT_THAT(inside("<image/>"), UnorderedElementsAre("bimi.svg-bitmap"));
  EXPECT_THAT(inside("<foreignObject/>"), UnorderedElementsAre("bimi.svg-element"));
}

TEST_F(Bimi, ALogoTooLargeToBeReadIsLarge) {
  https::Response& page = web.pages["www.example.org"];
  page.cause = https::Cause::body_too_large;
  EXPECT_THAT(ids(), UnorderedElementsAre("bimi.logo-large"));
}

TEST_F(Bimi, JudgesTheMarkCertificate) {
  using namespace std::chrono;
  const auto now = system_clock::now();
  auto order = known().order();
  EXPECT_THAT(about("-----BEGIN CERTIFICATE-----\ngarbage\n-----END CERTIFICATE-----\n"), UnorderedElementsAre("bimi.certificate-unreadable"));
  EXPECT_THAT(about(std::string("\0\xff", 2)), UnorderedElementsAre("bimi.certificate-unreadable"));
  EXPECT_THAT(about(known().alone(order)), UnorderedElementsAre("bimi.certificate-chain"));
  const Authority other("Somebody");
  EXPECT_THAT(about(other.chain(other.order())), UnorderedElementsAre("bimi.certificate-authority"));
  order.dns_names = {"example.com"};
  EXPECT_THAT(about(known().chain(order)), UnorderedElementsAre("bimi.certificate-names"));
  order.dns_names = {"default._bimi.example.org"};
  EXPECT_THAT(about(known().chain(order)), IsEmpty());
  order = known().order();
  order.not_before = now - 100h * 24;
  order.not_after = now - 24h;
  EXPECT_THAT(about(known().chain(order)), UnorderedElementsAre("bimi.certificate-dates"));
  order.not_after = now + 24h * 3;
  EXPECT_THAT(about(known().chain(order)), UnorderedElementsAre("bimi.certificate-expires"));
  EXPECT_THAT(about(known().chain(known().order("<svg/>"))), UnorderedElementsAre("bimi.certificate-other-logo"));
  order = known().order();
  order.extensions.pop_back();
  EXPECT_THAT(about(known().chain(order)), UnorderedElementsAre("bimi.certificate-not-logged"));
  order.extensions.clear();
  EXPECT_THAT(about(known().chain(order)), UnorderedElementsAre("bimi.certificate-usage", "bimi.certificate-without-logo", "bimi.certificate-not-logged"));
}

TEST_F(Bimi, BelievesTheOperatorsOwnAuthorities) {
  const Authority own("Laboratory");
  trust = tls::TrustStore::from_pem(own.root());
  EXPECT_THAT(about(own.chain(own.order())), IsEmpty());
}

TEST_F(Bimi, AsksNoWebServerWithDnsOnly) {
  EXPECT_THAT(ids(false), IsEmpty());
  EXPECT_EQ(run(false).outcome, Outcome::ran);
  EXPECT_EQ(web.requests, 0);
}

class BimiWithoutAnswer : public Bimi, public testing::WithParamInterface<dns::Status> {};

TEST_P(BimiWithoutAnswer, CannotTell) {
  for (const char* asked : {"default._bimi.example.org", "_dmarc.example.org", "www.example.org"}) {
    failures = {{name(asked), GetParam()}};
    EXPECT_THAT(run().findings, IsEmpty()) << asked;
    EXPECT_THAT(unknowns(), testing::Each(testing::StartsWith("dns."))) << asked;
  }
}

INSTANTIATE_TEST_SUITE_P(Failures, BimiWithoutAnswer,
                         testing::Values(dns::Status::serv_fail, dns::Status::timed_out, dns::Status::refused, dns::Status::bogus, dns::Status::malformed),
                         test::failure_name);

TEST(BimiCheck, CatalogueFitsTheCode) { test::expect_catalogue_fits_code("bimi"); }
