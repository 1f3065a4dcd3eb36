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

TEST(Connect, AHostWithoutAddressIsTold) {
  EXPECT_TRUE(ids_in(report_of(in_lab({"connect", "smtp://no-such-host.good.test"})), "findings").contains("smtp.no-address"));
}

TEST(Connect, XclientIsNotForEverybody) {
  const json::object report = report_of(in_lab({"connect", "smtp://postfix.lab.test", "--xclient", "ADDR=192.0.2.7"}));
  EXPECT_TRUE(ids_in(report, "findings").contains("smtp.xclient-not-offered"));
}

TEST(Connect, TriesTheConductOfRealServers) {
  // Debian 12's Postfix takes LF alone for a line end by default: a real server that smuggles.
  const json::object postfix = report_of(in_lab({"connect", "smtp://postfix.lab.test", "--test", "pipelining,relay,starttls-injection,smuggling,vrfy,postmaster,early-talk", "--relay-to", "me@elsewhere.test",
                                                 "--from", "me@good.test", "--to", "user@postfix.test"}));
  const std::set<std::string> found = ids_in(postfix, "findings");
  for (const char* id : {"smtp.open-relay", "smtp.starttls-injection", "smtp.pipelining-broken", "smtp.postmaster-refused", "smtp.trial-not-done"}) EXPECT_FALSE(found.contains(id)) << id;
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
