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
  d.on_tls();
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
  EXPECT_EQ(d.on_tls(), smtp::send("EHLO probe.example"));
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
  EXPECT_EQ(d.on_tls(), await_reply());
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
