// Trials of a server's conduct, against scripted servers on loopback, and what they are judged to be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/smtp/trials.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/run.hpp"
#include "tools/demo/scripted_smtp_server.hpp"

using namespace mailmedic;
using namespace mailmedic::smtp;
using namespace std::chrono_literals;
using demo::Script;
using demo::ScriptedSmtpServer;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {
struct Tried {
  TrialSeen seen;
  CheckReport report;
  std::vector<std::string> heard, ids;
};

Tried try_it(Trial trial, const std::vector<Script>& scripts, Encryption encryption = Encryption::starttls_if_offered) {
  const ScriptedSmtpServer server(scripts);
  TrialRequest request{.endpoint = server.endpoint(), .host = "mx.example.org", .encryption = encryption, .domain = "example.org"};
  request.sender = "me@example.net";
  request.recipient = "you@example.org";
  request.relay_to = "me@elsewhere.example";
  NetworkOptions options{.timeout = 2000ms, .helo = "probe.example"};
  static const tls::TrustStore store = tls::TrustStore::from_pem("");
  Tried out{.seen = test::run(try_server(trial, std::move(request), options, store, std::chrono::system_clock::now())), .report = {}, .heard = {}, .ids = {}};
  judge_trial("mx.example.org", server.endpoint(), out.seen, out.report);
  for (const auto* findings : {&out.report.findings, &out.report.unknowns})
    for (const Finding& finding : *findings) {
      test::expect_words_are_filled(finding);
      out.ids.emplace_back(finding.id);
    }
  out.heard = server.heard();
  return out;
}

Tried try_it(Trial trial, const Script& script) { return try_it(trial, std::vector<Script>{script}); }

Script greeted(const std::string& more = "") { return Script().reply("220 mx.example.org ESMTP").answer("EHLO", "250-mx.example.org\r\n" + more + "250 HELP"); }
demo::Identity identity() { return demo::make_identity({}); }
}  // namespace

TEST(Trials, PipeliningInOrderIsFine) {
  const Tried fine = try_it(Trial::pipelining, greeted("250-PIPELINING\r\n").answer("RSET", "250 1").answer("RSET", "250 2").answer("NOOP", "250 3").answer("QUIT", "221 bye"));
  EXPECT_TRUE(fine.seen.was_performed) << fine.seen.why;
  EXPECT_THAT(fine.ids, IsEmpty());
}

TEST(Trials, ALostReplyToAPipelinedCommandIsFound) {
  const Script lossy = greeted("250-PIPELINING\r\n").answer("RSET", "250 1").expect("RSET").expect("NOOP").hang();
  const Tried broken = try_it(Trial::pipelining, {lossy, greeted("250-PIPELINING\r\n").answer("NOOP", "250 ok").expect("QUIT")});
  EXPECT_THAT(broken.ids, ElementsAre("smtp.pipelining-broken"));
  // A server that does not answer a single command in time either is slow: that is no loss.
  const Tried slow = try_it(Trial::pipelining, {lossy, greeted("250-PIPELINING\r\n").expect("NOOP").hang()});
  EXPECT_THAT(slow.ids, ElementsAre("smtp.trial-not-done"));
  EXPECT_THAT(try_it(Trial::pipelining, {lossy, Script().hang()}).ids, ElementsAre("smtp.trial-not-done"));
  const Tried later = try_it(Trial::pipelining, greeted("250-PIPELINING\r\n").answer("RSET", "421 busy"));
  EXPECT_THAT(later.ids, Not(Contains("smtp.pipelining-broken")));
}

TEST(Trials, WithoutTheOfferThereIsNoVerdict) {
  const Tried none = try_it(Trial::pipelining, greeted().expect("QUIT"));
  EXPECT_FALSE(none.seen.was_performed);
  EXPECT_THAT(none.ids, ElementsAre("smtp.trial-not-done"));
  EXPECT_THAT(try_it(Trial::relay, Script().reply("421 busy")).ids, ElementsAre("smtp.trial-not-done"));
  EXPECT_THAT(try_it(Trial::relay, Script()).ids, ElementsAre("smtp.trial-not-done"));
}

