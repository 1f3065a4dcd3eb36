// The dialogue without I/O: each step succeeding, refused, cut off.
#include <gtest/gtest.h>

#include "lib/smtp/dialogue.hpp"

using namespace mailmedic;
using namespace mailmedic::smtp;

namespace {
const Reply greeting{220, {"mx.example ESMTP"}};
const Reply with_tls{250, {"mx.example", "STARTTLS"}};
const Reply without_tls{250, {"mx.example", "SIZE 10"}};
const Action quit = smtp::send("QUIT");

Dialogue dialogue(Stage quit_after = Stage::ehlo_after_tls, Encryption encryption = Encryption::starttls_if_offered) {
  return Dialogue({.helo = "probe.example", .encryption = encryption, .quit_after = quit_after, .mail_from = "a@example.org", .rcpt_to = "b@example.net"});
}
/// After "220 go ahead" and the handshake.
Dialogue secured(Stage quit_after = Stage::rcpt) {
  Dialogue d = dialogue(quit_after);
  d.start();
  d.on_reply(greeting);
  d.on_reply(with_tls);
  d.on_reply({220, {"go ahead"}});
  d.on_tls(true);
  return d;
}
void expect_stopped(const Dialogue& d, Stage stage, Cause cause) {
  EXPECT_EQ(d.seen().stopped_at, stage);
  EXPECT_EQ(d.seen().cause, cause) << cause_text(d.seen().cause);
}
}  // namespace

TEST(Dialogue, GoesThroughToTheEnd) {
  Dialogue d = dialogue(Stage::rcpt);
  EXPECT_EQ(d.start(), await_reply());
  EXPECT_EQ(d.on_reply(greeting), smtp::send("EHLO probe.example"));
  EXPECT_EQ(d.on_reply(with_tls), smtp::send("STARTTLS"));
  EXPECT_EQ(d.on_reply({220, {"go ahead"}}), start_tls());
  EXPECT_EQ(d.on_tls(true), smtp::send("EHLO probe.example"));
  EXPECT_EQ(d.on_reply(without_tls), smtp::send("MAIL FROM:<a@example.org>"));
  EXPECT_EQ(d.on_reply({250, {"ok"}}), smtp::send("RCPT TO:<b@example.net>"));
  EXPECT_EQ(d.on_reply({250, {"ok"}}), quit);
  EXPECT_EQ(d.on_reply({221, {"bye"}}), done());
  EXPECT_EQ(d.seen().cause, Cause::none);
  EXPECT_FALSE(d.seen().stopped_at);
  EXPECT_TRUE(d.seen().capabilities->starttls());
  EXPECT_FALSE(d.seen().capabilities_after_tls->starttls());
  EXPECT_EQ(d.seen().quit->code, 221);
}

// RFC 5321 section 4.3.2
TEST(Dialogue, GoAheadIsNoYesToGreetingsAndEnvelope) {
  Dialogue greeted = dialogue();
  greeted.start();
  greeted.on_reply(greeting);
  EXPECT_EQ(greeted.on_reply({354, {"go ahead"}}), quit);
  expect_stopped(greeted, Stage::ehlo, Cause::ehlo_rejected);
  Dialogue sender = secured();
  sender.on_reply(without_tls);
  EXPECT_EQ(sender.on_reply({354, {"go ahead"}}), quit);
  expect_stopped(sender, Stage::mail, Cause::mail_rejected);
}

TEST(Dialogue, QuitsWhenStartTlsIsRefused) {
  Dialogue d = dialogue();
  d.start();
  d.on_reply(greeting);
  d.on_reply(with_tls);
  EXPECT_EQ(d.on_reply({454, {"TLS not available"}}), quit);
  expect_stopped(d, Stage::starttls, Cause::starttls_rejected);
}

