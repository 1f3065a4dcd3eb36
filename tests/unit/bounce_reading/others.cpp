// What is no bounce, what comes from webmail and small servers, what people paste and forward.
#include <gmock/gmock.h>

#include "lib/message/delivery_report.hpp"
#include "lib/text/base64.hpp"
#include "messages.hpp"

using namespace mailmedic;
using message::read_delivery_report;
using message::ReportKind;
using test::one_of;
using testing::HasSubstr;

// RFC 5965 section 3
TEST(BounceFormats, Complaints) {
  const auto report = read_delivery_report(
      "From: fbl@example.net\nSubject: FW: offer\nMIME-Version: 1.0\nContent-Type: multipart/report; "
      "report-type=feedback-report; boundary=b\n\n--b\nContent-Type: text/plain\n\nThis is an abuse report.\n"
      "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: Abuse\nUser-Agent: Tool/1.0\nVersion: 1\nOriginal-Mail-From: "
      "<joe@example.org>\nOriginal-Rcpt-To: <ann@example.com>\nSource-IP: 192.0.2.9\n"
      "Reported-Domain: example.org\nArrival-Date: Thu, 1 Jan 2026 00:00:00 +0000\nAuth-Failure: dmarc\n--b\nContent-Type: "
      "message/rfc822\n\nSubject: offer\n\n550 5.1.1 no bounce\n--b--\n");
  EXPECT_EQ(report.kind, ReportKind::feedback);
  EXPECT_EQ(report.feedback.type, "abuse");
  EXPECT_EQ(report.feedback.user_agent, "Tool/1.0");
  EXPECT_EQ(report.feedback.source_address, "192.0.2.9");
  EXPECT_EQ(report.feedback.original_mail_from, "joe@example.org");
  EXPECT_EQ(report.feedback.reported_domain, "example.org");
  EXPECT_EQ(report.feedback.auth_failure, "dmarc");
  EXPECT_EQ(one_of(report).recipient, "ann@example.com");
}

// RFC 3834, RFC 8098: neither is a bounce, whatever words it has
TEST(BounceFormats, AutomaticAnswersAreNoBounces) {
  const auto kind = [](const std::string& fields, const std::string& text) {
    return read_delivery_report("From: Ann <ann@example.com>\nTo: joe@example.org\nReturn-Path: <>\n" + fields + "\n" + text)
        .kind;
  };
  EXPECT_EQ(kind("Subject: Out of office\n", "I am away. Your message to me could not be delivered to bob@example.com.\n"),
            ReportKind::auto_reply);
  EXPECT_EQ(kind("Subject: Re: Hello\nAuto-Submitted: auto-replied\n", "Back on Monday, call 550 5555.\n"),
            ReportKind::auto_reply);
  EXPECT_EQ(kind("Subject: =?GB2312?B?" + text::to_base64("\xd7\xd4\xb6\xaf\xbb\xd8\xb8\xb4") + "?=\n", "x\n"),
            ReportKind::auto_reply);  // 自动回复
  EXPECT_EQ(kind("Subject: Please confirm\nAuto-Submitted: auto-generated\n",
                 "To have your message delivered, please confirm that you are a person.\n"),
            ReportKind::auto_reply);
  EXPECT_EQ(read_delivery_report(
                "From: ann@example.com\nSubject: Read: Hello\nContent-Type: multipart/report; "
                "report-type=disposition-notification; boundary=b\n\n--b\n\nYour message to ann@example.com was displayed.\n--b\n"
                "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;ann@example.com\nDisposition: "
                "manual-action/MDN-sent-manually; displayed\n--b--\n")
                .kind,
            ReportKind::auto_reply);
  EXPECT_EQ(kind("Subject: Hello\n", "Dear Joe, lunch at 550 Main Street? I asked ann@example.com.\n"), ReportKind::none);
  EXPECT_EQ(read_delivery_report(
                "From: ann@example.com\nSubject: lunch\n\nYour mail to bob@example.com was lost, I think: 550 people asked.\n")
                .kind,
            ReportKind::none);
}

TEST(BounceFormats, NewslettersAndParcelsAreNoBounces) {
  for (const std::string subject : {"Your delivery report", "Undelivered parcel", "Mail delivery failed? We help", "Re: Undelivered Mail Returned to Sender"}) {
    const auto report = read_delivery_report("From: Shop <news@shop.example>\nTo: joe@example.org\nSubject: " + subject +
                                             "\n\nRecipient: Joe, joe@example.org\nWe bring your order to joe@example.org within 450 minutes.\n");
    EXPECT_EQ(report.kind, ReportKind::none) << subject;
  }
}

