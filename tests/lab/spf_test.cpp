// SPF against the lab's zones, through Unbound and NSD.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

struct Sender {
  std::string ip, from, helo, result;
};

json::object spf_of(const Sender& sender, const std::string& asked = resolver) {
  return report_of({"spf", "--ip", sender.ip, "--from", sender.from, "--helo", sender.helo, "--resolver", asked, "--timeout", "2"});
}

// RFC 7208 section 2.6: the results.
TEST(Spf, ResultsOfCheckHost) {
  const Sender senders[] = {
      {"127.0.66.1", "user@good.test", "client.lab.test", "pass"},
      {"192.0.2.1", "user@good.test", "client.lab.test", "fail"},
      {"127.0.66.1", "user@spf-pass.test", "client.lab.test", "pass"},
      {"192.0.2.1", "user@spf-plusall.test", "client.lab.test", "pass"},
      {"127.0.66.1", "user@spf-neutral.test", "client.lab.test", "neutral"},
      {"127.0.66.1", "user@spf-soft.test", "client.lab.test", "softfail"},
      {"127.0.66.1", "user@spf-none.test", "client.lab.test", "none"},
      {"127.0.66.1", "user@nothere.test", "client.lab.test", "none"},
      {"127.0.66.1", "user@spf-v2.test", "client.lab.test", "none"},          // section 4.5: v=spf10 is no record
      {"127.0.66.1", "user@spf-two.test", "client.lab.test", "permerror"},    // section 4.5
      {"127.0.66.1", "user@spf-bad.test", "client.lab.test", "permerror"},    // section 4.6
      {"127.0.66.1", "user@spf-cidr.test", "client.lab.test", "permerror"},
      {"127.0.66.1", "user@spf-cidr6.test", "client.lab.test", "permerror"},
      {"127.0.66.1", "user@spf-dupmod.test", "client.lab.test", "permerror"}, // section 6
      {"127.0.66.1", "user@spf-incnone.test", "client.lab.test", "permerror"},// section 5.2
      {"127.0.66.1", "user@spf-redirnone.test", "client.lab.test", "permerror"},
      {"127.0.66.1", "user@spf-loop.test", "client.lab.test", "permerror"},
      {"127.0.66.1", "user@spf-loopa.test", "client.lab.test", "permerror"},
      {"127.0.66.1", "user@spf-redirect.test", "client.lab.test", "pass"},
      {"127.0.66.1", "user@spf-case.test", "client.lab.test", "pass"},
      {"127.0.66.1", "user@spf-mac.test", "client.lab.test", "pass"},         // section 7: exists with macros
      {"127.0.66.2", "user@spf-mac.test", "client.lab.test", "fail"},
      {"127.0.66.1", "user@spf-macl.test", "client.lab.test", "pass"},
      {"127.0.66.1", "user@spf-ptr.test", "client.lab.test", "pass"},
      {"127.0.66.3", "user@spf-ptr.test", "client.lab.test", "fail"},         // no PTR record
      {"127.0.66.4", "user@spf-ptr.test", "client.lab.test", "fail"},         // its name does not lead back
      {"127.0.25.7", "user@spf-a.test", "client.lab.test", "pass"},
      {"127.1.9.1", "user@spf-10.test", "client.lab.test", "pass"},
      {"127.0.66.1", "user@spf-void.test", "client.lab.test", "permerror"},   // section 4.6.4
      {"127.0.66.1", "user@spf-trail.test", "client.lab.test", "fail"},       // section 5.1: behind all nothing counts
      {"::1", "user@spf-ip6.test", "client.lab.test", "pass"},
      {"127.0.66.1", "", "good.test", "pass"},                                // section 2.4: null sender
      {"127.0.66.1", "user@servfail.test", "client.lab.test", "temperror"},   // section 4.4
      {"127.0.66.1", "user@timeout.test", "client.lab.test", "temperror"},
      {"127.0.66.1", "user@bogus.test", "client.lab.test", "temperror"},      // damaged signatures: SERVFAIL
  };
  for (const Sender& sender : senders) {
    const json::object report = spf_of(sender);
    EXPECT_EQ(text_at(report, "facts.result"), sender.result) << sender.from << " from " << sender.ip << '\n' << json::serialize(report.at("facts"));
  }
}

// RFC 7208 section 4.6.4
TEST(Spf, TenLookupsAreAllowedAndElevenAreNot) {
  const json::object ten = spf_of({"192.0.2.1", "user@spf-deep.test", "client.lab.test", ""});
  EXPECT_EQ(text_at(ten, "facts.result"), "fail") << json::serialize(ten.at("facts"));
  EXPECT_EQ(text_at(ten, "facts.lookups"), "10");
  const json::object eleven = spf_of({"192.0.2.1", "user@spf-11.test", "client.lab.test", ""});
  EXPECT_EQ(text_at(eleven, "facts.result"), "permerror") << json::serialize(eleven.at("facts"));
}

TEST(Spf, ExplanationOfAFail) {
  const json::object report = spf_of({"192.0.2.1", "user@spf-exp.test", "client.lab.test", "fail"});
  EXPECT_EQ(text_at(report, "facts.result"), "fail");
  EXPECT_EQ(text_at(report, "facts.explanation"), "192.0.2.1 is not allowed to send for spf-exp.test: see https://spf-exp.test/why?s=user%40spf-exp.test");
}

TEST(Spf, ExitStatusFollowsTheResult) {
  const std::pair<const char*, int> cases[] = {{"good.test", 0}, {"spf-two.test", 2}, {"servfail.test", 3}};
  for (const auto& [domain, status] : cases) {
    const Ran run = test::run_tool({"spf", "--ip", "127.0.66.1", "--from", std::string("user@") + domain, "--helo", "client.lab.test", "--resolver", resolver});
    EXPECT_EQ(run.status, status) << run.told();
  }
}

}  // namespace
}  // namespace mailmedic::lab