TEST(Dialogue, ABusyGreetingIsNoRefusal) {
  for (const int code : {421, 450}) {
    Dialogue d = dialogue();
    d.start();
    EXPECT_EQ(d.on_reply({code, {"later"}}), quit);
    expect_stopped(d, Stage::banner, Cause::banner_busy);
    EXPECT_FALSE(d.seen().capabilities);
  }
}

TEST(Dialogue, QuitsAtARefusingGreeting) {
  for (const int code : {554, 521, 250}) {
    Dialogue d = dialogue();
    d.start();
    EXPECT_EQ(d.on_reply({code, {"no"}}), quit);
    expect_stopped(d, Stage::banner, Cause::banner_rejected);
  }
}

TEST(Dialogue, FallsBackToHelo) {
  Dialogue d = dialogue(Stage::rcpt);
  d.start();
  d.on_reply(greeting);
  EXPECT_EQ(d.on_reply({502, {"what?"}}), smtp::send("HELO probe.example"));
  EXPECT_EQ(d.on_reply({250, {"hello"}}), smtp::send("MAIL FROM:<a@example.org>"));
  EXPECT_EQ(d.seen().ehlo->code, 502);
  EXPECT_EQ(d.seen().helo->code, 250);
  EXPECT_FALSE(d.seen().capabilities);
}

TEST(Dialogue, StopsWhenBothGreetingsAreRefusedOrLaterIsSaid) {
  Dialogue both = dialogue();
  both.start();
  both.on_reply(greeting);
  both.on_reply({550, {"no"}});
  EXPECT_EQ(both.on_reply({550, {"no"}}), quit);
  expect_stopped(both, Stage::helo, Cause::ehlo_rejected);
  Dialogue later = dialogue();
  later.start();
  later.on_reply(greeting);
  EXPECT_EQ(later.on_reply({421, {"later"}}), quit);
  expect_stopped(later, Stage::ehlo, Cause::ehlo_rejected);
}

TEST(Dialogue, RequiredTlsThatIsNotOfferedStopsIt) {
  Dialogue d = dialogue(Stage::rcpt, Encryption::starttls_required);
  d.start();
  d.on_reply(greeting);
  EXPECT_EQ(d.on_reply(without_tls), quit);
  expect_stopped(d, Stage::starttls, Cause::starttls_not_offered);
  Dialogue helo = dialogue(Stage::rcpt, Encryption::starttls_required);
  helo.start();
  helo.on_reply(greeting);
  helo.on_reply({500, {"what?"}});
  EXPECT_EQ(helo.on_reply({250, {"hello"}}), quit);
  expect_stopped(helo, Stage::starttls, Cause::starttls_not_offered);
}

TEST(Dialogue, OpportunisticTlsGoesOnWithoutIt) {
  Dialogue d = dialogue(Stage::rcpt);
  d.start();
  d.on_reply(greeting);
  EXPECT_EQ(d.on_reply(without_tls), smtp::send("MAIL FROM:<a@example.org>"));
  Dialogue none = dialogue(Stage::rcpt, Encryption::none);
  none.start();
  none.on_reply(greeting);
  EXPECT_EQ(none.on_reply(with_tls), smtp::send("MAIL FROM:<a@example.org>"));
}

TEST(Dialogue, ImplicitTlsComesFirst) {
  Dialogue d = dialogue(Stage::ehlo_after_tls, Encryption::implicit);
  EXPECT_EQ(d.start(), start_tls());
  EXPECT_EQ(d.stage(), Stage::tls);
  EXPECT_EQ(d.on_tls(true), await_reply());
  EXPECT_EQ(d.on_reply(greeting), smtp::send("EHLO probe.example"));
  EXPECT_EQ(d.on_reply(with_tls), quit);  // no second TLS
}

