#include <gmock/gmock.h>

#include "checks/tls_rpt/check.hpp"
#include "checks/tls_rpt/record.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"
#include "tests/support/web.hpp"

using namespace mailmedic;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

constexpr std::string_view base = R"(
example.org.          MX  10 mx.example.org.
mx.example.org.       A   192.0.2.1
_mta-sts.example.org. TXT "v=STSv1; id=1"
null.example.         MX  0 .
reports.example.      A   192.0.2.9
)";

class TlsRpt : public testing::Test {
 protected:
  CheckReport run(const std::string& records) {
    dns::Zone zone = dns::Zone::parse(std::string(base) + records).value();
    for (const auto& [failing, status] : failures) zone.fail(failing, status);
    test::DnsProbes probes(zone);
    static_cast<Probes&>(probes).https = &web;
    const Target target{.domain = name("example.org"), .mail_servers = false};
    CheckReport report = test::run(tls_rpt::check(target, probes));
    for (const auto* all : {&report.findings, &report.unknowns})
      for (const Finding& finding : *all) test::expect_words_are_filled(finding);
    return report;
  }
  std::vector<std::string> ids(const std::string& records) {
    std::vector<std::string> out;
    for (const Finding& finding : run(records).findings) out.emplace_back(finding.id);
    return out;
  }
  std::vector<std::string> with(const std::string& text) { return ids("_smtp._tls.example.org. TXT \"" + text + "\"\n"); }
  std::vector<std::string> unknowns(const std::string& text) {
    const CheckReport report = run("_smtp._tls.example.org. TXT \"" + text + "\"\n");
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_EQ(report.outcome, Outcome::inconclusive);
    std::vector<std::string> out;
    for (const Finding& finding : report.unknowns) out.emplace_back(finding.id);
    return out;
  }
  std::map<dns::Name, dns::Status> failures;
  test::Web web;
};

}  // namespace

TEST_F(TlsRpt, AGoodRecord) {
  EXPECT_THAT(with("v=TLSRPTv1; rua=mailto:tls@example.org"), IsEmpty());
  EXPECT_THAT(with("v=TLSRPTv1;rua=mailto:tls@example.org,mailto:b@example.org; later=thing"), IsEmpty());
  EXPECT_EQ(web.requests, 0) << "nothing is sent to a mailbox";
}

TEST_F(TlsRpt, ExtensionsAreIgnored) {
  const CheckReport report = run("_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:tls@example.org; later=thing\"\n");
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.facts.at("ignored_fields").as_array().at(0), "later");
}

TEST_F(TlsRpt, NoRecordIsANote) { EXPECT_THAT(ids(""), ElementsAre("tls_rpt.missing")); }

TEST_F(TlsRpt, RecordsThatAreNotRead) {
  EXPECT_THAT(with("v=TLSRPTV1; rua=mailto:tls@example.org"), ElementsAre("tls_rpt.version"));
  EXPECT_THAT(with("v=TLSRPTv1 rua=mailto:tls@example.org"), ElementsAre("tls_rpt.version"));
  EXPECT_THAT(with("v=TLSRPTv1; mailto:tls@example.org"), ElementsAre("tls_rpt.bad-record"));
  EXPECT_THAT(ids("_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:a@example.org\"\n_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:b@example.org\"\n"),
              ElementsAre("tls_rpt.several-records"));
}

TEST_F(TlsRpt, Destinations) {
  EXPECT_THAT(with("v=TLSRPTv1; id=1"), ElementsAre("tls_rpt.no-destination"));
  for (const auto* uri : {"tls@example.org", "http://reports.example/x", "mailto:nobody", "mailto:a@example.org!10m", "https://192.0.2.1/"})
    EXPECT_THAT(with(std::string("v=TLSRPTv1; rua=") + uri), ElementsAre("tls_rpt.bad-destination")) << uri;
  EXPECT_THAT(with("v=TLSRPTv1; rua=mailto:a@null.example"), ElementsAre("tls_rpt.mailbox-dead"));
  EXPECT_THAT(with("v=TLSRPTv1; rua=mailto:a@nowhere.example"), ElementsAre("tls_rpt.mailbox-dead"));
}

TEST_F(TlsRpt, Endpoints) {
  const std::string record = "v=TLSRPTv1; rua=https://reports.example/v1";
  EXPECT_THAT(with(record), ElementsAre("tls_rpt.endpoint-dead"));
  EXPECT_THAT(with("v=TLSRPTv1; rua=https://nowhere.example/v1"), ElementsAre("tls_rpt.endpoint-dead"));
  web.pages["reports.example"] = test::Web::page("");
  EXPECT_THAT(with(record), IsEmpty());
  web.pages["reports.example"].handshake->verification.trusted = false;
  EXPECT_THAT(with(record), ElementsAre("tls_rpt.endpoint-certificate"));
  web.pages["reports.example"] = test::Web::stopped(https::Stage::connect, https::Cause::timed_out);
  EXPECT_THAT(unknowns(record), ElementsAre("tls_rpt.endpoint-not-measured"));
}

TEST_F(TlsRpt, SaysWhenThereIsNothingToReportOn) {
  dns::Zone zone = dns::Zone::parse("example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:a@example.org\"\n").value();
  const Target target{.domain = name("example.org")};
  const auto found = [&](dns::Zone given) {
    test::DnsProbes probes(given);
    const CheckReport report = test::run(tls_rpt::check(target, probes));
    return report.findings.empty() ? std::string() : std::string(report.findings[0].id);
  };
  EXPECT_EQ(found(zone), "tls_rpt.nothing-to-report");
  dns::Zone failing = zone;
  failing.fail(name("_mta-sts.example.org"), dns::Status::serv_fail);
  EXPECT_EQ(found(failing), "");
}

TEST_F(TlsRpt, FailuresOfDnsAreUnknown) {
  for (const char* failing : {"_smtp._tls.example.org", "elsewhere.example", "reports.example"}) {
    failures = {{name(failing), dns::Status::timed_out}};
    EXPECT_THAT(unknowns("v=TLSRPTv1; rua=mailto:a@elsewhere.example"), testing::Contains("dns.no-answer")) << failing;
    if (std::string_view(failing) == "elsewhere.example") break;
  }
  failures = {{name("reports.example"), dns::Status::timed_out}};
  EXPECT_THAT(unknowns("v=TLSRPTv1; rua=https://reports.example/"), ElementsAre("dns.no-answer"));
}

TEST(TlsRptCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("tls_rpt"); }
