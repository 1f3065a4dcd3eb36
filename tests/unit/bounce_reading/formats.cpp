// One message of each family of formats, in the words that their software writes.
#include <gmock/gmock.h>

#include "lib/message/delivery_report.hpp"
#include "messages.hpp"

using namespace mailmedic;
using message::read_delivery_report;
using message::ReportKind;
using testing::HasSubstr;
using testing::StartsWith;
using test::one_of;

namespace {

constexpr const char* returned =
    "\nReceived: from client.example.org by mx.example.net; Thu, 1 Jan 2026 00:00:00 +0000\nSubject: Hello\nTo: "
    "ann@example.com\n\nHello\n";

std::string report_of(const std::string& status, const std::string& text = "Sorry.\n") {
  return "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: "
         "multipart/report; report-type=delivery-status;\n\tboundary=\"b/1\"\n\n"
         "preamble\n--b/1\nContent-Type: text/plain\n\n" +
         text + "\n--b/1\nContent-Type: message/delivery-status\n\n" + status +
         "\n--b/1\nContent-Type: text/rfc822-headers\n\nSubject: Hello\nTo: ann@example.com\n\n--b/1--\n";
}

}  // namespace

// RFC 3464 sections 2.2 and 2.3
TEST(BounceFormats, FieldsOfTheStandard) {
  const auto report = read_delivery_report(report_of(
      "Original-Envelope-Id: QQ314159\nReporting-MTA: dns; mx.example.net\nReceived-From-MTA: dns; "
      "client.example.org\nArrival-Date: Thu, 1 Jan 2026 00:00:00 +0000\n\n"
      "Original-Recipient: rfc822;sales@example.com\nFinal-Recipient: rfc822;ann@mail.example.com\nAction: failed\nStatus: 5.0.0 "
      "(permanent failure)\nRemote-MTA: dns; mx1.example.com (192.0.2.1)\n"
      "Diagnostic-Code: smtp; 550-5.1.1 No such user\n 550 5.1.1 here\nLast-Attempt-Date: Thu, 1 Jan 2026 00:00:01 +0000\n"));
  EXPECT_EQ(report.kind, ReportKind::bounce);
  EXPECT_EQ(report.format, "rfc3464");
  EXPECT_EQ(report.envelope_id, "QQ314159");
  EXPECT_EQ(report.reporting_mta, "mx.example.net");
  EXPECT_EQ(report.received_from, "client.example.org");
  EXPECT_EQ(report.arrival_date, "Thu, 1 Jan 2026 00:00:00 +0000");
  EXPECT_THAT(report.returned, HasSubstr("Subject: Hello"));
  const auto one = one_of(report);
  EXPECT_EQ(one.recipient, "ann@mail.example.com");
  EXPECT_EQ(one.original_recipient, "sales@example.com");
  EXPECT_EQ(one.action, "failed");
  EXPECT_EQ(one.status, "5.1.1");
  EXPECT_EQ(one.reply_code, "550");
  EXPECT_EQ(one.diagnostic, "550 5.1.1 No such user here");
  EXPECT_EQ(one.remote_mta, "mx1.example.com");
  EXPECT_EQ(one.remote_address, "192.0.2.1");
  EXPECT_EQ(one.last_attempt, "Thu, 1 Jan 2026 00:00:01 +0000");
}

TEST(BounceFormats, KindFollowsTheActions) {
  const std::string top = "Reporting-MTA: dns; mx.example.net\n\n", ann = "Final-Recipient: rfc822;ann@example.com\n",
                    bob = "\nFinal-Recipient: rfc822;bob@example.com\n";
  EXPECT_EQ(read_delivery_report(report_of(top + ann + "Action: delayed\nStatus: 4.4.1\n")).kind, ReportKind::delayed);
  EXPECT_EQ(read_delivery_report(report_of(top + ann + "Action: relayed\nStatus: 2.0.0\n")).kind, ReportKind::delivered);
  EXPECT_EQ(
      read_delivery_report(report_of(top + ann + "Action: expanded\nStatus: 2.0.0\n" + bob + "Action: failed\nStatus: 5.1.1\n"))
          .kind,
      ReportKind::bounce);
  // An action of no standard: the status says it
  EXPECT_EQ(read_delivery_report(report_of(top + ann + "Action: deliverable\nStatus: 2.1.5\n")).kind, ReportKind::delivered);
  EXPECT_EQ(read_delivery_report(report_of(top + ann + "Status: 5.1.1\n")).kind, ReportKind::bounce);
}