TEST(BounceFormats, ChineseWebmail) {
  const auto qq = read_delivery_report(test::from_daemon(
      "<html><head><title>x</title><style>p { color: red "
      "}</style></head><body><p>抱歉，您的邮件被退回来了……</p><table><tr><td>收件人：</td><td>ann@example.com</td></tr>"
      "<tr><td>退信原因：</td><td>host mx.example.com[192.0.2.1] said: 550 Mailbox not found (in reply to RCPT TO "
      "command)</td></tr></table>&nbsp;&#x6b64;</body></html>",
      "来自qq.com的退信", "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"));
  EXPECT_EQ(qq.kind, ReportKind::bounce);
  EXPECT_EQ(one_of(qq).recipient, "ann@example.com");
  EXPECT_EQ(one_of(qq).reply_code, "550");
  EXPECT_EQ(one_of(qq).command, "RCPT");
  EXPECT_EQ(one_of(qq).remote_address, "192.0.2.1");
  // 163.com in GB18030: 您的邮件无法送达 收件人 退信原因
  const std::string gb =
      "\xc4\xfa\xb5\xc4\xd3\xca\xbc\xfe\xce\xde\xb7\xa8\xcb\xcd\xb4\xef\n\xca\xd5\xbc\xfe\xc8\xcb\xa3\xba"
      "ann@example.com\n\xcd\xcb\xd0\xc5\xd4\xad\xd2\xf2\xa3\xba"
      "SMTP error, DOT: 554 5.7.1 DT:SPM 163 smtp1\n";
  for (const std::string fields :
       {"MIME-Version: 1.0\nContent-Type: text/plain; charset=gb18030\nContent-Transfer-Encoding: 8bit\n",
        "X-Sender: no charset at all\n"}) {
    const auto netease = read_delivery_report(test::from_daemon(gb, "=?gbk?B?z7XNs83L0MU=?=", fields));
    EXPECT_EQ(netease.subject, "系统退信");
    EXPECT_EQ(one_of(netease).recipient, "ann@example.com");
    EXPECT_EQ(one_of(netease).reply_code + " " + one_of(netease).status, "554 5.7.1");
    EXPECT_EQ(one_of(netease).command, "DATA");
    EXPECT_THAT(one_of(netease).diagnostic, HasSubstr("DT:SPM 163"));
  }
}

TEST(BounceFormats, CoremailSinaAndBig5) {
  const auto coremail = read_delivery_report(test::from_daemon(
      "很抱歉，您的邮件未能送达以下收件人：\nann@example.com\n\n错误原因：SMTP error, RCPT TO: Host mx.example.com(192.0.2.7) said 550 User not found\n"));
  EXPECT_EQ(one_of(coremail).recipient, "ann@example.com");
  EXPECT_EQ(one_of(coremail).command, "RCPT");
  EXPECT_EQ(one_of(coremail).remote_address, "192.0.2.7");
  EXPECT_EQ(one_of(coremail).diagnostic, "550 User not found");
  const auto sina = read_delivery_report(test::from_daemon(
      "您好：\n    您发送给 ann@example.com 的邮件被退回。\n    退信原因: 收件人邮箱已满\n    远程服务器返回: 552 5.2.2 Mailbox full\n", "系统退信"));
  EXPECT_EQ(one_of(sina).recipient, "ann@example.com");
  EXPECT_EQ(one_of(sina).status, "5.2.2");
  // 無法遞送到下列收件者 ... 原因：550 5.1.1
  const auto taiwan = read_delivery_report(test::from_daemon(
      text::to_base64("\xb5\x4c\xaa\x6b\xbb\xbc\xb0\x65\xa8\xec\xa4\x55\xa6\x43\xa6\xac\xa5\xf3\xaa\xcc\xa1\x47\n"
                      "ann@example.com\n\xad\xec\xa6\x5d\xa1\x47" "550 5.1.1 \xa8\xcf\xa5\xce\xaa\xcc\n") + "\n",
      "Undeliverable", "MIME-Version: 1.0\nContent-Type: text/plain; charset=big5\nContent-Transfer-Encoding: base64\n"));
  EXPECT_EQ(one_of(taiwan).recipient, "ann@example.com");
  EXPECT_EQ(one_of(taiwan).diagnostic, "550 5.1.1 使用者");
}