TEST(Dialogue, TheLastStageIsSettable) {
  EXPECT_EQ(dialogue(Stage::connect).start(), done());
  Dialogue banner = dialogue(Stage::banner);
  banner.start();
  EXPECT_EQ(banner.on_reply(greeting), quit);
  Dialogue ehlo = dialogue(Stage::ehlo);
  ehlo.start();
  ehlo.on_reply(greeting);
  EXPECT_EQ(ehlo.on_reply(with_tls), quit);
  Dialogue starttls = dialogue(Stage::starttls);
  starttls.start();
  starttls.on_reply(greeting);
  starttls.on_reply(with_tls);
  EXPECT_EQ(starttls.on_reply({220, {"go"}}), done());  // QUIT in the clear would be no TLS
  EXPECT_EQ(secured(Stage::ehlo_after_tls).on_reply(without_tls), quit);
  Dialogue mail = secured(Stage::mail);
  mail.on_reply(without_tls);
  EXPECT_EQ(mail.on_reply({250, {"ok"}}), quit);
  EXPECT_EQ(secured(Stage::tls).stage(), Stage::quit);
}

TEST(Dialogue, RecordsRefusedSendersAndRecipients) {
  Dialogue mail = secured();
  mail.on_reply(without_tls);
  EXPECT_EQ(mail.on_reply({550, {"5.7.1 no"}}), quit);
  expect_stopped(mail, Stage::mail, Cause::mail_rejected);
  Dialogue rcpt = secured();
  rcpt.on_reply(without_tls);
  rcpt.on_reply({250, {"ok"}});
  EXPECT_EQ(rcpt.on_reply({450, {"4.2.0 greylisted"}}), quit);
  expect_stopped(rcpt, Stage::rcpt, Cause::rcpt_rejected);
  Dialogue again = secured();
  EXPECT_EQ(again.on_reply({550, {"no"}}), quit);
  expect_stopped(again, Stage::ehlo_after_tls, Cause::ehlo_rejected);
}

TEST(Dialogue, ACutIsTheCauseOfItsStageButNotAfterQuit) {
  Dialogue d = dialogue();
  d.start();
  d.on_reply(greeting);
  EXPECT_EQ(d.on_failure(Cause::closed), done());
  expect_stopped(d, Stage::ehlo, Cause::closed);
  Dialogue quitting = dialogue(Stage::banner);
  quitting.start();
  quitting.on_reply(greeting);
  EXPECT_EQ(quitting.on_failure(Cause::timed_out), done());
  EXPECT_EQ(quitting.seen().cause, Cause::none);
}

TEST(Dialogue, SendsNoTwoCommandsInOneLine) {
  for (const char* bad : {"a@b>\r\nDATA", "a\nb", ""}) {
    Dialogue d({.helo = bad});
    EXPECT_EQ(d.start(), done());
    expect_stopped(d, Stage::connect, Cause::local_error);
  }
  Dialogue sender({.helo = "x", .mail_from = "a\r\nRCPT TO:<b>"});
  EXPECT_EQ(sender.start(), done());
}

namespace {
LoginRequest login(std::vector<std::string> mechanisms = {}) {
  return {.credentials = {.user = "user", .password = "secret", .token = "token"}, .mechanisms = std::move(mechanisms), .without_tls = true};
}
Action secret(const std::string& wire, const std::string& shown) { return smtp::send(Line::secret(wire, shown)); }
/// After EHLO on a connection without TLS; the settings may ask for anything.
Action after_ehlo(Dialogue& d, const Reply& ehlo) {
  d.start();
  d.on_reply(greeting);
  return d.on_reply(ehlo);
}
Reply offers(const std::string& extension) { return {250, {"mx", extension}}; }
Dialogue logging_in(LoginRequest request) {
  return Dialogue({.helo = "x", .encryption = Encryption::none, .quit_after = Stage::auth, .login = std::move(request)});
}
}  // namespace