// The remote's own words beat the field: Exim always writes 5.0.0, Sendmail its own 4.4.7 for what expired.
TEST(BounceFormats, StatusThatFitsBest) {
  const auto status = [](const std::string& field, const std::string& words) {
    return one_of(read_delivery_report(report_of(
                      "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822;ann@example.com\nAction: failed\nStatus: " + field +
                      "\nDiagnostic-Code: smtp; " + words + "\n")))
        .status;
  };
  EXPECT_EQ(status("5.0.0", "550 5.7.26 Unauthenticated"), "5.7.26");
  EXPECT_EQ(status("4.4.7", "450 4.7.1 Access denied"), "4.7.1");
  EXPECT_EQ(status("5.1.1", "550 5.0.0 No"), "5.1.1");
  EXPECT_EQ(status("4.3.2", "554 5.3.2 no SMTP service here"), "5.3.2");
  EXPECT_EQ(status("5.2.2", "552 mailbox full"), "5.2.2");
  EXPECT_EQ(status("5.0.0", "550 see http://192.0.2.1/5.7.1.html and version 5.1.2"), "5.0.0");
}

// RFC 6533 section 3
TEST(BounceFormats, InternationalAddresses) {
  EXPECT_EQ(one_of(read_delivery_report(report_of(
                       "Reporting-MTA: dns; a\n\nFinal-Recipient: utf-8;\\x{4E2D}@example.com\nAction: failed\nStatus: 5.1.1\n")))
                .recipient,
            "中@example.com");
  EXPECT_EQ(one_of(read_delivery_report(report_of(
                       "Reporting-MTA: dns; a\n\nFinal-Recipient: utf-8;中@example.com\nAction: failed\nStatus: 5.1.1\n")))
                .recipient,
            "中@example.com");
}

TEST(BounceFormats, RecipientsThatAreNoAddresses) {
  const auto exim = read_delivery_report(report_of(
      "Reporting-MTA: dns; a\n\nAction: failed\nFinal-Recipient: rfc822;|/usr/bin/filter\nStatus: 5.0.0\n",
      "This message was created automatically by mail delivery software.\n\nThe following address(es) failed:\n\n"
      "  pipe to |/usr/bin/filter\n    generated by ann@example.com\n    Child process of pipe transport returned 127\n"));
  EXPECT_EQ(one_of(exim).recipient, "ann@example.com");
  EXPECT_THAT(one_of(exim).diagnostic, HasSubstr("returned 127"));
  const auto route = read_delivery_report(report_of(
      "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822;@a.example,@b.example:ann@example.com\nAction: failed\nStatus: 5.1.1\n"));
  EXPECT_EQ(one_of(route).recipient, "ann@example.com");
}

TEST(BounceFormats, Postfix) {
  const auto report = read_delivery_report(
      test::from_daemon("This is the mail system at host mx.example.net.\n\nI'm sorry to have to inform you that your message "
                        "could not\nbe delivered to one or more recipients.\n\n                   The mail system\n\n"
                        "<ann@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1\n    <ann@example.com>: Recipient "
                        "address rejected: User unknown (in reply to RCPT\n    TO command)\n\n"
                        "<bob@example.com> (expanded from <list@example.org>): connect to\n    mx.example.com[2001:db8::1]:25: "
                        "Connection refused\n"));
  EXPECT_EQ(report.format, "postfix");
  ASSERT_EQ(report.recipients.size(), 2u);
  const auto& ann = report.recipients[0];
  EXPECT_EQ(ann.recipient, "ann@example.com");
  EXPECT_EQ(ann.reply_code + " " + ann.status, "550 5.1.1");
  EXPECT_EQ(ann.command, "RCPT");
  EXPECT_EQ(ann.remote_mta, "mx.example.com");
  EXPECT_EQ(ann.remote_address, "192.0.2.1");
  EXPECT_EQ(ann.diagnostic, "550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown");
  const auto& bob = report.recipients[1];
  EXPECT_EQ(bob.original_recipient, "list@example.org");
  EXPECT_EQ(bob.command, "CONN");
  EXPECT_EQ(bob.remote_address, "2001:db8::1");
  EXPECT_EQ(bob.reply_code, "");
}

