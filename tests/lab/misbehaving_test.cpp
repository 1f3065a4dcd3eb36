// Servers that misbehave, each in its own way (bin/bad_smtp.py): the right cause, in time, and harmlessly. All of them are
// listed here.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

struct Bad {
  std::string name, stopped_at, cause;
  std::set<std::string> says;  ///< findings and unknowns of smtp and starttls, but for notes
};

/// Findings and unknowns of the checks smtp and starttls that are more than a note.
std::set<std::string> said_in(const json::object& report) {
  std::set<std::string> out;
  for (const char* kind : {"findings", "unknowns"})
    for (const json::value& finding : report.at(kind).as_array()) {
      const std::string check = text_at(finding, "check");
      if ((check == "smtp" || check == "starttls") && text_at(finding, "severity") != "info") out.insert(text_at(finding, "id"));
    }
  return out;
}

/// In time, in little memory, and with a status of ours: no crash, no hang.
void expect_harmless(const Ran& run, const std::string& name) {
  EXPECT_LT(run.took, std::chrono::seconds(8)) << name;
  EXPECT_LT(run.most_memory_kib, 400'000) << name;  // with AddressSanitizer, and the rules for replies
  EXPECT_GE(run.status, 1) << name << '\n' << run.told();
  EXPECT_LE(run.status, 3) << name << '\n' << run.told();
}

void expect(const Bad& server, const json::value& seen, std::set<std::string> said, const Ran& run) {
  const std::string stopped = at(seen, "stopped_at").is_null() ? "" : text_at(seen, "stopped_at");
  EXPECT_EQ(stopped, server.stopped_at) << server.name << '\n' << run.told();
  EXPECT_EQ(text_at(seen, "cause"), server.cause) << server.name;
  EXPECT_EQ(said, server.says) << server.name;
  expect_harmless(run, server.name);
}

TEST(Misbehaving, EachIsNamedForWhatItDoes) {
  // Met as any sender meets them: banner, EHLO, STARTTLS, EHLO.
  const Bad before_the_envelope[] = {
      // The banner
      {"bannerhang", "banner", "timed_out", {"smtp.no-reply", "starttls.not-measured"}},
      {"banner5", "banner", "banner_rejected", {"smtp.banner-rejected", "starttls.not-measured"}},
      {"banner4", "banner", "banner_busy", {"smtp.busy", "starttls.not-measured"}},
      {"slowbanner", "banner", "timed_out", {"smtp.no-reply", "starttls.not-measured"}},
      {"closebanner", "banner", "closed", {"smtp.closed-before-banner", "starttls.not-measured"}},
      {"resetbanner", "banner", "reset", {"smtp.closed-before-banner", "starttls.not-measured"}},
      {"garbage", "banner", "not_smtp", {"smtp.not-smtp", "starttls.not-measured"}},
      {"longline", "banner", "reply_too_long", {"smtp.reply-too-long", "starttls.not-measured"}},
      {"megaline", "banner", "reply_too_long", {"smtp.reply-too-long", "starttls.not-measured"}},
      {"endless", "banner", "reply_too_long", {"smtp.reply-too-long", "starttls.not-measured"}},
      {"nulflood", "banner", "reply_too_long", {"smtp.reply-too-long", "starttls.not-measured"}},
      {"code000", "banner", "not_smtp", {"smtp.not-smtp", "starttls.not-measured"}},
      {"code999", "banner", "not_smtp", {"smtp.not-smtp", "starttls.not-measured"}},
      {"shortcode", "banner", "not_smtp", {"smtp.not-smtp", "starttls.not-measured"}},
      {"multiline", "", "none", {"starttls.missing"}},
      {"lflines", "", "none", {"smtp.bare-lf", "starttls.missing"}},
      {"nullreply", "", "none", {"starttls.missing"}},
      {"escapes", "", "none", {"starttls.missing"}},
      // The reply to EHLO
      {"tarpit", "ehlo", "timed_out", {"smtp.no-reply", "starttls.not-measured"}},
      {"mute", "ehlo", "timed_out", {"smtp.no-reply", "starttls.not-measured"}},
      {"drip", "ehlo", "timed_out", {"smtp.no-reply", "starttls.not-measured"}},
      {"noehlo", "", "none", {"smtp.helo-only", "starttls.missing"}},
      {"closeehlo", "ehlo", "closed", {"smtp.cut-off", "starttls.not-measured"}},
      {"disconnect421", "ehlo", "ehlo_rejected", {"smtp.busy", "starttls.not-measured"}},
      {"mixedcodes", "", "none", {"smtp.mixed-codes", "starttls.missing"}},
      {"manyehlo", "ehlo", "reply_too_long", {"smtp.reply-too-long", "starttls.not-measured"}},
      {"wrong354", "ehlo", "ehlo_rejected", {"smtp.ehlo-rejected", "starttls.not-measured"}},
      // STARTTLS and the handshake
      {"starttlsfail", "starttls", "starttls_rejected", {"starttls.refused"}},
      {"busystarttls", "starttls", "starttls_rejected", {"starttls.not-measured"}},
      {"closestarttls", "starttls", "closed", {"starttls.handshake-failed"}},
      {"starttlsclose", "tls", "tls_failed", {"starttls.handshake-failed"}},
      {"starttlshang", "tls", "tls_failed", {"starttls.not-measured"}},
      {"starttlsplain", "tls", "tls_failed", {"starttls.handshake-failed"}},
      {"starttlscut", "tls", "tls_failed", {"starttls.handshake-failed"}},
      {"starttlsalert", "tls", "tls_failed", {"starttls.handshake-failed"}},
      {"starttlsbig", "tls", "tls_failed", {"starttls.handshake-failed"}},
      {"starttlsflood", "tls", "tls_failed", {"starttls.handshake-failed"}},
      {"starttlsdrip", "tls", "tls_failed", {"starttls.not-measured"}},
      {"starttlschain", "", "none", {"starttls.untrusted"}},
      {"starttlsnames", "tls", "tls_failed", {"starttls.handshake-failed"}},
      {"starttlsinject", "", "none", {"starttls.clear-text-injected"}},
      // Within TLS
      {"starttlsleaves", "ehlo_after_tls", "closed", {"smtp.cut-off"}},
      {"starttlsmute", "ehlo_after_tls", "timed_out", {"smtp.no-reply"}},
      {"busytls", "ehlo_after_tls", "ehlo_rejected", {"smtp.busy"}},
  };
  for (const Bad& server : before_the_envelope) {
    Ran run;
    const json::object report = report_of(in_lab({"audit", server.name + ".test", "--timeout", "1"}), &run);
    expect(server, at(report, "facts.smtp.hosts.0.addresses.0"), said_in(report), run);
  }
}

TEST(Misbehaving, EachEnvelopeToo) {
  // Met by those who go on to DATA.
  const Bad within_the_envelope[] = {
      {"closemail", "mail", "closed", {"smtp.cut-off"}},
      {"busymail", "mail", "mail_rejected", {"smtp.later"}},
      {"utf8reply", "mail", "mail_rejected", {"bounce.refused", "smtp.mail-rejected"}},
      {"closercpt", "rcpt", "closed", {"smtp.cut-off"}},
      {"busyrcpt", "rcpt", "rcpt_rejected", {"smtp.later"}},
      {"rcpt450", "rcpt", "rcpt_rejected", {"smtp.later"}},
      {"rcpt550", "rcpt", "rcpt_rejected", {"bounce.unknown-recipient", "smtp.rcpt-rejected"}},
      {"closedata", "data", "closed", {"smtp.cut-off"}},
      {"busydata", "data", "data_rejected", {"smtp.later"}},
      {"data4xx", "data", "data_rejected", {"smtp.later"}},
      {"datarefused", "data", "data_rejected", {"bounce.refused", "smtp.data-rejected"}},
  };
  for (const Bad& server : within_the_envelope) {
    Ran run;
    const json::object report = report_of(
        in_lab({"connect", "smtp://" + server.name + ".lab.test", "--no-starttls", "--timeout", "1", "--from", "a@good.test", "--to", "user@" + server.name + ".test", "--quit-after", "data", "--allow-rcpt-probe"}), &run);
    expect(server, at(report, "facts.hosts.0.addresses.0"), said_in(report), run);
  }
}

/// A login that is asked on and on ends.
TEST(Misbehaving, ALoginWithoutEndEnds) {
  Ran run;
  const std::string file = folder() + "/bad-password";
  std::ofstream(file) << "secret\n";
  const json::object report =
      report_of(in_lab({"connect", "smtp://authloop.lab.test", "--timeout", "2", "--auth=LOGIN", "--auth-without-tls", "--user", "me", "--password-file", file}), &run);
  EXPECT_EQ(text_at(report, "facts.hosts.0.addresses.0.cause"), "auth_broken") << run.told();
  expect_harmless(run, "authloop");
}

/// What ruins one handshake ruins hundreds: the scan ends, and claims no version that was not spoken.
TEST(Misbehaving, AScanOfTheirTlsEnds) {
  for (const std::string name : {"starttlsclose", "starttlshang", "starttlsplain", "starttlscut", "starttlsalert", "starttlsbig", "starttlsflood", "starttlsdrip", "busystarttls", "closestarttls"}) {
    Ran run;
    const json::object report = report_of(in_lab({"tls", name + ".lab.test:25", "--timeout", "1"}), &run);
    for (const json::value& version : at(report, "facts.hosts.0.addresses.0.protocols").as_array()) EXPECT_NE(text_at(version, "spoken"), "yes") << name << '\n' << run.told();
    EXPECT_GE(run.status, 1) << name;
    EXPECT_LE(run.status, 3) << name;
    EXPECT_LT(run.took, std::chrono::seconds(30)) << name;
    EXPECT_LT(run.most_memory_kib, 400'000) << name;
  }
}

/// A NUL, escapes and other bytes of a server reach no terminal.
TEST(Misbehaving, BytesOfAServerAreShownHarmlessly) {
  for (const std::string name : {"nullreply", "garbage", "utf8reply", "longline", "escapes", "nulflood", "megaline"}) {
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