TEST(DialogueLogin, AnswersEachChallenge) {
  Dialogue d = logging_in(login({"LOGIN"}));
  EXPECT_EQ(after_ehlo(d, offers("AUTH PLAIN LOGIN")), smtp::send("AUTH LOGIN"));
  EXPECT_EQ(d.on_reply({334, {"VXNlcm5hbWU6"}}), secret("dXNlcg==", "********"));
  EXPECT_EQ(d.on_reply({334, {"UGFzc3dvcmQ6"}}), secret("c2VjcmV0", "********"));
  EXPECT_EQ(d.on_reply({235, {"2.7.0 ok"}}), quit);
  EXPECT_EQ(d.seen().cause, Cause::none);
  EXPECT_EQ(d.seen().login->challenges, 2);
}

TEST(DialogueLogin, RefusalsStopIt) {
  for (const int code : {421, 432, 454, 500, 504, 530, 534, 535, 538}) {
    Dialogue d = logging_in(login({"PLAIN"}));
    EXPECT_EQ(after_ehlo(d, offers("AUTH PLAIN")), secret("AUTH PLAIN AHVzZXIAc2VjcmV0", "AUTH PLAIN ********"));
    EXPECT_EQ(d.on_reply({code, {"no"}}), quit);
    expect_stopped(d, Stage::auth, Cause::auth_rejected);
    EXPECT_EQ(d.seen().login->reply->code, code);
  }
}

TEST(DialogueLogin, WhatCannotBeTriedIsSaid) {
  Dialogue without = logging_in(login());
  EXPECT_EQ(after_ehlo(without, without_tls), quit);
  expect_stopped(without, Stage::auth, Cause::auth_not_offered);
  Dialogue foreign = logging_in(login());
  EXPECT_EQ(after_ehlo(foreign, offers("AUTH GSSAPI NTLM")), quit);
  expect_stopped(foreign, Stage::auth, Cause::auth_impossible);
  EXPECT_EQ(foreign.seen().login->why, "the server offers GSSAPI, NTLM");
}

// RFC 4954 section 4: "*" cancels; a server that asks on and on is left.
TEST(DialogueLogin, SenselessChallengesAreCancelled) {
  Dialogue garbage = logging_in(login({"LOGIN"}));
  after_ehlo(garbage, offers("AUTH LOGIN"));
  EXPECT_EQ(garbage.on_reply({334, {"not base64!"}}), smtp::send("*"));
  EXPECT_EQ(garbage.on_reply({501, {"cancelled"}}), quit);
  expect_stopped(garbage, Stage::auth, Cause::auth_broken);
  Dialogue endless = logging_in(login({"LOGIN"}));
  Action action = after_ehlo(endless, offers("AUTH LOGIN"));
  int rounds = 0;
  while (action.kind == Action::Kind::send && action != quit && ++rounds < 20) action = endless.on_reply({334, {"VXNlcm5hbWU6"}});
  EXPECT_LT(rounds, 10);
  expect_stopped(endless, Stage::auth, Cause::auth_broken);
}

// RFC 4954 section 4: what does not fit into a command line waits for the challenge. RFC 7628 section 3.2.3: the error is JSON.
TEST(DialogueLogin, LongTokensAndTheirErrors) {
  LoginRequest request = login({"XOAUTH2"});
  request.credentials.token = std::string(1000, 't');
  Dialogue d = logging_in(std::move(request));
  EXPECT_EQ(after_ehlo(d, offers("AUTH XOAUTH2")), smtp::send("AUTH XOAUTH2"));
  EXPECT_EQ(d.on_reply({334, {""}}).line.shown, "********");
  EXPECT_EQ(d.on_reply({334, {"eyJzdGF0dXMiOiI0MDEifQ=="}}), secret("", "********"));
  EXPECT_EQ(d.on_reply({535, {"5.7.8 no"}}), quit);
  EXPECT_EQ(d.seen().login->server_error, R"({"status":"401"})");
}

