// Block lists that behave and that do not. Only a list that passes its test entries (RFC 5782 section 5) is believed.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

struct Asked {
  std::string subject, list, state;
};

TEST(Blocklists, StatesOfLists) {
  const Asked asked[] = {
      {"127.0.66.2", "ok", "listed"},          {"127.0.66.1", "ok", "clean"},
      {"127.0.66.2", "b000", "listed"},        {"127.0.66.2", "b001", "clean"},
      {"127.0.66.2", "refuse", "refused"},     {"127.0.66.1", "refuse", "refused"},
      {"127.0.66.2", "rewritten", "rewritten"},{"127.0.66.1", "rewritten", "rewritten"},
      {"127.0.66.2", "dead", "dead"},          {"127.0.66.1", "dead", "dead"},
      {"127.0.66.2", "listall", "dead"},       {"127.0.66.1", "listall", "dead"},
      {"127.0.66.2", "silent", "timeout"},     {"127.0.66.2", "servfail", "timeout"},
      {"spf-bad.test", "dom", "listed"},       {"good.test", "dom", "clean"},
  };
  for (const Asked& one : asked) {
    Ran run;
    const json::object report = report_of({"blocklist", one.subject, "--list", one.list + ".dnsbl.test", "--resolver", resolver, "--timeout", "2"}, &run);
    const auto lists = at(report, "facts.lists");
    ASSERT_TRUE(lists.is_array() && lists.get_array().size() == 1) << run.told();
    EXPECT_EQ(text_at(lists, "0.state"), one.state) << one.subject << " on " << one.list << '\n' << run.told();
    EXPECT_EQ(text_at(lists, "0.zone"), one.list + ".dnsbl.test");
    EXPECT_EQ(text_at(lists, "0.subject"), one.subject);
    const bool listed = one.state == "listed";
    EXPECT_EQ(ids_in(report, "findings").contains("blocklist.listed"), listed) << run.told();
    const int status = listed ? 1 : one.state == "clean" || one.state == "dead" ? 0 : 3;
    EXPECT_EQ(run.status, status) << run.told();
  }
}

TEST(Blocklists, ListingSaysWhatTheListSays) {
  const json::object report = report_of({"blocklist", "127.0.66.2", "--list", "ok.dnsbl.test", "--resolver", resolver});
  EXPECT_EQ(text_at(report, "facts.lists.0.codes.0"), "127.0.0.2");
  EXPECT_THAT(text_at(report, "facts.lists.0.reason"), ::testing::HasSubstr("127.0.66.2 sent spam: see https://ok.dnsbl.test/?ip=127.0.66.2"));
}

TEST(Blocklists, AllAtOnce) {
  Words words = {"blocklist", "127.0.66.2", "--resolver", resolver, "--timeout", "2"};
  for (const char* list : {"ok", "refuse", "rewritten", "dead", "listall", "silent", "servfail", "b000", "b001", "b002", "b003"}) {
    words.push_back("--list");
    words.push_back(std::string(list) + ".dnsbl.test");
  }
  Ran run;
  const json::object report = report_of(words, &run);
  EXPECT_EQ(run.status, 1) << run.told();  // lists of unknown weight: warnings
  int listed = 0;
  for (const json::value& list : at(report, "facts.lists").as_array()) listed += text_at(list, "state") == "listed";
  EXPECT_EQ(listed, 2) << run.told();  // ok and b000
  EXPECT_LT(run.took, std::chrono::seconds(20));
}

}  // namespace
}  // namespace mailmedic::lab
