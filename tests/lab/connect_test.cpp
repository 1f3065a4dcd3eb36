// mailmedic connect against real servers: logins, refusals, and that no secret is told.
#include <gmock/gmock.h>

#include <fstream>

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
  const json::object report = report_of(in_lab({"connect", "smtp://postfix.lab.test", "--from", "a@good.test", "--to", "nobody@elsewhere.test", "--quit-after", "data"}));
  EXPECT_EQ(text_at(at(report, "facts.hosts.0.addresses.0"), "cause"), "rcpt_rejected");
  EXPECT_TRUE(ids_in(report, "findings").contains("smtp.rcpt-rejected"));
}

TEST(Connect, XclientIsNotForEverybody) {
  const json::object report = report_of(in_lab({"connect", "smtp://postfix.lab.test", "--xclient", "ADDR=192.0.2.7"}));
  EXPECT_TRUE(ids_in(report, "findings").contains("smtp.xclient-not-offered"));
}

}  // namespace
}  // namespace mailmedic::lab
