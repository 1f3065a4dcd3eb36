// mailmedic connect against real servers: logins, refusals, and that no secret is told.
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string password_file(const std::string& password) {
  const std::string file = folder() + "/connect-password";
  std::ofstream(file) << password << '\n';
  return file;
}

Words login(const std::string& where, const std::string& mechanisms, const std::string& password) {
  return in_lab({"connect", where, "--auth=" + mechanisms, "--user", "user", "--password-file", password_file(password)});
}

TEST(Connect, LogsInAtPostfixAndExim) {
  for (const char* where : {"submission://postfix.lab.test", "smtps://postfix.lab.test", "submission://exim.lab.test", "smtps://exim.lab.test"})
    for (const char* mechanism : {"PLAIN", "LOGIN"}) {
      Ran run;
      const json::object report = report_of(login(where, mechanism, "secret"), &run);
      EXPECT_EQ(text_at(at(report, "facts.hosts.0.addresses.0"), "cause"), "none") << run.told();
      EXPECT_EQ(run.status, 0) << where << ' ' << mechanism << '\n' << run.told();
    }
}

/// Dovecot's mechanisms behind Postfix: each is really spoken, and SCRAM proves the server too.
TEST(Connect, LogsInByEachMechanism) {
  for (const char* mechanism : {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"}) {
    Ran run;
    const json::object report = report_of(login("submission://postfix.lab.test", mechanism, "secret"), &run);
    EXPECT_EQ(text_at(report, "facts.hosts.0.addresses.0.login.mechanism"), mechanism) << run.told();
    EXPECT_EQ(text_at(report, "facts.hosts.0.addresses.0.cause"), "none") << mechanism;
    EXPECT_EQ(run.status, 0) << mechanism << '\n' << run.told();
    const json::object wrong = report_of(login("submission://postfix.lab.test", mechanism, "not-the-word"));
    EXPECT_TRUE(ids_in(wrong, "findings").contains("smtp.auth-rejected")) << mechanism;
  }
  // Without a wish the strongest that both know.
  EXPECT_EQ(text_at(report_of(login("submission://postfix.lab.test", "any", "secret")), "facts.hosts.0.addresses.0.login.mechanism"), "SCRAM-SHA-256");
}

TEST(Connect, ATokenIsTakenOrRefusedWithItsReason) {
  for (const char* mechanism : {"XOAUTH2", "OAUTHBEARER"}) {
    const auto with_token = [&](const std::string& token) { return in_lab({"connect", "submission://postfix.lab.test", std::string("--auth=") + mechanism, "--user", "user", "--token-file", password_file(token)}); };
    Ran run;
    const json::object taken = report_of(with_token("good-token"), &run);
    EXPECT_EQ(text_at(taken, "facts.hosts.0.addresses.0.cause"), "none") << mechanism << '\n' << run.told();
    const json::object refused = report_of(with_token("another-token"), &run);
    EXPECT_TRUE(ids_in(refused, "findings").contains("smtp.auth-rejected")) << mechanism << '\n' << run.told();
    // Dovecot says why in JSON (RFC 7628 section 3.2.2), which is decoded; the token itself is nowhere.
    EXPECT_THAT(run.out, HasSubstr(std::string_view(mechanism) == "XOAUTH2" ? "401" : "invalid_token")) << mechanism;
    for (const std::string* text : {&run.out, &run.err}) EXPECT_THAT(*text, Not(HasSubstr("another-token")));
  }
}

TEST(Connect, AWrongPasswordIsRefusedAndNotTold) {
  for (const char* where : {"submission://postfix.lab.test", "submission://exim.lab.test"}) {
    const Ran run = test::run_tool(login(where, "PLAIN", "not-the-word"));
    EXPECT_EQ(run.status, 2) << run.told();
    EXPECT_THAT(run.out, HasSubstr("smtp.auth-rejected"));
    for (const std::string* text : {&run.out, &run.err}) {
      EXPECT_THAT(*text, Not(HasSubstr("not-the-word")));
      EXPECT_THAT(*text, Not(HasSubstr("AHVzZXIAbm90LXRoZS13b3Jk")));
    }
  }
}

TEST(Connect, NamesWhoRefusesTheRecipient) {
  const json::object report = report_of(in_lab({"connect", "smtp://postfix.lab.test", "--from", "a@good.test", "--to", "nobody@elsewhere.test", "--quit-after", "data", "--allow-rcpt-probe"}));
  EXPECT_EQ(text_at(at(report, "facts.hosts.0.addresses.0"), "cause"), "rcpt_rejected");
  EXPECT_TRUE(ids_in(report, "findings").contains("smtp.rcpt-rejected"));
}

/// The words of a refusal are understood: from an address on a block list, the list and where to leave it.
TEST(Connect, ARefusalIsExplained) {
  Ran run;
  const json::object report = report_of(in_lab({"connect", "smtp://rbl.lab.test", "--bind", "127.0.66.2", "--from", "a@good.test", "--to", "user@rbl.test", "--quit-after", "rcpt", "--allow-rcpt-probe"}), &run);
  EXPECT_EQ(text_at(at(report, "facts.hosts.0.addresses.0"), "cause"), "rcpt_rejected") << run.told();
  EXPECT_TRUE(ids_in(report, "findings").contains("bounce.blocklisted")) << run.told();
  EXPECT_THAT(run.out, HasSubstr("https://b000.dnsbl.test/"));
  for (const json::value& finding : report.at("findings").as_array())
    EXPECT_TRUE(text_at(finding, "id") != "smtp.rcpt-rejected" || text_at(finding, "caused_by") == "bounce.blocklisted") << run.told();
}

TEST(Connect, AHostWithoutAddressIsTold) {
  EXPECT_TRUE(ids_in(report_of(in_lab({"connect", "smtp://no-such-host.good.test"})), "findings").contains("smtp.no-address"));
}

TEST(Connect, XclientIsNotForEverybody) {
  const json::object report = report_of(in_lab({"connect", "smtp://postfix.lab.test", "--xclient", "ADDR=192.0.2.7"}));
  EXPECT_TRUE(ids_in(report, "findings").contains("smtp.xclient-not-offered"));
}

/// Who may speak for another is judged as that other: 127.0.66.2 is on a block list, 127.0.66.1 is not.
TEST(Connect, SpeaksForAnotherByXclientAndProxy) {
  const Words envelope{"--from", "a@good.test", "--quit-after", "rcpt", "--allow-rcpt-probe", "--to"};
  const auto asked = [&](const std::string& host, const Words& identity) {
    Words words{"connect", "smtp://" + host + ".lab.test"};
    words.insert(words.end(), envelope.begin(), envelope.end());
    words.push_back("user@" + host + ".test");
    words.insert(words.end(), identity.begin(), identity.end());
    return text_at(report_of(in_lab(std::move(words))), "facts.hosts.0.addresses.0.cause");
  };
  EXPECT_EQ(asked("xclient", {"--xclient", "ADDR=127.0.66.2"}), "rcpt_rejected");
  EXPECT_EQ(asked("xclient", {"--xclient", "ADDR=127.0.66.1"}), "none");
  for (const char* version : {"1", "2"}) {
    EXPECT_EQ(asked("proxied", {"--proxy-protocol", version, "--proxy-source", "127.0.66.2:4000"}), "rcpt_rejected") << version;
    EXPECT_EQ(asked("proxied", {"--proxy-protocol", version, "--proxy-source", "127.0.66.1:4000"}), "none") << version;
  }
  // A server that waits for the header hears EHLO instead.
  EXPECT_NE(asked("proxied", {}), "none");
}

TEST(Connect, SpeaksLmtpOnTheNetworkAndOnASocket) {
  for (const std::string& where : {std::string("lmtp://sink.lab.test:24"), "lmtp:unix:" + folder() + "/lmtp"}) {
    const Ran run = test::run_tool(in_lab({"connect", where, "--from", "a@good.test", "--to", "b@good.test", "--quit-after", "data", "--allow-rcpt-probe"}));
    EXPECT_THAT(run.out, HasSubstr("-> LHLO ")) << run.told();
    EXPECT_THAT(run.out, HasSubstr("<- 354")) << run.told();
  }
}

TEST(Connect, TriesTheConductOfRealServers) {
  // Debian 12's Postfix takes LF alone for a line end by default: a real server that smuggles.
  const json::object postfix = report_of(in_lab({"connect", "smtp://postfix.lab.test", "--test", "pipelining,relay,starttls-injection,smuggling,vrfy,postmaster,early-talk", "--relay-to", "me@elsewhere.test",
                                                 "--from", "me@good.test", "--to", "user@postfix.test"}));
  const std::set<std::string> found = ids_in(postfix, "findings");
  for (const char* id : {"smtp.open-relay", "smtp.starttls-injection", "smtp.pipelining-broken", "smtp.trial-not-done"}) EXPECT_FALSE(found.contains(id)) << id;
  // The lab's Postfix has no mailbox of that name.
  EXPECT_TRUE(found.contains("smtp.postmaster-refused"));
  const json::object exim = report_of(in_lab({"connect", "smtp://exim.lab.test", "--test", "pipelining,relay,starttls-injection,smuggling,vrfy", "--relay-to", "me@elsewhere.test", "--from", "me@good.test", "--to",
                                              "user@exim.test"}));
  for (const char* id : {"smtp.open-relay", "smtp.starttls-injection", "smtp.pipelining-broken"}) EXPECT_FALSE(ids_in(exim, "findings").contains(id)) << id;
  // smtp-sink takes everything for everybody.
  EXPECT_TRUE(ids_in(report_of(in_lab({"connect", "smtp://sink.lab.test", "--test", "relay", "--relay-to", "me@elsewhere.test"})), "findings").contains("smtp.open-relay"));
}

TEST(Connect, TellsAMonitoringSystemTimesAndDays) {
  const Ran nagios = test::run_tool(in_lab({"connect", "smtp://postfix.lab.test", "--format", "nagios"}));
  EXPECT_THAT(nagios.out, HasSubstr("postfix.lab.test 127.0.25.1:25 tls'="));
  EXPECT_THAT(nagios.out, HasSubstr("certificate_days'="));
  const Ran metrics = test::run_tool(in_lab({"connect", "smtp://postfix.lab.test", "smtp://exim.lab.test", "--format", "prometheus"}));
  for (const char* part : {"probe_success{tool=\"connect\",target=\"smtp://exim.lab.test\"}", "probe_smtp_duration_seconds{", "probe_ssl_earliest_cert_expiry{", "probe_tls_version_info{"})
    EXPECT_THAT(metrics.out, HasSubstr(part));
  const Ran late = test::run_tool(in_lab({"connect", "smtp://postfix.lab.test", "--warn-days", "3000", "--format", "nagios"}));
  EXPECT_EQ(late.status, 1) << late.told();
}

}  // namespace
}  // namespace mailmedic::lab