TEST(BounceFormats, Qmail) {
  const auto report =
      read_delivery_report(test::from_daemon("Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to "
                                             "deliver your message to the following addresses.\n"
                                             "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
                                             "<ann@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 "
                                             "5.1.1 No such user\nGiving up on 192.0.2.1.\n\n"
                                             "<bob@nowhere.example>:\nSorry, I couldn't find any host named nowhere.example. "
                                             "(#5.1.2)\n\n--- Below this line is a copy of the message.\n" +
                                                 std::string(returned),
                                             "failure notice"));
  EXPECT_EQ(report.format, "qmail");
  ASSERT_EQ(report.recipients.size(), 2u);
  EXPECT_EQ(report.recipients[0].diagnostic, "550 5.1.1 No such user");
  EXPECT_EQ(report.recipients[0].command, "RCPT");
  EXPECT_EQ(report.recipients[0].remote_address, "192.0.2.1");
  EXPECT_EQ(report.recipients[1].status, "5.1.2");
  EXPECT_THAT(report.returned, StartsWith("Received: from client"));
}

TEST(BounceFormats, EximFailureAndWarning) {
  const auto failure = read_delivery_report(
      test::from_daemon("This message was created automatically by mail delivery software.\n\nA message that you sent could not "
                        "be delivered to one or more of its\n"
                        "recipients. This is a permanent error. The following address(es) failed:\n\n  ann@example.com\n    "
                        "(ultimately generated from sales@example.org)\n    host mx.example.com [192.0.2.1]\n"
                        "    SMTP error from remote mail server after RCPT TO:<ann@example.com>:\n    550 5.7.1 Gesperrt "
                        "\\303\\274ber DNSBL\n  bob@nowhere.example\n    Unrouteable address\n\n"
                        "------ This is a copy of the message, including all the headers. ------\n" +
                            std::string(returned),
                        "Mail delivery failed: returning message to sender"));
  EXPECT_EQ(failure.format, "exim");
  ASSERT_EQ(failure.recipients.size(), 2u);
  EXPECT_EQ(failure.recipients[0].original_recipient, "sales@example.org");
  EXPECT_EQ(failure.recipients[0].diagnostic, "550 5.7.1 Gesperrt über DNSBL");
  EXPECT_EQ(failure.recipients[0].command, "RCPT");
  EXPECT_EQ(failure.recipients[1].diagnostic, "Unrouteable address");
  const auto warning = read_delivery_report(test::from_daemon(
      "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to "
      "one or more of its\nrecipients after more than 24 hours on the queue on mx.example.net.\n\n"
      "The address to which the message has not yet been delivered is:\n\n  ann@example.com\n\nNo action is required on your "
      "part.\n",
      "Warning: message 1abc-2 delayed 24 hours"));
  EXPECT_EQ(warning.kind, ReportKind::delayed);
  EXPECT_EQ(one_of(warning).recipient, "ann@example.com");
  EXPECT_EQ(one_of(warning).diagnostic, "");
}

TEST(BounceFormats, SendmailTranscript) {
  const auto report = read_delivery_report(test::from_daemon(
      "The original message was received at Thu, 1 Jan 2026 00:00:00 GMT\nfrom client.example.org [192.0.2.9]\n\n   ----- The "
      "following addresses had permanent fatal errors -----\n<ann@example.com>\n"
      "    (reason: 552-5.7.0 This message was blocked because its content)\n    (expanded from: <sales@example.org>)\n\n   "
      "----- Transcript of session follows -----\n... while talking to mx.example.com.:\n"
      ">>> DATA\n<<< 552-5.7.0 This message was blocked because its content\n<<< 552 5.7.0 presents a potential security "
      "issue.\n554 5.0.0 Service unavailable\n\n"
      "   ----- Unsent message follows -----\n" +
          std::string(returned),
      "Returned mail: see transcript for details"));
  EXPECT_EQ(report.format, "sendmail");
  const auto one = one_of(report);
  EXPECT_EQ(one.recipient, "ann@example.com");
  EXPECT_EQ(one.original_recipient, "sales@example.org");
  EXPECT_EQ(one.diagnostic, "552 5.7.0 This message was blocked because its content presents a potential security issue.");
  EXPECT_EQ(one.command, "DATA");
  EXPECT_EQ(one.remote_mta, "mx.example.com");
}