TEST(Trials, EarlyTalkIsBorneOrPunished) {
  EXPECT_THAT(try_it(Trial::early_talk, greeted()).ids, ElementsAre("smtp.early-talk-borne"));
  EXPECT_THAT(try_it(Trial::early_talk, Script().reply("554 talks too early")).ids, ElementsAre("smtp.early-talk-punished"));
}

TEST(Trials, ARelayIsFoundByTheForeignAddressItself) {
  Script open = greeted();
  for (int i = 0; i < 13; ++i) open.answer("MAIL", "250 ok").answer("RCPT", "250 ok").answer("RSET", "250 ok");
  const Tried relay = try_it(Trial::relay, open.answer("QUIT", "221 bye"));
  EXPECT_THAT(relay.ids, ElementsAre("smtp.open-relay"));
  EXPECT_THAT(relay.heard, Contains("RCPT TO:<me@elsewhere.example>"));
  EXPECT_THAT(relay.heard, Not(Contains("DATA")));
}

TEST(Trials, ARefusedForeignAddressIsNoRelay) {
  Script closed = greeted();
  for (int i = 0; i < 13; ++i) closed.answer("MAIL", "250 ok").answer("RCPT", "554 5.7.1 relay access denied").answer("RSET", "250 ok");
  const Tried fine = try_it(Trial::relay, closed.answer("QUIT", "221 bye"));
  EXPECT_TRUE(fine.seen.was_performed);
  EXPECT_THAT(fine.ids, IsEmpty());
  Script odd = greeted();
  for (int i = 0; i < 4; ++i) odd.answer("MAIL", "250 ok").answer("RCPT", "554 no").answer("RSET", "250 ok");
  for (int i = 0; i < 9; ++i) odd.answer("MAIL", "250 ok").answer("RCPT", "250 a catch-all").answer("RSET", "250 ok");
  EXPECT_THAT(try_it(Trial::relay, odd.answer("QUIT", "221 bye")).ids, ElementsAre("smtp.relay-unclear"));
}

TEST(Trials, ACommandBehindStarttlsMustBeForgotten) {
  const auto starts = [] { return Script().reply("220 mx").answer("EHLO", "250-mx\r\n250 STARTTLS").expect("STARTTLS").expect("NOOP").reply("220 go").start_tls(identity()); };
  EXPECT_THAT(try_it(Trial::starttls_injection, starts().reply("250 the NOOP").answer("QUIT", "221 bye")).ids, ElementsAre("smtp.starttls-injection"));
  const Tried fine = try_it(Trial::starttls_injection, starts().answer("QUIT", "221 bye"));
  EXPECT_TRUE(fine.seen.was_performed) << fine.seen.why;
  EXPECT_THAT(fine.ids, IsEmpty());
  // Answered in the clear, in front of TLS: no injection.
  EXPECT_THAT(try_it(Trial::starttls_injection, Script().reply("220 mx").answer("EHLO", "250-mx\r\n250 STARTTLS").expect("STARTTLS").expect("NOOP").reply("554 no pipelining here")).ids, IsEmpty());
}

TEST(Trials, AWrongEndThatIsTakenIsSmuggling) {
  const auto begins = [] { return greeted().answer("MAIL", "250 ok").answer("RCPT", "250 ok").answer("DATA", "354 go"); };
  // Reads the header's lines, then says that it has the whole message.
  const Tried taken = try_it(Trial::smuggling, begins().expect("From").expect("To").expect("Subject").expect("").reply("250 2.0.0 queued").hang());
  EXPECT_THAT(taken.ids, ElementsAre("smtp.smuggling"));
  EXPECT_THAT(std::string(taken.report.findings[0].evidence[0].text), HasSubstr("queued"));
  const Tried waits = try_it(Trial::smuggling, begins().hang());
  EXPECT_TRUE(waits.seen.was_performed);
  EXPECT_EQ(waits.seen.steps.size(), wrong_ends().size());
  EXPECT_THAT(waits.ids, IsEmpty());
  const Tried refuses = try_it(Trial::smuggling, begins().expect("From").reply("521 5.5.2 bare <LF> received").hang());
  EXPECT_THAT(refuses.ids, IsEmpty());
}

