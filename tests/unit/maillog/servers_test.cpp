// What a line of each mail server says happened.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "lib/maillog/servers.hpp"

namespace mailmedic::maillog {
namespace {

namespace json = boost::json;

TEST(PostfixLog, DeliveryToAnotherServer) {
  const Event event = read_postfix("postfix/smtp", "0D9633D: to=<jos@example.com>, orig_to=<bestuur@example.com>, relay=mail1.example.net[10.74.103.11]:25, conn_use=2, delay=11, "
                                                   "delays=5.4/0.06/5.1/0.03, tls=may?, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as F12DF84004)");
  EXPECT_EQ(event.kind, Kind::delivered);
  EXPECT_EQ(event.queue_id, "0D9633D");
  EXPECT_EQ(event.recipient, "jos@example.com");
  EXPECT_EQ(event.relay, "mail1.example.net[10.74.103.11]:25");
  EXPECT_EQ(event.status, "2.0.0");
}

TEST(PostfixLog, TheRemoteServersOwnWordsAreTakenOut) {
  const Event event = read_postfix("postfix/smtp", "3C65DA9C003: to=<user@temp.test>, relay=temp.lab.test[127.0.25.13]:25, delay=0.11, delays=0/0.03/0.05/0.03, dsn=4.2.1, status=deferred "
                                                   "(host temp.lab.test[127.0.25.13] said: 450 4.2.1 <user@temp.test>: Recipient address rejected: busy (in reply to RCPT TO command))");
  EXPECT_EQ(event.kind, Kind::deferred);
  EXPECT_EQ(event.text, "450 4.2.1 <user@temp.test>: Recipient address rejected: busy");
  EXPECT_EQ(event.stage, "RCPT TO");
  const Event refused = read_postfix("postfix/smtp", "37B67A9C0E9: to=<a@b.test>, relay=b.test[127.0.26.2]:25, delay=0.04, delays=0.02/0.02/0/0, dsn=4.3.2, status=deferred (host b.test[127.0.26.2] refused to talk to me: 554 5.3.2 no)");
  EXPECT_EQ(refused.text, "554 5.3.2 no");
  EXPECT_EQ(refused.stage, "CONNECT");
  const Event own = read_postfix("postfix/smtp", "951A3A9C143: to=<a@b.test>, relay=none, delay=19, delays=19/0/0/0, dsn=4.4.3, status=deferred (Host or domain name not found. Name service error for name=b.test type=MX: Host not found, try again)");
  EXPECT_EQ(own.text, "Host or domain name not found. Name service error for name=b.test type=MX: Host not found, try again");
}

TEST(PostfixLog, AddressesMayHoldAnything) {
  const Event quoted = read_postfix("postfix/smtp", "AAAAAA1: to=<\"a>, relay=b\"@c.test>, relay=none, delay=1, dsn=5.1.1, status=bounced (no)");
  EXPECT_EQ(quoted.kind, Kind::bounced);
  EXPECT_EQ(quoted.recipient, "\"a>, relay=b\"@c.test");
  const Event bare = read_postfix("postfix/local", "2A22C263F6: to=user@hostname.example.com, orig_to=root@localhost, relay=local, delay=0.07, delays=0.04/0/0/0.03, dsn=2.0.0, status=sent (delivered to command: procmail)");
  EXPECT_EQ(bare.recipient, "user@hostname.example.com");
  EXPECT_EQ(bare.kind, Kind::delivered);
}

TEST(PostfixLog, RejectionsOfClients) {
  const Event event = read_postfix("postfix-in/submission/smtpd", "NOQUEUE: reject: RCPT from listed.lab.test[127.0.66.2]: 554 5.7.1 Service unavailable; Client host [127.0.66.2] blocked using b000.dnsbl.test; "
                                                                  "listed; from=<a@good.test> to=<user@rbl.test> proto=ESMTP helo=<client.lab.test>");
  EXPECT_EQ(event.kind, Kind::rejected);
  EXPECT_EQ(event.stage, "RCPT");
  EXPECT_EQ(event.relay, "listed.lab.test[127.0.66.2]");
  EXPECT_EQ(event.text, "554 5.7.1 Service unavailable; Client host [127.0.66.2] blocked using b000.dnsbl.test; listed");
  EXPECT_EQ(event.status, "5.7.1");
  EXPECT_EQ(event.sender, "a@good.test");
  EXPECT_EQ(event.recipient, "user@rbl.test");
  const Event milter = read_postfix("postfix/cleanup", "4104E3D: milter-reject: END-OF-MESSAGE from x.test[61.238.241.86]: 5.7.1 Blocked by SpamAssassin; from=<w@c.test> to=<v@example.com> proto=ESMTP helo=<e.test>");
  EXPECT_EQ(milter.kind, Kind::rejected);
  EXPECT_EQ(milter.text, "5.7.1 Blocked by SpamAssassin");
  const Event verify = read_postfix("postfix/smtpd", "NOQUEUE: reject: VRFY from unknown[2001:968::1]: 454 4.7.1 <aap@henk.com>: Relay access denied; to=<aap@henk.com> proto=SMTP helo=<me>");
  EXPECT_EQ(verify.kind, Kind::rejected);
  EXPECT_EQ(verify.recipient, "aap@henk.com");
  EXPECT_EQ(read_postfix("postfix/smtpd", "NOQUEUE: reject_warning: RCPT from example.com[93.184.216.34]: 553 5.7.1 x; from=<a@b> to=<c@d> proto=ESMTP helo=<e>").kind, Kind::none);
  EXPECT_EQ(read_postfix("postfix/smtpd", "NOQUEUE: filter: RCPT from unknown[85.25.255.255]: x; from=<a@b> to=<c@d> proto=ESMTP helo=<e>").kind, Kind::none);
}

TEST(PostfixLog, TheQueueManagersWords) {
  EXPECT_EQ(read_postfix("postfix/qmgr", "0F5383D: removed").kind, Kind::removed);
  const Event sender = read_postfix("postfix/qmgr", "0F5383D: from=<joe@example.org>, size=695, nrcpt=1 (queue active)");
  EXPECT_EQ(sender.kind, Kind::sender);
  EXPECT_EQ(sender.sender, "joe@example.org");
  EXPECT_EQ(read_postfix("postfix/qmgr", "66C15648577B: from=<u@y.test>, status=expired, returned to sender").kind, Kind::expired);
  EXPECT_EQ(read_postfix("postfix/pickup", "0F5383D: uid=1000 from=<joe>").kind, Kind::accepted);
  EXPECT_EQ(read_postfix("postfix/smtpd", "4104E3D: client=x.test[61.238.241.86], sasl_method=PLAIN, sasl_username=joe").kind, Kind::accepted);
  EXPECT_EQ(read_postfix("postfix/local", "4104E3D: to=<a@b.test>, relay=local, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (forwarded as 1DF35917)").kind, Kind::forwarded);
}

TEST(PostfixLog, CutRecordsAreNone) {
  const std::string whole = "3C65DA9C003: to=<user@temp.test>, relay=temp.lab.test[127.0.25.13]:25, delay=0.11, delays=0/0.03/0.05/0.03, dsn=4.2.1, status=deferred";
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_EQ(read_postfix("postfix/smtp", std::string_view(whole).substr(0, size)).kind, Kind::none) << size;
  EXPECT_EQ(read_postfix("postfix/smtp", whole).kind, Kind::deferred);
}

/// The published lines of postfix-grok-patterns: what stands in their fields is what is read.
TEST(PostfixLog, PublishedLines) {
  std::ifstream file(MAILMEDIC_SOURCE_DIR "/tests/vectors/logs/postfix-lines.jsonl");
  int read = 0, statuses = 0, rejections = 0;
  for (std::string text; std::getline(file, text);) {
    const auto row = json::parse(text).as_object();
    const std::string line_text(row.at("line").as_string());
    const auto& fields = row.at("fields").as_object();
    LineReader reader(std::chrono::system_clock::now());
    Line line;
    ASSERT_TRUE(reader.read(line_text, line)) << line_text;
    EXPECT_EQ(server_of(line), Server::postfix);
    const Event event = read_event(line, Server::postfix);
    ++read;
    if (line_text.find("status=sent") != line_text.npos || line_text.find("status=bounced") != line_text.npos) {
      ++statuses;
      EXPECT_TRUE(event.kind == Kind::delivered || event.kind == Kind::bounced) << line_text;
      EXPECT_EQ(event.queue_id, std::string_view(fields.at("postfix_queueid").as_string())) << line_text;
    }
    if (line_text.find("NOQUEUE: reject: ") != line_text.npos || line_text.find(": milter-reject: ") != line_text.npos) {
      ++rejections;
      EXPECT_EQ(event.kind, Kind::rejected) << line_text;
    } else {
      EXPECT_NE(event.kind, Kind::rejected) << line_text;
    }
  }
  EXPECT_EQ(read, 90);
  EXPECT_GT(statuses, 5);
  EXPECT_EQ(rejections, 5);
}

TEST(EximLog, EveryMark) {
  const Event arrival = read_exim("[20364] 1xVcSl-0005IS-23 <= b@good.test H=(client.lab.test) [127.0.66.1]:52379 I=[127.0.25.2]:25 P=esmtps S=925 id=x from <b@good.test> for user@mx-same.test");
  EXPECT_EQ(arrival.kind, Kind::accepted);
  EXPECT_EQ(arrival.sender, "b@good.test");
  EXPECT_EQ(arrival.queue_id, "1xVcSl-0005IS-23");
  const Event bounce = read_exim("1xVcSl-0005IS-23 ** user@mx-same.test F=<b@good.test> P=<b@good.test> R=remote T=remote_smtp H=exim.lab.test [127.0.25.2]:25 I=[127.0.25.2]:37783 X=TLS1.3:ECDHE:256 CV=yes "
                                 "DN=\"O=lab: x,CN=exim.lab.test\": SMTP error from remote mail server after RCPT TO:<user@mx-same.test>: 550 5.7.1 relay not permitted DT=0.000s");
  EXPECT_EQ(bounce.kind, Kind::bounced);
  EXPECT_EQ(bounce.recipient, "user@mx-same.test");
  EXPECT_EQ(bounce.sender, "b@good.test");
  EXPECT_EQ(bounce.relay, "exim.lab.test [127.0.25.2]");
  EXPECT_EQ(bounce.source, "127.0.25.2");
  EXPECT_EQ(bounce.stage, "RCPT TO");
  EXPECT_EQ(bounce.text, "550 5.7.1 relay not permitted");
  EXPECT_EQ(bounce.status, "5.7.1");
  const Event deferral = read_exim("1xVcSo-0005Kr-0S == user@temp.test R=remote T=remote_smtp defer (-44) H=temp.lab.test [127.0.25.13]:25 I=[127.0.25.2]:34179 DT=0.000s: SMTP error from remote mail server after RCPT TO:<user@temp.test>: 450 4.2.1 busy");
  EXPECT_EQ(deferral.kind, Kind::deferred);
  EXPECT_EQ(deferral.text, "450 4.2.1 busy");
  EXPECT_EQ(read_exim("1xVcSl-00000005ISa-0123 => /var/mail/joe <joe@example.org> R=local T=file").recipient, "joe@example.org");
  EXPECT_EQ(read_exim("1xVcSl-0005IS-23 -> a@b.test R=r T=t H=h [192.0.2.1]").kind, Kind::delivered);
  EXPECT_EQ(read_exim("1xVcSl-0005IS-23 Completed QT=0.098s").kind, Kind::removed);
  const Event refused = read_exim("H=(client.lab.test) [127.0.66.1]:35563 I=[127.0.25.2]:25 F=<b@good.test> rejected RCPT <nouser@exim.test>: Unrouteable address");
  EXPECT_EQ(refused.kind, Kind::rejected);
  EXPECT_EQ(refused.recipient, "nouser@exim.test");
  EXPECT_EQ(refused.text, "Unrouteable address");
  EXPECT_EQ(refused.relay, "(client.lab.test) [127.0.66.1]");
  EXPECT_EQ(read_exim("H=a.test [127.0.66.1] temporarily rejected RCPT <a@b.test>: greylisted").kind, Kind::rejected);
  EXPECT_EQ(read_exim("SMTP connection from [127.0.66.1]:35563 closed by QUIT").kind, Kind::none);
}

TEST(OpenSmtpdLog, DeliveriesAndRefusals) {
  const Event deferral = read_opensmtpd("b628d36a6c2698ac mta delivery evpid=0e748c4d26a6c57b from=<b@good.test> to=<user@temp.test> rcpt=<-> source=\"127.0.25.3\" relay=\"127.0.25.13 (temp.lab.test)\" delay=0s "
                                        "result=\"TempFail\" stat=\"450 4.2.1 <user@temp.test>: the \"box\" is busy\"");
  EXPECT_EQ(deferral.kind, Kind::deferred);
  EXPECT_EQ(deferral.recipient, "user@temp.test");
  EXPECT_EQ(deferral.source, "127.0.25.3");
  EXPECT_EQ(deferral.relay, "127.0.25.13 (temp.lab.test)");
  EXPECT_EQ(deferral.text, "450 4.2.1 <user@temp.test>: the \"box\" is busy");
  EXPECT_EQ(deferral.status, "4.2.1");
  EXPECT_EQ(read_opensmtpd("b628 mda delivery evpid=e0274e6b5e060b81 from=<b@good.test> to=<u@o.test> rcpt=<u@o.test> user=user delay=0s result=Ok stat=Delivered").kind, Kind::delivered);
  EXPECT_EQ(read_opensmtpd("b628 smtp message msgid=e0274e6b size=854 nrcpt=1 proto=ESMTP").kind, Kind::accepted);
  const Event refusal = read_opensmtpd("b628 smtp failed-command command=\"RCPT TO:<nouser@o.test> ORCPT=rfc822;x\" result=\"550 Invalid recipient: <nouser@o.test>\"");
  EXPECT_EQ(refusal.kind, Kind::rejected);
  EXPECT_EQ(refusal.recipient, "nouser@o.test");
  EXPECT_EQ(read_opensmtpd("b628 smtp failed-command command=\"EHLO\" result=\"501 5.5.4 bad\"").kind, Kind::none);
  EXPECT_EQ(read_opensmtpd("b628 mta server-cert-check result=\"failure\"").kind, Kind::none);
}

TEST(SendmailLog, ArrivalsDeliveriesAndRulesets) {
  const Event arrival = read_sendmail("uANMOc4A012345: from=<joe@example.org>, size=1234, class=0, nrcpts=1, msgid=<x@y>, proto=ESMTP, daemon=MTA, relay=client [192.0.2.1]");
  EXPECT_EQ(arrival.kind, Kind::accepted);
  EXPECT_EQ(arrival.sender, "joe@example.org");
  const Event sent = read_sendmail("uANMOc4A012345: to=<a@b.test>,<c@b.test>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=121234, relay=mx.b.test. [192.0.2.2], dsn=2.0.0, stat=Sent (OK id=1)");
  EXPECT_EQ(sent.kind, Kind::delivered);
  EXPECT_EQ(sent.recipients, 2u);
  EXPECT_EQ(sent.recipient, "a@b.test");
  const Event deferred = read_sendmail("uANMOc4A012345: to=<a@b.test>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.b.test., dsn=4.0.0, stat=Deferred: Connection refused by mx.b.test.");
  EXPECT_EQ(deferred.kind, Kind::deferred);
  EXPECT_EQ(deferred.text, "Connection refused by mx.b.test.");
  EXPECT_EQ(read_sendmail("uANMOc4A012345: to=<a@b.test>, delay=00:00:01, dsn=5.1.1, stat=User unknown").kind, Kind::bounced);
  EXPECT_EQ(read_sendmail("uANMOc4A012345: to=<a@b.test>, delay=00:00:00, mailer=esmtp, pri=1, stat=queued").kind, Kind::none);
  const Event refused = read_sendmail("uANMOc4A012345: ruleset=check_rcpt, arg1=<joe@example.com>, relay=client [192.0.2.1], reject=550 5.7.1 <joe@example.com>... Relaying denied");
  EXPECT_EQ(refused.kind, Kind::rejected);
  EXPECT_EQ(refused.recipient, "joe@example.com");
  EXPECT_EQ(refused.status, "5.7.1");
}

}  // namespace
}  // namespace mailmedic::maillog
