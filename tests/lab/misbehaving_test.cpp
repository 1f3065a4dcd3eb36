// Servers that misbehave, each in its own way (bin/bad_smtp.py): the right cause, in time, and harmlessly.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

struct Bad {
  std::string name, stopped_at, cause;
  std::set<std::string> says;  ///< findings and unknowns of smtp and starttls, but for notes
};

TEST(Misbehaving, EachIsNamedForWhatItDoes) {
  const Bad servers[] = {
      {"bannerhang", "banner", "timed_out", {"smtp.no-reply", "starttls.not-measured"}},
      {"banner5", "banner", "banner_rejected", {"smtp.banner-rejected", "starttls.not-measured"}},
      {"banner4", "banner", "banner_busy", {"smtp.busy", "starttls.not-measured"}},
      {"slowbanner", "banner", "timed_out", {"smtp.no-reply", "starttls.not-measured"}},
      {"tarpit", "ehlo", "timed_out", {"smtp.no-reply", "starttls.not-measured"}},
      {"multiline", "", "none", {"starttls.missing"}},
      {"noehlo", "", "none", {"smtp.helo-only", "starttls.missing"}},
      {"garbage", "banner", "not_smtp", {"smtp.not-smtp", "starttls.not-measured"}},
      {"longline", "banner", "reply_too_long", {"smtp.reply-too-long", "starttls.not-measured"}},
      {"lflines", "", "none", {"smtp.bare-lf", "starttls.missing"}},
      {"starttlsfail", "starttls", "starttls_rejected", {"starttls.refused"}},
      {"starttlshang", "tls", "tls_failed", {"starttls.not-measured"}},
      {"starttlsinject", "", "none", {"starttls.clear-text-injected"}},
      {"pipelinebreak", "", "none", {"starttls.missing"}},
      {"size552", "", "none", {"starttls.missing"}},
      {"nullreply", "", "none", {"starttls.missing"}},
      {"utf8reply", "", "none", {"starttls.missing"}},
      {"disconnect421", "ehlo", "ehlo_rejected", {"smtp.busy", "starttls.not-measured"}},
  };
  for (const Bad& server : servers) {
    Ran run;
    const json::object report = report_of(in_lab({"audit", server.name + ".test", "--timeout", "1"}), &run);
    const json::value seen = at(report, "facts.smtp.hosts.0.addresses.0");
    const std::string stopped = at(seen, "stopped_at").is_null() ? "" : text_at(seen, "stopped_at");
    EXPECT_EQ(stopped, server.stopped_at) << server.name << '\n' << run.told();
    EXPECT_EQ(text_at(seen, "cause"), server.cause) << server.name;
    std::set<std::string> said;
    for (const char* kind : {"findings", "unknowns"})
      for (const json::value& finding : report.at(kind).as_array()) {
        const std::string check = text_at(finding, "check");
        if ((check == "smtp" || check == "starttls") && text_at(finding, "severity") != "info") said.insert(text_at(finding, "id"));
      }
    EXPECT_EQ(said, server.says) << server.name;
    EXPECT_LT(run.took, std::chrono::seconds(8)) << server.name;
    EXPECT_GE(run.status, 1) << server.name;
  }
}

/// A NUL, escapes and other bytes of a server reach no terminal.
TEST(Misbehaving, BytesOfAServerAreShownHarmlessly) {
  for (const std::string name : {"nullreply", "garbage", "utf8reply", "longline"}) {
    const Ran run = test::run_tool(in_lab({"audit", name + ".test", "--timeout", "1", "-v"}));
    for (const std::string* text : {&run.out, &run.err})
      for (const char c : *text) ASSERT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << name << ": byte " << static_cast<int>(c) << '\n' << run.told();
  }
}

/// Many at once are not slower than the slowest.
TEST(Misbehaving, ExchangersAreTriedSideBySide) {
  const Ran run = test::run_tool(in_lab({"audit", "mx-backup.test", "--timeout", "1"}));
  EXPECT_LT(run.took, std::chrono::seconds(8)) << run.told();
}

}  // namespace
}  // namespace mailmedic::lab
