// Handing a message over, against scripted servers on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/delivery/judge.hpp"
#include "lib/smtp/courier.hpp"
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
using testing::IsEmpty;
using testing::Not;
using Fate = Handover::Outcome;

namespace {
struct Sent {
  Delivery delivery;
  std::vector<std::string> heard, ids;
  std::vector<Fate> outcomes;
};

Letter letter(std::vector<std::string> recipients = {"you@example.org"}) {
  Letter out{.sender = "me@example.net", .recipients = std::move(recipients), .message = "Subject: x\r\n\r\n.dot\r\nend\r\n"};
  out.patience = std::chrono::seconds(2);
  return out;
}

Sent send(const Script& script, Letter what = letter(), ProbeRequest route = {}) {
  const ScriptedSmtpServer server(script);
  route.endpoint = server.endpoint();
  NetworkOptions options{.timeout = 2000ms, .helo = "probe.example"};
  static const tls::TrustStore store = tls::TrustStore::from_pem("");
  Sent out;
  out.delivery = test::run(deliver(std::move(route), std::move(what), options, store, std::chrono::system_clock::now()));
  out.heard = server.heard();
  CheckReport report;
  delivery::judge(out.delivery, report);
  for (const auto* findings : {&report.findings, &report.unknowns})
    for (const Finding& finding : *findings) {
      test::expect_words_are_filled(finding);
      out.ids.emplace_back(finding.id);
    }
  for (const Handover& each : out.delivery.recipients) out.outcomes.push_back(each.outcome);
  return out;
}

Script greeted(const std::string& more = "") { return Script().reply("220 mx ESMTP").answer("EHLO", "250-mx\r\n" + more + "250 HELP"); }
Script& body(Script& script) { return script.expect("Subject").expect("").expect("..dot").expect("end").expect("."); }
}  // namespace

TEST(Courier, HandsOverStepByStep) {
  Script script = greeted();
  script.answer("MAIL FROM:<me@example.net>", "250 ok").answer("RCPT TO:<you@example.org>", "250 ok").answer("DATA", "354 go");
  body(script).reply("250 2.0.0 Ok: queued as 4F2A1").expect("QUIT");
  const Sent sent = send(script);
  EXPECT_THAT(sent.outcomes, ElementsAre(Fate::accepted)) << sent.delivery.probe.why;
  EXPECT_EQ(sent.delivery.recipients[0].queue_id, "4F2A1");
  EXPECT_THAT(sent.ids, ElementsAre("delivery.accepted"));
}

TEST(Courier, EachRecipientHasItsOwnFate) {
  Script script = greeted("250-PIPELINING\r\n");
  // All commands come in one go; the replies are in their order.
  script.expect("MAIL").expect("RCPT").expect("RCPT").expect("RCPT").expect("DATA").reply("250 ok").reply("250 ok").reply("550 5.1.1 no such user").reply("451 4.7.1 Greylisting in action").reply("354 go");
  body(script).reply("250 ok").expect("QUIT");
  const Sent sent = send(script, letter({"a@example.org", "b@example.org", "c@example.org"}));
  EXPECT_THAT(sent.outcomes, ElementsAre(Fate::accepted, Fate::refused, Fate::deferred)) << sent.delivery.probe.why;
  EXPECT_THAT(sent.ids, ElementsAre("delivery.accepted", "delivery.refused", "delivery.greylisted"));
}

TEST(Courier, WhereNobodyIsTakenAnEmptyMessageEndsIt) {
  Script script = greeted("250-PIPELINING\r\n");
  script.expect("MAIL").expect("RCPT").expect("DATA").reply("250 ok").reply("450 4.2.0 later").reply("354 go").expect(".").reply("554 no valid recipients").expect("QUIT");
  const Sent sent = send(script);
  EXPECT_THAT(sent.outcomes, ElementsAre(Fate::deferred));
  EXPECT_FALSE(sent.delivery.end_was_sent);
  EXPECT_THAT(sent.ids, ElementsAre("delivery.deferred"));
}

TEST(Courier, ARefusedSenderIsEverybodysFate) {
  const Sent one = send(greeted().answer("MAIL", "550 5.7.1 not you").expect("QUIT"), letter({"a@example.org", "b@example.org"}));
  EXPECT_THAT(one.outcomes, ElementsAre(Fate::refused, Fate::refused));
  EXPECT_EQ(one.delivery.recipients[1].stage, Stage::mail);
}

TEST(Courier, SilenceAfterTheEndIsNotKnown) {
  Script script = greeted();
  script.answer("MAIL", "250 ok").answer("RCPT", "250 ok").answer("DATA", "354 go");
  body(script);
  const Sent sent = send(script);
  EXPECT_THAT(sent.outcomes, ElementsAre(Fate::unknown));
  EXPECT_TRUE(sent.delivery.end_was_sent);
  EXPECT_THAT(sent.ids, ElementsAre("delivery.uncertain"));
}

TEST(Courier, WhatEndsBeforeTheMessageDeliversNothing) {
  EXPECT_THAT(send(Script().reply("421 busy")).ids, ElementsAre("delivery.deferred"));
  EXPECT_THAT(send(greeted().answer("MAIL", "250 ok").expect("RCPT")).ids, ElementsAre("delivery.not-handed-over"));
  EXPECT_THAT(send(greeted().answer("MAIL", "250 ok").answer("RCPT", "421 4.3.2 going down"), letter({"a@x", "b@x"})).outcomes, ElementsAre(Fate::deferred, Fate::deferred));
  EXPECT_THAT(send(Script().reply("SSH-2.0")).ids, ElementsAre("delivery.not-handed-over"));
}