TEST(Dialogue, AsksOnlyForWhatIsOffered) {
  DialogueSettings settings{.helo = "x", .encryption = Encryption::none, .quit_after = Stage::rcpt, .mail_from = "a@example.org", .rcpt_to = "b@example.net"};
  settings.wishes = {.size = 1000, .eight_bit = true, .ret = "HDRS", .envid = "a b+c", .notify = "SUCCESS", .orcpt = "b=b@example.net"};
  Dialogue d(settings);
  EXPECT_EQ(after_ehlo(d, {250, {"mx", "SIZE 10000", "DSN"}}), smtp::send("MAIL FROM:<a@example.org> SIZE=1000 RET=HDRS ENVID=a+20b+2Bc"));
  EXPECT_EQ(d.on_reply({250, {"ok"}}), smtp::send("RCPT TO:<b@example.net> NOTIFY=SUCCESS ORCPT=rfc822;b+3Db@example.net"));
  EXPECT_EQ(d.seen().not_offered, std::vector<std::string>{"8BITMIME"});
  settings.wishes.utf8 = true;  // RFC 6531 section 3.4: not without
  Dialogue stopped(settings);
  EXPECT_EQ(after_ehlo(stopped, without_tls), quit);
  expect_stopped(stopped, Stage::mail, Cause::extension_missing);
}

TEST(Dialogue, DataEndsWithoutAMessage) {
  Dialogue d = secured(Stage::data);
  d.on_reply(without_tls);
  d.on_reply({250, {"ok"}});
  EXPECT_EQ(d.on_reply({250, {"ok"}}), smtp::send("DATA"));
  EXPECT_EQ(d.on_reply({354, {"go"}}), done());
  EXPECT_EQ(d.seen().cause, Cause::none);
  Dialogue refused = secured(Stage::data);
  refused.on_reply(without_tls);
  refused.on_reply({250, {"ok"}});
  refused.on_reply({250, {"ok"}});
  EXPECT_EQ(refused.on_reply({554, {"no"}}), quit);
  expect_stopped(refused, Stage::data, Cause::data_rejected);
}

TEST(Dialogue, DropsWithoutQuit) {
  Dialogue d({.helo = "x", .encryption = Encryption::none, .quit_after = Stage::ehlo, .drop = true});
  EXPECT_EQ(after_ehlo(d, without_tls), done());
}

// RFC 2033 section 4.1
TEST(Dialogue, LmtpSaysLhloAndHasNoHelo) {
  Dialogue d({.helo = "x", .encryption = Encryption::none, .lmtp = true});
  d.start();
  EXPECT_EQ(d.on_reply(greeting), smtp::send("LHLO x"));
  EXPECT_EQ(d.on_reply({500, {"what"}}), quit);
  expect_stopped(d, Stage::ehlo, Cause::ehlo_rejected);
}

TEST(Dialogue, XclientWhereItIsOffered) {
  const DialogueSettings settings{.helo = "x", .encryption = Encryption::none, .quit_after = Stage::rcpt, .xclient = {{"ADDR", "192.0.2.1"}, {"NAME", "a b"}, {"LOGIN", "me"}}};
  Dialogue d(settings);
  EXPECT_EQ(after_ehlo(d, offers("XCLIENT NAME ADDR")), smtp::send("XCLIENT ADDR=192.0.2.1 NAME=a+20b"));
  EXPECT_EQ(d.on_reply({220, {"mx"}}), smtp::send("EHLO x"));
  EXPECT_EQ(d.on_reply(without_tls), quit);
  EXPECT_EQ(d.seen().not_offered, std::vector<std::string>{"XCLIENT LOGIN"});
  Dialogue none(settings);
  EXPECT_EQ(after_ehlo(none, without_tls), quit);
  expect_stopped(none, Stage::xclient, Cause::xclient_not_offered);
  Dialogue refused(settings);
  after_ehlo(refused, offers("XCLIENT NAME ADDR"));
  EXPECT_EQ(refused.on_reply({550, {"no"}}), quit);
  expect_stopped(refused, Stage::xclient, Cause::xclient_rejected);
}