TEST(BounceFormats, OpenSmtpdDragonflyCourier) {
  const auto smtpd =
      read_delivery_report(test::from_daemon("    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n   "
                                             " An error has occurred while attempting to deliver a message for\n"
                                             "    the following list of recipients:\n\nann@example.com: 550 5.1.1 No such "
                                             "user\n\n    Below is a copy of the original message:\n" +
                                             std::string(returned)));
  EXPECT_EQ(smtpd.format, "opensmtpd");
  EXPECT_EQ(one_of(smtpd).status, "5.1.1");
  const auto dma =
      read_delivery_report(test::from_daemon("This is the DragonFly Mail Agent v0.13 at host.example.org.\n\nThere was an error "
                                             "delivering your mail to <ann@example.com>.\n\n"
                                             "mx.example.com [192.0.2.1] did not like our MAIL FROM:\n553 5.1.8 Domain of sender "
                                             "address does not exist\n\nMessage headers follow.\n" +
                                             std::string(returned)));
  EXPECT_EQ(dma.format, "dragonfly");
  EXPECT_EQ(one_of(dma).command, "MAIL");
  EXPECT_EQ(one_of(dma).remote_address, "192.0.2.1");
  const auto courier = read_delivery_report(
      test::from_daemon("This is a delivery status notification from mx.example.net,\nrunning the Courier mail server, version "
                        "1.0.16.\n\n                           UNDELIVERABLE MAIL\n\n"
                        "Your message to the following recipients cannot be delivered:\n\n<ann@example.com>:\n    mx.example.com "
                        "[192.0.2.1]:\n>>> RCPT TO:<ann@example.com>\n<<< 550 User unknown\n\n"));
  EXPECT_EQ(courier.format, "courier");
  EXPECT_EQ(one_of(courier).command, "RCPT");
  EXPECT_EQ(one_of(courier).remote_mta, "mx.example.com");
  EXPECT_EQ(one_of(courier).diagnostic, "550 User unknown");
}

TEST(BounceFormats, ExchangeOldAndNew) {
  const auto old =
      read_delivery_report(test::from_daemon("Your message\n\n  To:      ann@example.com\n  Subject: Hello\n  Sent:    Thu, 1 "
                                             "Jan 2026 00:00:00 +0000\n\ndid not reach the following recipient(s):\n\n"
                                             "ann@example.com on Thu, 1 Jan 2026 00:00:01 +0000\n    The recipient name is not "
                                             "recognized\n\tThe MTS-ID of the original message is: c=us;a= ;p=x;l=Y\n"
                                             "    MSEXCH:IMS:EXAMPLE:MX 0 (000C05A6) Unknown Recipient\n",
                                             "Undeliverable: Hello"));
  EXPECT_EQ(old.format, "exchange");
  EXPECT_EQ(one_of(old).recipient, "ann@example.com");
  EXPECT_THAT(one_of(old).diagnostic, HasSubstr("Unknown Recipient"));
  const auto pasted = read_delivery_report(
      "Delivery has failed to these recipients or groups:\n\nAnn (ann@example.com)\nThe email address you entered couldn't be "
      "found.\n\n"
      "Diagnostic information for administrators:\n\nGenerating server: AM0PR01.eurprd01.prod.outlook.com\n\nann@example.com\n"
      "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@example.com not found by SMTP address "
      "lookup'\n\nOriginal message headers:\n\n" +
      std::string(returned));
  EXPECT_EQ(pasted.kind, ReportKind::bounce);
  EXPECT_EQ(pasted.format, "exchange");
  EXPECT_EQ(one_of(pasted).status, "5.1.10");
}

