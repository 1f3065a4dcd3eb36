// Bounces and logs that Postfix, Exim and OpenSMTPD write in this run, explained; and what they claim, looked up again
// while it is so, when it is no longer so, and when it is so again.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/dressed.hpp"
#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// What becomes of one message. Empty texts are not compared.
struct Fate {
  std::string servers, scenario;  ///< who sends it, "postfix exim"; which message of bin/capture.py
  std::string kind, reason, category, reply, status, recipient;
};

const std::vector<Fate>& fates() {
  static const std::vector<Fate> all{
      {"postfix exim opensmtpd", "unknown-postfix", "bounce", "unknown-recipient", "recipient", "550", "5.1.1", "nouser@postfix.test"},
      {"postfix opensmtpd", "unknown-exim", "bounce", "unknown-recipient", "recipient", "550", "", "nouser@exim.test"},
      {"postfix exim", "unknown-opensmtpd", "bounce", "unknown-recipient", "recipient", "550", "", "nouser@opensmtpd.test"},
      {"postfix exim opensmtpd", "moving", "bounce", "blocklisted", "reputation", "554", "5.7.1", "user@moving.test"},
      {"exim opensmtpd", "spf", "bounce", "spf-failed", "authentication", "550", "5.7.23", "user@spf.test"},
      {"postfix opensmtpd", "grey", "delayed", "greylisted", "greylist", "450", "4.2.0", "user@grey.test"},
      {"exim", "rcpt450", "delayed", "greylisted", "greylist", "450", "4.2.0", "user@rcpt450.test"},
      {"postfix exim opensmtpd", "temp", "delayed", "mailbox-unavailable", "recipient", "450", "4.2.1", "user@temp.test"},
      {"postfix opensmtpd", "refused", "delayed", "unreachable", "network", "", "", "user@refused.test"},
      {"postfix", "drop", "delayed", "unreachable", "network", "", "", "user@drop.test"},
      {"postfix", "badtls", "delayed", "certificate-refused", "tls", "", "", "user@badtls.test"},
      {"postfix", "notls", "delayed", "tls-required", "tls", "", "", "user@notls.test"},
      {"postfix", "starttlsfail", "delayed", "tls-failed", "tls", "454", "4.7.0", "user@starttlsfail.test"},
      {"postfix exim opensmtpd", "size", "bounce", "too-large", "size", "", "", "user@size.test"},
      {"exim opensmtpd", "mx-nullplus", "bounce", "relay-denied", "relay", "554", "5.7.1", "user@mx-nullplus.test"},
      {"postfix exim", "mx-null", "bounce", "takes-no-mail", "domain", "", "", "user@mx-null.test"},
      {"exim", "nxdomain", "bounce", "unknown-recipient", "recipient", "", "", "user@does-not-exist.test"},  // "Unrouteable address"
      {"postfix opensmtpd", "nxdomain", "bounce", "unknown-domain", "domain", "", "", "user@does-not-exist.test"},
      {"postfix exim", "c07", "bounce", "dmarc-failed", "authentication", "550", "5.7.1", "c7@rcpt5xxmany.test"},
      {"postfix exim", "banner5", "", "takes-no-mail", "domain", "554", "5.3.2", "user@banner5.test"},
      {"postfix exim opensmtpd", "dot5xx", "bounce", "spam", "content", "554", "5.7.1", "user@dot5xx.test"},
  };
  return all;
}

