// "We could not look" is never told as "it is not there", nor as a pass.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::IsEmpty;

std::map<std::string, std::string> outcomes(const json::object& report) {
  std::map<std::string, std::string> out;
  for (const json::value& check : report.at("checks").as_array()) out[text_at(check, "id")] = text_at(check, "outcome");
  return out;
}

/// Everything about a domain of which DNS tells nothing.
void expect_inconclusive(const std::string& domain, const std::string& asked, bool reverse_too) {
  Ran run;
  const json::object report = report_of({"audit", domain, "--ip", "127.0.66.1", "--helo", "mail." + domain, "--selector", "s1", "--list", "servfail.dnsbl.test",
                                         "--resolver", asked, "--ca-file", folder() + "/keys/ca.pem", "--timeout", "0.5"}, &run);
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(report.at("status"), "inconclusive");
  EXPECT_THAT(above_info(report), IsEmpty()) << run.told();
  EXPECT_FALSE(ids_in(report, "unknowns").empty());
  auto how = outcomes(report);
  for (const char* check : {"mx", "spf", "dkim", "dmarc", "dane", "mta_sts", "tls_rpt", "blocklist"}) EXPECT_EQ(how[check], "inconclusive") << check << " of " << domain << " asked " << asked;
  if (reverse_too) {
    EXPECT_EQ(how["reverse_dns"], "inconclusive") << run.told();
  }
  for (const char* check : {"smtp", "starttls"}) EXPECT_NE(how[check], "ran") << check;
  EXPECT_LT(run.took, std::chrono::seconds(25)) << domain << " asked " << asked;
}

TEST(Unanswered, ServerFailure) { expect_inconclusive("servfail.test", faulty_resolver, false); }
TEST(Unanswered, ServerFailureBehindUnbound) { expect_inconclusive("servfail.test", resolver, false); }
TEST(Unanswered, Refusal) { expect_inconclusive("refusedq.test", faulty_resolver, false); }
TEST(Unanswered, RefusalBehindUnbound) { expect_inconclusive("refusedq.test", resolver, false); }
TEST(Unanswered, Silence) { expect_inconclusive("timeout.test", faulty_resolver, false); }
TEST(Unanswered, SilenceBehindUnbound) { expect_inconclusive("timeout.test", resolver, false); }
TEST(Unanswered, ExpiredSignatures) { expect_inconclusive("expired.test", resolver, false); }
TEST(Unanswered, LameDelegation) { expect_inconclusive("lame.test", resolver, false); }
TEST(Unanswered, SilentResolver) { expect_inconclusive("good.test", "127.0.25.201:53", true); }
TEST(Unanswered, NoResolverThere) { expect_inconclusive("good.test", "127.0.25.200:53", true); }

/// Its records do not validate; that others are absent does, so it is asked about records only.
TEST(Unanswered, DamagedSignatures) {
  Ran run;
  const json::object report = report_of({"domain", "bogus.test", "--selector", "s2048", "--resolver", resolver}, &run);
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_THAT(above_info(report), IsEmpty()) << run.told();
  auto how = outcomes(report);
  for (const char* check : {"mx", "dnssec", "spf", "dkim", "dane"}) EXPECT_EQ(how[check], "inconclusive") << check;
}

TEST(Unanswered, SilentResolverIsTheOneCause) {
  Ran run;
  const json::object report = report_of({"domain", "good.test", "--resolver", "127.0.25.201:53", "--timeout", "0.3"}, &run);
  EXPECT_EQ(run.status, 3);
  const auto& unknowns = report.at("unknowns").as_array();
  ASSERT_FALSE(unknowns.empty());
  EXPECT_EQ(text_at(unknowns[0], "id"), "dns.no-resolver");
  for (std::size_t i = 1; i < unknowns.size(); ++i) EXPECT_EQ(text_at(unknowns[i], "caused_by"), "dns.no-resolver") << json::serialize(unknowns[i]);
}

/// No resolver is configured: told in one line, before anything is asked.
TEST(Unanswered, NoResolverConfigured) {
  const Ran run = test::run_program({"unshare", "--mount", "--propagation", "unchanged", "sh", "-c", "mount --bind /dev/null /etc/resolv.conf && exec \"$@\"", "sh",
                                     MAILMEDIC_BINARY_DIR "/bin/mailmedic", "domain", "good.test"});
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, ::testing::HasSubstr("/etc/resolv.conf"));
  EXPECT_THAT(run.err, ::testing::HasSubstr("--resolver"));
}

/// The second resolver answers.
TEST(Unanswered, AnotherResolverHelps) {
  Ran run;
  const json::object report = report_of({"spf", "--ip", "127.0.66.1", "--from", "a@good.test", "--helo", "client.lab.test", "--timeout", "0.3",
                                         "--resolver", "127.0.25.201:53", "--resolver", "127.0.25.200:53", "--resolver", resolver}, &run);
  EXPECT_EQ(text_at(report, "facts.result"), "pass") << run.told();
}

/// An answer that does not fit into UDP is fetched over TCP.
TEST(Unanswered, TruncationIsFollowedToTcp) {
  const json::object report = report_of({"spf", "big.test", "--resolver", "127.0.53.2:53"});
  EXPECT_THAT(ids_in(report, "unknowns"), IsEmpty()) << json::serialize(report);
  EXPECT_TRUE(ids_in(report, "findings").contains("spf.missing")) << json::serialize(report);
}

/// Over TCP, that server only says who else could be asked. RFC 2308 section 2.2: no word about the record.
TEST(Unanswered, ReferralIsNoAbsence) {
  Ran run;
  const json::object report = report_of({"domain", "trunc.test", "--resolver", faulty_resolver, "--timeout", "1"}, &run);
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_THAT(ids_in(report, "findings"), IsEmpty()) << run.told();
}

TEST(Unanswered, SilentExchanger) {
  Ran run;
  const json::object report = report_of(in_lab({"audit", "unreachable.test", "--timeout", "1"}), &run);
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(report.at("status"), "inconclusive");
  EXPECT_THAT(above_info(report), IsEmpty()) << run.told();
  EXPECT_TRUE(ids_in(report, "unknowns").contains("smtp.unreachable")) << run.told();
  EXPECT_LT(run.took, std::chrono::seconds(10));
}

}  // namespace
}  // namespace mailmedic::lab