TEST(BounceFormats, GmailAndYahoo) {
  const auto gmail = read_delivery_report(test::from_daemon(
      "Delivery to the following recipient failed permanently:\n\n     ann@example.com\n\nTechnical details of permanent "
      "failure: \n"
      "Google tried to deliver your message, but it was rejected by the server for the recipient domain example.com by "
      "mx.example.com. [192.0.2.1].\n\n"
      "The error that the other server returned was:\n550 5.1.1 No such user\n\n----- Original message -----\n" +
          std::string(returned),
      "Delivery Status Notification (Failure)"));
  EXPECT_EQ(gmail.format, "gmail");
  EXPECT_EQ(one_of(gmail).diagnostic, "550 5.1.1 No such user");
  EXPECT_EQ(one_of(gmail).remote_mta, "mx.example.com");
  const auto today = read_delivery_report(
      "Address not found\n\nYour message wasn't delivered to ann@example.com because the address couldn't be found, or is unable "
      "to receive mail.\n\nLEARN MORE\n\n"
      "The response from the remote server was:\n550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown\n");
  EXPECT_EQ(one_of(today).recipient, "ann@example.com");
  EXPECT_EQ(one_of(today).status, "5.1.1");
  const auto yahoo = read_delivery_report(
      test::from_daemon("Sorry, we were unable to deliver your message to the following address.\n\n<ann@example.com>:\nRemote "
                        "host said:\n552 5.2.2 Mailbox full\n[RCPT_TO]\n\n"
                        "--- Below this line is a copy of the message.\n" +
                            std::string(returned),
                        "Failure Notice"));
  EXPECT_EQ(yahoo.format, "yahoo");
  EXPECT_EQ(one_of(yahoo).command, "RCPT");
  EXPECT_EQ(one_of(yahoo).diagnostic, "552 5.2.2 Mailbox full");
}

TEST(BounceFormats, NotesAndDomino) {
  const auto notes =
      read_delivery_report(test::from_daemon("------- Failure Reasons  --------\n\nUser not listed in public Name & Address "
                                             "Book\nann@example.com\n\n------- Returned Message --------\n" +
                                             std::string(returned)));
  EXPECT_EQ(notes.format, "notes");
  EXPECT_THAT(one_of(notes).diagnostic, HasSubstr("User not listed in public Name & Address Book"));
  const auto domino = read_delivery_report(
      test::from_daemon("Your message\n\n  Subject: Hello\n\nwas not delivered to:\n\n  ann@example.com\n\nbecause:\n\n  User "
                        "ann (ann@example.com) not listed in Domino Directory\n"));
  EXPECT_EQ(domino.format, "domino");
  EXPECT_THAT(one_of(domino).diagnostic, HasSubstr("not listed in Domino Directory"));
}

// Amazon SES Developer Guide
TEST(BounceFormats, AmazonNotifications) {
  const std::string bounce =
      R"({"notificationType":"Bounce","bounce":{"bounceType":"Permanent","reportingMTA":"dns; smtp.example.net","bouncedRecipients":[{"emailAddress":"ann@example.com","status":"5.0.0","action":"failed","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"2026-01-01T00:00:00.000Z"},"mail":{"messageId":"m-1","source":"joe@example.org"}})";
  const auto bare = read_delivery_report(bounce);
  EXPECT_EQ(bare.kind, ReportKind::bounce);
  EXPECT_EQ(one_of(bare).status, "5.1.1");
  EXPECT_EQ(bare.reporting_mta, "smtp.example.net");
  std::string quoted;
  for (const char c : bounce) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
  const auto wrapped = read_delivery_report(
      "From: no-reply@sns.amazonaws.com\nSubject: AWS Notification Message\n\n{\n  \"Type\" : \"Notification\",\n  \"Message\" : "
      "\"" +
      quoted.substr(0, 200) + "\n " + quoted.substr(200) + "\"\n}\n");
  EXPECT_EQ(wrapped.format, "amazon-json");
  EXPECT_EQ(one_of(wrapped).recipient, "ann@example.com");
  const auto complaint = read_delivery_report(
      R"({"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"ann@example.com"}],"complaintFeedbackType":"abuse"},"mail":{}})");
  EXPECT_EQ(complaint.kind, ReportKind::feedback);
  EXPECT_EQ(complaint.feedback.type, "abuse");
  const auto late = read_delivery_report(
      R"({"eventType":"DeliveryDelay","deliveryDelay":{"delayedRecipients":[{"emailAddress":"ann@example.com","status":"4.4.1"}]},"mail":{}})");
  EXPECT_EQ(late.kind, ReportKind::delayed);
  EXPECT_EQ(one_of(late).status, "4.4.1");
}