/// The messages are handed over once for the whole suite; their senders carry a mark of this run.
class Bounces : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (long number = ::getpid(); number > 0; number /= 26) mark += static_cast<char>('a' + number % 26);
    const std::time_t now = std::time(nullptr);
    char text[32];
    (void)std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
    began = text;
    ::setenv("TAG", ("-" + mark).c_str(), 1);
    for (const std::string server : {"postfix", "exim", "opensmtpd"}) {
      Words words{"/usr/bin/python3", MAILMEDIC_SOURCE_DIR "/tests/lab/bin/capture.py"};
      for (const Fate& fate : fates())
        if (fate.servers.find(server) != std::string::npos) words.push_back(fate.scenario);
      ::setenv("MTA", server.c_str(), 1);
      const Ran run = test::run_program(words, std::chrono::seconds(120));
      EXPECT_EQ(run.status, 0) << run.told();
      EXPECT_THAT(run.out, ::testing::Not(HasSubstr("not accepted"))) << run.told();
    }
    lists = folder() + "/bounces-lists.toml";
    std::ofstream(lists) << "[\"moving.dnsbl.test\"]\nname = \"Moving\"\nasks = [\"ip4\"]\nkind = \"block\"\ntier = \"high\"\nurl = \"https://moving.dnsbl.test/\"\ncodes = { \"*\" = \"listed\" }\n";
  }

  /// The first report that came back for a message, waited for. Empty where none came.
  static std::string report_on(const std::string& server, const std::string& scenario) {
    const std::string sender = "X-Original-To: b-" + server + "-" + scenario + "-" + mark + "@good.test";
    for (int wait = 0; wait < 900; ++wait) {
      std::pair<fs::file_time_type, std::string> first{fs::file_time_type::max(), ""};
      for (const auto& entry : fs::directory_iterator(folder() + "/mail/postfix/good/bounces/new"))
        if (std::string text = test::content_of(entry.path()); text.find(sender) != std::string::npos && entry.last_write_time() < first.first)
          first = {entry.last_write_time(), std::move(text)};
      if (!first.second.empty()) return first.second;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ADD_FAILURE() << "nothing came back for " << server << ' ' << scenario;
    return {};
  }
  /// What `mailmedic bounce` makes of a text.
  static json::object explained(const std::string& bounce, Words more = {"--offline"}, Ran* run = nullptr) {
    const test::Folder place;
    std::ofstream(place.file("bounce.eml"), std::ios::binary) << bounce;
    Words words{"bounce", place.file("bounce.eml")};
    words.insert(words.end(), more.begin(), more.end());
    return report_of(std::move(words), run);
  }
  static json::object looked_up(const std::string& bounce, Ran* run = nullptr, Words more = {}) {
    more.insert(more.end(), {"--lists-file", lists});
    return explained(bounce, in_lab(std::move(more)), run);
  }
  static inline std::string mark, began, lists;
};

/// The first claim of a kind, with its verdict.
json::value claim_of(const json::object& report, const std::string& kind) {
  for (const json::value& claim : at(report, "facts.recipients.0.claims").as_array())
    if (text_at(claim, "kind") == kind) return claim;
  return nullptr;
}