TEST(BounceFormats, GatewaysAndSmallServers) {
  struct Case {
    const char* text;
    const char* codes;
  };
  for (const Case& one :
       {Case{"User mailbox exceeds allowed size: ann@example.com\n\nOriginal message follows.\n", " "},
        Case{"Unable to deliver message to: <ann@example.com>\nDelivery failed for the following "
             "reason:\nmx.example.com[192.0.2.1] responded with failure: 552 over quota (#5.2.2)\n",
             "552 5.2.2"},
        Case{"Could not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected: \n    "
             "ann@example.com\n",
             "550 5.1.1"},
        Case{"SMTP Server <mx.example.com> rejected recipient <ann@example.com> (Error following RCPT command). It responded as "
             "follows: [550 5.1.1 User unknown]\n",
             "550 5.1.1"},
        Case{"ann@example.com Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 No such user\n", "550 5.1.1"},
        Case{"    Recipient: <ann@example.com>\n    >>> RCPT TO:<ann@example.com>\n    <<< 550 5.1.1 unknown\n", "550 5.1.1"},
        Case{"Error message below:\n550 - Requested action not taken: no such user here\n\nMessage details:\n  MAIL FROM: "
             "joe@example.org\n  RCPT TO: ann@example.com\n",
             "550 "},
        Case{"We tried. Delivery to ann@example.com failed: 451 4.7.1 Greylisted\n", "451 4.7.1"}}) {
    SCOPED_TRACE(one.text);
    const auto report = read_delivery_report(test::from_daemon(one.text));
    EXPECT_EQ(one_of(report).recipient, "ann@example.com");
    EXPECT_EQ(one_of(report).reply_code + " " + one_of(report).status, one.codes);
  }
}

TEST(BounceFormats, PastedText) {
  const auto line = read_delivery_report(
      "<ann@example.com>: host mx.example.com[192.0.2.1] said: 550 5.7.1 Blocked (in reply to RCPT TO command)");
  EXPECT_EQ(line.kind, ReportKind::bounce);
  EXPECT_EQ(one_of(line).recipient, "ann@example.com");
  const auto bare = read_delivery_report(
      "550-5.7.26 This mail has been blocked because the sender is\r\n550 5.7.26 unauthenticated. q1-2si.1 - gsmtp\r\n");
  EXPECT_EQ(one_of(bare).recipient, "");
  EXPECT_EQ(one_of(bare).status, "5.7.26");
  EXPECT_EQ(one_of(bare).diagnostic,
            "550 5.7.26 This mail has been blocked because the sender is unauthenticated. q1-2si.1 - gsmtp");
  const auto fields = read_delivery_report("Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.1.1\n");
  EXPECT_EQ(one_of(fields).status, "5.1.1");
  EXPECT_EQ(read_delivery_report("Hello world\n").kind, ReportKind::none);
  EXPECT_EQ(read_delivery_report("").kind, ReportKind::none);
}

TEST(BounceFormats, ForwardedInTheText) {
  const std::string bounce =
      "This is the mail system at host mx.example.net.\n\n<ann@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 "
      "unknown\n    (in reply to RCPT TO command)\n";
  std::string quoted;
  for (const std::string line :
       {"This is the mail system at host mx.example.net.", "", "The mail system", "",
        "<ann@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 unknown", "    (in reply to RCPT TO command)"})
    quoted += "> " + line + "\n";
  const std::string head = "From: Joe <joe@example.org>\nTo: help@example.net\nSubject: Fwd: Undelivered\n\nWhat is this?\n\n";
  for (const std::string& text : {head +
                                      "---------- Forwarded message ---------\nFrom: Mail Delivery System "
                                      "<MAILER-DAEMON@mx.example.net>\nSubject: Undelivered Mail Returned to Sender\n\n" +
                                      bounce,
                                  head + quoted}) {
    const auto report = read_delivery_report(text);
    EXPECT_EQ(report.kind, ReportKind::bounce);
    EXPECT_EQ(one_of(report).recipient, "ann@example.com");
    EXPECT_EQ(one_of(report).status, "5.1.1");
  }
}
