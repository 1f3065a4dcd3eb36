// DNSSEC and DANE against zones that real tools signed, a real validating resolver, and certificates that real servers send.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Words validated(Words words) {
  for (const std::string& word : {std::string("--validate"), std::string("--trust-anchor"), folder() + "/conf/trust-anchor.ds"}) words.push_back(word);
  return in_lab(std::move(words));
}

/// Of the first name, the domain itself.
std::string security_of(const json::object& report) { return text_at(report, "facts.dnssec.names.0.security"); }

std::set<std::string> ids_of_check(const json::object& report, std::string_view check) {
  std::set<std::string> out;
  for (const json::value& finding : report.at("findings").as_array())
    if (text_at(finding, "check") == check) out.insert(text_at(finding, "id"));
  return out;
}

/// The chain that we follow and the resolver's word agree, where the resolver gives its word.
TEST(Dnssec, SecureAndInsecureByOwnValidationAndByTheResolver) {
  for (const auto& [domain, expected] : {std::pair("good.test", "secure"), {"nsec3.test", "secure"}, {"insecure.test", "insecure"}}) {
    for (const bool own : {true, false}) {
      const json::object report = report_of(own ? validated({"domain", domain}) : in_lab({"domain", domain}));
      EXPECT_EQ(security_of(report), expected) << domain << (own ? " validated here" : " by the resolver");
      EXPECT_THAT(ids_of_check(report, "dnssec"), IsEmpty()) << domain;
    }
  }
  const json::object report = report_of(validated({"domain", "good.test"}));
  EXPECT_EQ(text_at(report, "facts.dnssec.names.0.chain.2.zone"), "good.test");
  EXPECT_EQ(text_at(report, "facts.dnssec.names.0.chain.2.security"), "secure");
}

TEST(Dnssec, TheBrokenLinkIsNamed) {
  for (const auto& [domain, says] : {std::pair("expired.test", "expired on 2024-02-01"), {"bogus.test", "does not hold"},
                                     {"otherkey.test", "no DNSKEY of otherkey.test. matches its DS records in the parent zone"}}) {
    Ran run;
    const json::object report = report_of(validated({"domain", domain}), &run);
    EXPECT_THAT(ids_of_check(report, "dnssec"), ::testing::ElementsAre("dnssec.broken")) << run.told();
    EXPECT_EQ(run.status, 2);
    EXPECT_THAT(run.out, HasSubstr(says)) << domain;
  }
}

/// delv's verdict about a name: "fully validated", "unsigned answer", "broken trust chain" ...
std::string delv(const std::string& name, const std::string& type) {
  const std::string anchors = folder() + "/conf/trust-anchor.ds", file = folder() + "/conf/delv.anchors";
  std::ifstream from(anchors);
  std::string word, ds;
  for (int i = 0; from >> word; ++i)
    if (i >= 4) ds += i == 7 ? " \"" + word + "\"" : " " + word;  // owner, TTL, IN, DS, then tag, algorithm, kind, digest
  std::ofstream(file) << "trust-anchors { . static-ds" << ds << "; };\n";
  const Ran run = test::run_program({"delv", "@127.0.53.1", "-a", file, "+root=.", name, type});
  return run.out + run.err;
}

/// For names that are there and one that is not, in zones of each kind.
TEST(Dnssec, AgreesWithDelv) {
  const std::map<std::string, std::string> words{{"secure", "fully validated"}, {"insecure", "unsigned answer"}, {"bogus", "resolution failed"}};
  for (const std::string zone : {"good.test", "nsec3.test", "insecure.test", "bogus.test", "expired.test", "otherkey.test"}) {
    const json::object report = report_of(validated({"domain", zone, "--selector", "nosuch"}));
    std::map<std::string, std::string> ours;
    for (const json::value& name : at(report, "facts.dnssec.names").as_array()) ours[text_at(name, "name")] = text_at(name, "security");
    // In bogus.test the chain holds and the signatures of its records do not; that something is not there is signed well.
    if (ids_of_check(report, "dnssec").contains("dnssec.broken")) ours[zone] = ours["_dmarc." + zone] = "bogus";
    for (const auto& [name, type] : {std::pair(zone, "MX"), {"_dmarc." + zone, "TXT"}, {"nosuch._domainkey." + zone, "TXT"}}) {
      ASSERT_TRUE(words.contains(ours[name])) << name << ": " << ours[name];
      EXPECT_THAT(delv(name, type), HasSubstr(words.at(ours[name]))) << name;
    }
  }
}

TEST(Dnssec, AnotherRootIsNotTrusted) {
  const json::object report = report_of(in_lab({"domain", "good.test", "--validate"}));  // with the keys of the real root
  EXPECT_EQ(security_of(report), "bogus");
  EXPECT_THAT(json::serialize(report), HasSubstr("no DNSKEY of the root matches the trust anchor"));
}

/// exim.lab.test has a TLSA record of another key; postfix.lab.test has those of both its certificates.
TEST(Dnssec, CertificatesAreHeldAgainstTlsaRecords) {
  for (const bool own : {true, false}) {
    const auto audit = [&](const char* domain) { return report_of(own ? validated({"audit", domain, "--timeout", "3"}) : in_lab({"audit", domain, "--timeout", "3"})); };
    EXPECT_THAT(ids_of_check(audit("dane-ok.test"), "dane"), IsEmpty());
    EXPECT_THAT(ids_of_check(audit("dane-bad.test"), "dane"), ::testing::Contains("dane.mismatch"));
  }
}

TEST(Dnssec, ARenewalIsRehearsed) {
  const auto rehearsed = [&](const char* certificate) { return ids_of_check(report_of(in_lab({"domain", "dane-ok.test", "--new-certificate", folder() + "/keys/" + certificate})), "dane"); };
  EXPECT_THAT(rehearsed("postfix.pem"), ::testing::Contains("dane.new-certificate-fits"));
  EXPECT_THAT(rehearsed("exim.pem"), ::testing::Contains("dane.new-certificate-mismatch"));
}

}  // namespace
}  // namespace mailmedic::lab