/// Takes the entry of 127.0.66.2 out of the zone of moving.dnsbl.test, or puts it in; and the resolver forgets.
void list_the_client(bool listed) {
  const std::string file = folder() + "/zones/dnsbl.test.zone", entry = "2.66.0.127.moving IN A 127.0.0.4";
  std::string text = test::content_of(file);
  const auto serial = text.find(" hostmaster.test. ") + 18, serial_end = text.find(' ', serial);
  ASSERT_NE(text.find(entry), std::string::npos) << file;
  text.replace(serial, serial_end - serial, std::to_string(std::stoul(text.substr(serial, serial_end - serial)) + 1));
  const auto at = text.find("\n" + entry), hidden = text.find("\n;" + entry);
  if (listed && hidden != std::string::npos) text.erase(hidden + 1, 1);
  if (!listed && at != std::string::npos) text.insert(at + 1, ";");
  std::ofstream(file) << text;
  ASSERT_EQ(::kill(std::stoi(test::content_of(folder() + "/pid/nsd")), SIGHUP), 0);
  for (int wait = 0; wait < 100; ++wait) {
    const Ran asked = test::run_program({"dig", "+short", "+tries=1", "+time=1", "@127.0.53.2", "2.66.0.127.moving.dnsbl.test", "A"});
    if (asked.out.empty() != listed) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const Ran flushed = test::run_program({"unbound-control", "-c", folder() + "/conf/unbound.conf", "flush_zone", "moving.dnsbl.test"});
  ASSERT_EQ(flushed.status, 0) << flushed.told();
}

TEST_F(Bounces, SayWhoAndWhy) {
  for (const Fate& fate : fates())
    for (const std::string server : {"postfix", "exim", "opensmtpd"}) {
      if (fate.servers.find(server) == std::string::npos) continue;
      SCOPED_TRACE(server + " " + fate.scenario);
      Ran run;
      const json::object report = explained(report_on(server, fate.scenario), {"--offline"}, &run);
      const json::value& one = at(report, "facts.recipients.0");
      if (!fate.kind.empty()) EXPECT_EQ(text_at(report, "facts.kind"), fate.kind);
      EXPECT_EQ(text_at(one, "recipient"), fate.recipient);
      EXPECT_EQ(text_at(one, "reason"), fate.reason) << run.told();
      EXPECT_EQ(text_at(one, "class"), fate.category);
      if (!fate.reply.empty()) EXPECT_EQ(text_at(one, "reply"), fate.reply);
      if (!fate.status.empty()) EXPECT_EQ(text_at(one, "status"), fate.status);
    }
}

TEST_F(Bounces, SayTheSameInAnyDress) {
  const auto facts_of = [](const std::string& bounce) {
    json::object report = explained(bounce);
    return json::serialize(at(report, "facts"));
  };
  for (const std::string server : {"postfix", "exim", "opensmtpd"})
    for (const std::string scenario : {"moving", "temp"}) {
      const std::string bounce = test::with_lf(report_on(server, scenario)), facts = facts_of(bounce);
      EXPECT_THAT(facts, HasSubstr("\"recipient\":\"")) << server << ' ' << scenario;
      EXPECT_EQ(facts_of(test::with_crlf(bounce)), facts) << server << ' ' << scenario;
      EXPECT_EQ(facts_of(test::forwarded(bounce)), facts) << server << ' ' << scenario;
      EXPECT_EQ(facts_of(test::with_crlf(test::forwarded(bounce))), facts) << server << ' ' << scenario;
    }
}

TEST_F(Bounces, AListingIsConfirmedThenGoneThenThereAgain) {
  const std::string bounces[] = {report_on("postfix", "moving"), report_on("exim", "moving"), report_on("opensmtpd", "moving")};
  const std::pair<bool, std::string> turns[] = {{true, "confirmed"}, {false, "no-longer-true"}, {true, "confirmed"}};
  for (const auto& [listed, verdict] : turns) {
    list_the_client(listed);
    for (const std::string& bounce : bounces) {
      Ran run;
      const json::object report = looked_up(bounce, &run);
      const json::value claim = claim_of(report, "listed");
      EXPECT_EQ(text_at(claim, "verdict"), verdict) << run.told();
      EXPECT_EQ(text_at(claim, "said"), "127.0.66.2 is on moving.dnsbl.test");
      EXPECT_THAT(text_at(claim, "found"), HasSubstr(listed ? "127.0.66.2 hit a trap" : "clean"));
      EXPECT_THAT(text_at(claim, "said_at"), ::testing::MatchesRegex("20..-..-..T..:..:..Z"));
      EXPECT_TRUE(ids_in(report, "findings").contains(listed ? "bounce.claim-confirmed" : "bounce.claim-gone")) << run.told();
      EXPECT_THAT(run.out, HasSubstr("blocked using moving.dnsbl.test"));
    }
  }
}

TEST_F(Bounces, SpfThatFailsIsConfirmed) {
  for (const std::string server : {"exim", "opensmtpd"}) {
    Ran run;
    const json::object report = looked_up(report_on(server, "spf"), &run);
    const json::value claim = claim_of(report, "spf");
    EXPECT_EQ(text_at(claim, "verdict"), "confirmed") << run.told();
    EXPECT_THAT(text_at(claim, "found"), HasSubstr("SPF is fail by -all"));
    EXPECT_THAT(text_at(claim, "evidence"), HasSubstr("v=spf1 mx ip4:127.0.66.0/24 -all"));
    EXPECT_THAT(text_at(report, "facts.recipients.0.diagnostic"), HasSubstr("SPF fail - not authorized"));
  }
}

/// The receiver's servers are asked, with their TLS.
TEST_F(Bounces, WhatTheServersShowIsConfirmed) {
  const struct {
    std::string scenario, kind, verdict, found;
  } cases[] = {
      {"refused", "unreachable", "confirmed", "refused at the stage connect"},
      {"drop", "unreachable", "not-checkable", "a port 25 closed on our side"},
      {"badtls", "certificate", "confirmed", "does not match the TLSA records"},
      {"notls", "tls", "confirmed", "STARTTLS is not offered"},
      {"starttlsfail", "tls", "confirmed", "454 4.7.0 TLS not available"},
  };
  for (const auto& one : cases) {
    Ran run;
    const json::object report = looked_up(report_on("postfix", one.scenario), &run, {"--timeout", "3"});
    const json::value claim = claim_of(report, one.kind);
    EXPECT_EQ(text_at(claim, "verdict"), one.verdict) << one.scenario << '\n' << run.told();
    EXPECT_THAT(text_at(claim, "found"), HasSubstr(one.found)) << one.scenario;
  }
}

/// MTA-STS and DANE of the receiver; the words are those of senders that the lab does not have.
TEST_F(Bounces, PoliciesOfTheReceiverAreLookedUp) {
  const struct {
    std::string recipient, words, verdict, found;
  } cases[] = {
      {"user@sts-mismatch.test", "MTA-STS policy validation failed for postfix.lab.test", "confirmed", "the policy does not allow this host"},
      {"user@sts-ok.test", "MTA-STS policy validation failed for postfix.lab.test", "no-longer-true", "trusted and of the right name"},
      {"user@dane-bad.test", "tlsa-invalid: The domain failed DANE validation", "confirmed", "does not match the TLSA records"},
      {"user@good.test", "tlsa-invalid: The domain failed DANE validation", "no-longer-true", "matches a TLSA record"},
  };
  for (const auto& one : cases) {
    Ran run;
    const json::object report = report_of(in_lab({"bounce", "--to", one.recipient, "--text", one.words}), &run);
    const json::value claim = claim_of(report, "certificate");
    EXPECT_EQ(text_at(claim, "verdict"), one.verdict) << one.recipient << '\n' << run.told();
    EXPECT_THAT(text_at(claim, "found"), HasSubstr(one.found)) << one.recipient;
  }
}

/// good.test asks to refuse what passes neither SPF nor DKIM; its SPF record names the first sender and not the second.
TEST_F(Bounces, DmarcOfTheReturnedMessageIsLookedUp) {
  const std::pair<std::string, Words> cases[] = {{"postfix", {"--own", "127.0.66.1"}}, {"exim", {"--own", "127.0.25.2"}}};
  for (const auto& [server, own] : cases) {
    Ran run;
    const json::object report = looked_up(report_on(server, "c07"), &run, own);
    EXPECT_EQ(text_at(report, "facts.recipients.0.reason"), "dmarc-failed");
    const json::value claim = claim_of(report, "dmarc");
    EXPECT_EQ(text_at(claim, "verdict"), server == "postfix" ? "no-longer-true" : "confirmed") << run.told();
    EXPECT_THAT(text_at(claim, "found"), HasSubstr("the returned message has no DKIM signature"));
  }
}

TEST_F(Bounces, LogsOfTheSameServersSayTheSame) {
  for (const Fate& fate : fates()) (void)report_on(fate.servers.substr(0, fate.servers.find(' ')), fate.scenario);
  const struct {
    std::string file, kind, category, text, receiver;
  } rows[] = {
      {"mail.log", "bounced", "reputation", "blocked using moving.dnsbl.test", "moving.test"},
      {"mail.log", "bounced", "authentication", "SPF fail", "spf.test"},
      {"mail.log", "bounced", "recipient", "User unknown in virtual mailbox table", "postfix.test"},
      {"mail.log", "deferred", "greylist", "Greylisted", "grey.test"},
      {"mail.log", "deferred", "network", "Connection refused", "refused.test"},
      {"mail.log", "deferred", "tls", "TLS is required, but was not offered", "notls.test"},
      {"mail.log", "bounced", "size", "exceeds size limit", "size.test"},
      {"exim/mainlog", "bounced", "reputation", "blocked using moving.dnsbl.test", "moving.test"},
      {"exim/mainlog", "bounced", "authentication", "SPF fail", "spf.test"},
      {"exim/mainlog", "bounced", "relay", "Relay access denied", "mx-nullplus.test"},
      {"exim/mainlog", "deferred", "greylist", "Greylisted", "rcpt450.test"},
  };
  std::map<std::string, json::object> reports;
  for (const auto& row : rows) {
    json::object& report = reports[row.file];
    if (report.empty()) report = report_of({"log", "--top", "10000", "--since", began, folder() + "/log/" + row.file});
    bool found = false;
    for (const json::value& group : at(report, "facts.groups").as_array())
      found = found || (text_at(group, "kind") == row.kind && text_at(group, "class") == row.category && text_at(group, "sample").find(row.text) != std::string::npos &&
                        text_at(group, "receivers").find(row.receiver) != std::string::npos);
    EXPECT_TRUE(found) << row.file << ": " << row.kind << ' ' << row.category << ' ' << row.text << '\n' << text_at(report, "facts.groups").substr(0, 8000);
  }
}

/// The same claims out of a log: each once, few of them, with what is so now.
TEST_F(Bounces, TopCausesOfALogAreLookedUpAgain) {
  for (const std::string scenario : {"moving", "refused", "notls"}) (void)report_on("postfix", scenario);
  (void)report_on("exim", "spf");
  list_the_client(true);
  Ran run;
  const json::object report = report_of(in_lab({"log", "--recheck", "--timeout", "3", "--since", began, "--lists-file", lists, folder() + "/log/mail.log"}), &run);
  std::map<std::string, std::string> verdicts;
  for (const json::value& claim : at(report, "facts.claims").as_array()) {
    const std::string said = text_at(claim, "said");
    EXPECT_TRUE(verdicts.emplace(said, text_at(claim, "verdict")).second) << "twice: " << said;
  }
  EXPECT_LE(verdicts.size(), 20u);
  EXPECT_EQ(verdicts["127.0.66.2 is on moving.dnsbl.test"], "confirmed") << run.told();
  EXPECT_EQ(verdicts["refused.lab.test takes no connection"], "confirmed") << json::serialize(at(report, "facts.claims"));
  EXPECT_TRUE(ids_in(report, "findings").contains("bounce.claim-confirmed"));
  const Ran bundle = test::run_tool(in_lab({"log", "--recheck", "--bundle", "--timeout", "3", "--since", began, "--lists-file", lists, folder() + "/log/mail.log"}));
  EXPECT_THAT(bundle.out, HasSubstr("Refused: mail from 127.0.66.2 to moving.test")) << bundle.told();
  EXPECT_THAT(bundle.out, HasSubstr("127.0.66.2 is on moving.dnsbl.test: confirmed"));
  EXPECT_TRUE(at(report_of({"log", "--since", began, folder() + "/log/mail.log"}), "facts.claims").is_null());
}

TEST_F(Bounces, ABundleHasWhatTheFormAsksFor) {
  list_the_client(false);
  const test::Folder place;
  std::ofstream(place.file("bounce.eml"), std::ios::binary) << report_on("postfix", "moving");
  const Ran run = test::run_tool(in_lab({"bounce", place.file("bounce.eml"), "--bundle", "--lists-file", lists}));
  list_the_client(true);
  for (const std::string part : {"Refused: mail from 127.0.66.2 to moving.test", "user@moving.test", "moving.lab.test", "554 5.7.1", "<postfix.moving@good.test>", "blocked using moving.dnsbl.test",
                                 "no longer so: 127.0.66.2 is on moving.dnsbl.test", "https://moving.dnsbl.test/"})
    EXPECT_THAT(run.out, HasSubstr(part)) << run.told();
}

}  // namespace
}  // namespace mailmedic::lab