TEST(Courier, SaysTheMessageInOneChunk) {
  Letter what = letter();
  what.chunking = true;
  Script script = greeted("250-CHUNKING\r\n");
  // BDAT needs no dots in front of dots.
  script.answer("MAIL", "250 ok").answer("RCPT", "250 ok").expect("BDAT 25 LAST").expect("Subject").expect("").expect(".dot").expect("end").reply("250 ok").expect("QUIT");
  const Sent sent = send(script, what);
  EXPECT_THAT(sent.outcomes, ElementsAre(Fate::accepted)) << sent.delivery.probe.why;
  EXPECT_TRUE(sent.delivery.used_chunking);
}

TEST(Courier, LmtpAnswersForEachRecipient) {
  ProbeRequest route{.lmtp = true};
  Script script = Script().reply("220 lmtp").answer("LHLO", "250 lmtp");
  script.answer("MAIL", "250 ok").answer("RCPT", "250 ok").answer("RCPT", "250 ok").answer("DATA", "354 go");
  body(script).reply("250 2.1.5 delivered").reply("452 4.2.2 over quota").expect("QUIT");
  EXPECT_THAT(send(script, letter({"a@x", "b@x"}), route).outcomes, ElementsAre(Fate::accepted, Fate::deferred));
}

TEST(Courier, WishesGoWhereTheyAreOffered) {
  Letter what = letter();
  what.wishes = {.size = 25, .eight_bit = true, .ret = "HDRS", .envid = "a+b", .notify = "SUCCESS", .orcpt = "yes"};
  Script script = greeted("250-SIZE 1000\r\n250-DSN\r\n");
  script.answer("MAIL FROM:<me@example.net> SIZE=25 RET=HDRS ENVID=a+2Bb", "250 ok").answer("RCPT TO:<you@example.org> NOTIFY=SUCCESS ORCPT=rfc822;you@example.org", "250 ok").answer("DATA", "354 go");
  body(script).reply("250 ok").expect("QUIT");
  EXPECT_THAT(send(script, what).ids, ElementsAre("delivery.accepted", "delivery.eight-bit"));
  what.wishes = {.envid = "x"};
  Script plain = greeted();
  plain.answer("MAIL FROM:<me@example.net>", "250 ok").answer("RCPT", "250 ok").answer("DATA", "354 go");
  body(plain).reply("250 ok").expect("QUIT");
  EXPECT_THAT(send(plain, what).ids, ElementsAre("delivery.accepted", "delivery.wish-not-offered"));
}

TEST(Courier, AMessageThatNeedsAnExtensionStaysHere) {
  Letter what = letter();
  what.wishes.utf8 = true;
  const Sent sent = send(greeted().expect("QUIT"), what);
  EXPECT_THAT(sent.outcomes, ElementsAre(Fate::unknown));
  EXPECT_THAT(sent.heard, Not(Contains("MAIL FROM:<me@example.net>")));
  EXPECT_THAT(sent.ids, ElementsAre("delivery.not-handed-over"));
}

TEST(Courier, DotsAndQueueIds) {
  EXPECT_EQ(with_dots("a\r\n.b\r\n..c"), "a\r\n..b\r\n...c\r\n.\r\n");
  EXPECT_EQ(with_dots(""), "\r\n.\r\n");
  const auto id = [](const char* text) { return queue_id_of({250, {text}}); };
  EXPECT_EQ(id("2.0.0 Ok: queued as 4F2A1"), "4F2A1");
  EXPECT_EQ(id("OK id=1vNq0K-0001Ab-2c"), "1vNq0K-0001Ab-2c");
  EXPECT_EQ(id("2.0.0 0a1b2c3d Message accepted for delivery"), "0a1b2c3d");
  EXPECT_EQ(id("2.0.0 OK  1790000000 a1-20020a17 - gsmtp"), "a1-20020a17");
  EXPECT_EQ(id("thanks"), "");
}

TEST(DeliveryCheck, WithoutAWayDnsDecides) {
  const auto told = [](smtp::MailHosts::Kind kind) {
    smtp::MailHosts mail;
    mail.kind = kind;
    mail.domain = *dns::Name::parse("example.org");
    CheckReport report;
    delivery::judge_no_way({{.recipient = "you@example.org"}}, mail, report);
    for (const auto* findings : {&report.findings, &report.unknowns})
      for (const Finding& finding : *findings) test::expect_words_are_filled(finding);
    return report.findings.empty() ? std::string(report.unknowns.at(0).id) : std::string(report.findings.at(0).id);
  };
  EXPECT_EQ(told(smtp::MailHosts::Kind::null_mx), "delivery.no-way");
  EXPECT_EQ(told(smtp::MailHosts::Kind::none), "delivery.no-way");
  EXPECT_EQ(told(smtp::MailHosts::Kind::unknown), "delivery.way-unknown");
}

TEST(DeliveryCheck, CatalogueFitsCode) { test::expect_catalogue_fits_code("delivery"); }
TEST(DeliveryCheck, AKnownRefusalIsExplained) {
  const Finding known = delivery::provider_refusal({"Gmail", "an app password is needed", "the address", "an app password", "https://example.org/"}, {534, {"5.7.9 no"}});
  EXPECT_EQ(known.id, "delivery.provider-refusal");
  test::expect_words_are_filled(known);
}