TEST(Trials, VrfyThatTellsIsFound) {
  EXPECT_THAT(try_it(Trial::vrfy, greeted().answer("VRFY", "250 You <you@example.org>").answer("VRFY", "550 no").answer("EXPN", "502 no").answer("EXPN", "502 no").expect("QUIT")).ids,
              ElementsAre("smtp.vrfy-discloses"));
  EXPECT_THAT(try_it(Trial::vrfy, greeted().answer("VRFY", "252 try").answer("VRFY", "252 try").answer("EXPN", "502 no").answer("EXPN", "502 no").expect("QUIT")).ids, IsEmpty());
}

TEST(Trials, AYesToEverythingDisclosesNobody) {
  EXPECT_THAT(try_it(Trial::vrfy, greeted().answer("VRFY", "250 ok").answer("VRFY", "250 ok").answer("EXPN", "250 ok").answer("EXPN", "250 ok").expect("QUIT")).ids, IsEmpty());
  EXPECT_THAT(try_it(Trial::vrfy, greeted().answer("VRFY", "250 You <you@example.org>")).ids, ElementsAre("smtp.trial-not-done"));
}

TEST(Trials, WhatWasNotTriedToItsEndIsNoPass) {
  EXPECT_THAT(try_it(Trial::early_talk, Script().reply("220 mx").expect("EHLO").hang()).ids, ElementsAre("smtp.trial-not-done"));
  EXPECT_THAT(try_it(Trial::relay, greeted().answer("MAIL", "250 ok").answer("RCPT", "554 no").answer("RSET", "250 ok")).ids, ElementsAre("smtp.trial-not-done"));
  Script later = greeted();
  for (int i = 0; i < 13; ++i) later.answer("MAIL", "250 ok").answer("RCPT", "450 4.7.1 greylisted").answer("RSET", "250 ok");
  EXPECT_THAT(try_it(Trial::relay, later.expect("QUIT")).ids, ElementsAre("smtp.trial-not-done"));
  EXPECT_THAT(try_it(Trial::pipelining, greeted("250-PIPELINING\r\n").answer("RSET", "421 busy")).ids, ElementsAre("smtp.trial-not-done"));
  EXPECT_THAT(try_it(Trial::smuggling, greeted().answer("MAIL", "250 ok").answer("RCPT", "450 later")).ids, ElementsAre("smtp.trial-not-done"));
  EXPECT_THAT(try_it(Trial::starttls_injection, Script().reply("220 mx").answer("EHLO", "250-mx\r\n250 STARTTLS").expect("STARTTLS").expect("NOOP").reply("454 later")).ids, ElementsAre("smtp.trial-not-done"));
}

TEST(Trials, PostmasterMustBeTaken) {
  const Tried refused = try_it(Trial::postmaster, greeted().answer("MAIL", "250 ok").answer("RCPT", "550 5.1.1 no such user").expect("QUIT"));
  EXPECT_THAT(refused.ids, ElementsAre("smtp.postmaster-refused"));
  EXPECT_THAT(refused.heard, Contains("RCPT TO:<postmaster@example.org>"));
  EXPECT_THAT(try_it(Trial::postmaster, greeted().answer("MAIL", "250 ok").answer("RCPT", "250 ok").expect("QUIT")).ids, IsEmpty());
  // Greylisting is no refusal, and no yes.
  EXPECT_THAT(try_it(Trial::postmaster, greeted().answer("MAIL", "250 ok").answer("RCPT", "450 4.2.0 later").expect("QUIT")).ids, ElementsAre("smtp.trial-not-done"));
}

TEST(Trials, HostileServersEndWithinTheLimits) {
  for (const Trial trial : {Trial::pipelining, Trial::early_talk, Trial::relay, Trial::starttls_injection, Trial::smuggling, Trial::vrfy, Trial::postmaster}) {
    EXPECT_FALSE(try_it(trial, Script().flood(1'000'000)).seen.steps.size() > 1) << trial_word(trial);
    try_it(trial, Script().say(std::string("\0\xff\x80\r\n", 5)));
    try_it(trial, Script().reset());
    EXPECT_EQ(parse_trial(trial_word(trial)), trial);
  }
}
