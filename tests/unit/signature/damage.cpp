// Messages damaged in known ways after they were signed: the explanation names the damage, for both algorithms. DKS-022.
#include "checks/signature/damage.hpp"
#include "checks/signature/judge.hpp"
#include "signed_mail.hpp"

using namespace mailmedic;
using namespace mailmedic::signature_test;
using testing::Contains;
using testing::Not;

namespace {
using Form = dkim::Canonicalization;

/// Ids of findings about a message, as its receiver sees it. Every word finds its argument.
std::vector<std::string> found_in(const std::string& mail) {
  const Examined examined(mail);
  CheckReport report;
  signature::judge(examined.verification, examined.message, now, report);
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) {
    test::expect_words_are_filled(finding);
    out.emplace_back(finding.id);
  }
  return out;
}

std::string arg_of(const std::string& mail, std::string_view id, std::string_view name) {
  const Examined examined(mail);
  CheckReport report;
  signature::judge(examined.verification, examined.message, now, report);
  for (const Finding& finding : report.findings)
    if (finding.id == id)
      for (const auto& [key, value] : finding.args)
        if (key == name) return value;
  return "nothing";
}

dkim::SigningRules rules(Form form) { return {.domain = "example.org", .header = form, .body = form}; }

std::string head_of(const std::string& mail) { return mail.substr(0, mail.find("\r\n\r\n") + 4); }
std::string body_of(const std::string& mail) { return mail.substr(mail.find("\r\n\r\n") + 4); }

/// The same damage to a message that RSA signed and one that Ed25519 signed.
template <typename Change>
void expect_found(const char* id, Change change, std::string_view mail = letter, Form form = Form::relaxed) {
  for (const char* selector : {"rsa", "ed"}) EXPECT_THAT(found_in(change(signed_by({selector}, mail, rules(form)))), Contains(id)) << selector;
}

const std::string parts =
    "From: a@example.org\r\nTo: b@example.net\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=xyz\r\n\r\n"
    "--xyz\r\nContent-Type: text/plain\r\n\r\nHello\r\n--xyz\r\nContent-Type: text/html\r\n\r\n<html><body>\r\n<p>Hello\r\n</body></html>\r\n--xyz--\r\n";
const std::string eight_bit =
    "From: a@example.org\r\nTo: b@example.net\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Gr\xc3\xbc\xc3\x9f" "e aus M\xc3\xbcnchen\r\n";
}  // namespace

TEST(SignatureDamage, AWholeMessageHasNone) {
  for (const std::string& mail : {std::string(letter), parts, eight_bit})
    for (const std::string& id : found_in(signed_by({"rsa", "ed"}, mail))) EXPECT_THAT(id, Not(testing::AnyOf("signature.body-changed", "signature.header-changed")));
}

TEST(SignatureDamage, AFooter) {
  const auto footer = [](const std::string& mail) { return mail + "-- \r\nThis list is run by\r\nnobody.\r\n"; };
  expect_found("signature.footer-appended", footer);
  EXPECT_EQ(arg_of(footer(signed_by({"rsa"})), "signature.footer-appended", "lines"), "3");
  expect_found("signature.footer-appended", [](const std::string& mail) { return replaced(mail, "Hello\r\n--xyz\r\n", "Hello\r\n___\r\nfooter\r\n--xyz\r\n"); }, parts);
  expect_found("signature.footer-appended", [](const std::string& mail) { return replaced(mail, "</body>", "<p>footer\r\n<p>of two lines\r\n</body>"); }, parts);
}

TEST(SignatureDamage, ABanner) {
  const auto banner = [](const std::string& mail) { return head_of(mail) + "CAUTION: this mail comes from outside.\r\n\r\n" + body_of(mail); };
  expect_found("signature.banner-prepended", banner);
  expect_found("signature.banner-prepended", [](const std::string& mail) { return replaced(mail, "\r\n\r\nHello\r\n", "\r\n\r\nCAUTION\r\nHello\r\n"); }, parts);
}

TEST(SignatureDamage, LinesThatWereTouchedAlike) {
  const std::string dots = "From: a@example.org\r\n\r\n.one\r\ntwo\r\n", from = "From: a@example.org\r\n\r\nFrom here on\r\n";
  expect_found("signature.dots-changed", [](const std::string& mail) { return replaced(mail, "\r\n.one", "\r\n..one"); }, dots);
  expect_found("signature.from-escaped", [](const std::string& mail) { return replaced(mail, "\r\nFrom here", "\r\n>From here"); }, from);
  expect_found("signature.white-space-changed", [](const std::string& mail) { return replaced(mail, "Joe.\r\n", "Joe. \r\n"); }, letter, Form::simple);
}

TEST(SignatureDamage, AnotherTransferEncoding) {
  const auto encoded = [](const std::string& mail) { return replaced(head_of(mail), "Encoding: 8bit", "Encoding: quoted-printable") + "Gr=C3=BC=C3=9Fe aus M=C3=BCnchen\r\n"; };
  expect_found("signature.encoding-changed", encoded, eight_bit);
  // The field that tells of it is signed too.
  EXPECT_EQ(arg_of(encoded(signed_by({"rsa"}, eight_bit)), "signature.encoding-changed", "now"), "quoted-printable");
  const auto base64 = [](const std::string& mail) { return replaced(head_of(mail), "Encoding: 8bit", "Encoding: base64") + "R3LDvMOfZSBhdXMgTcO8bmNoZW4NCg==\r\n"; };
  expect_found("signature.encoding-changed", base64, eight_bit);
  const std::string one_line = "From: a@example.org\r\nContent-Transfer-Encoding: base64\r\n\r\n" + std::string(152, 'A') + "\r\n";
  expect_found("signature.base64-wrapped", [](const std::string& mail) { return head_of(mail) + std::string(76, 'A') + "\r\n" + std::string(76, 'A') + "\r\n"; }, one_line);
}

TEST(SignatureDamage, AListThatWraps) {
  expect_found("signature.body-wrapped", [](const std::string& mail) {
    return head_of(mail) + "--list\r\nContent-Type: text/plain\r\n\r\n" + body_of(mail) + "\r\n--list\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--list--\r\n";
  });
}

TEST(SignatureDamage, TagsThatDoNotTellWhatTheSignerDid) {
  // Signed in the simple form, labelled relaxed: the body hash tells.
  const std::string spaced = "From: a@example.org\r\n\r\na  b \r\n";
  const std::string mail = replaced(signed_by({"rsa"}, spaced, {.domain = "example.org", .header = Form::relaxed, .body = Form::simple}), "c=relaxed/simple", "c=relaxed/relaxed");
  EXPECT_THAT(found_in(mail), Contains("signature.canonicalization-wrong"));
  // A length that the signer did not use.
  EXPECT_THAT(found_in(replaced(signed_by({"rsa"}), "; s=rsa", "; l=3; s=rsa")), Contains("signature.length-tag-wrong"));
}

TEST(SignatureDamage, LineEndsThatWereDoubled) {
  expect_found("signature.line-ends-changed", [](const std::string& mail) { return replaced(mail, "Hi.\r\n", "Hi.\r\r\n"); });
}

TEST(SignatureDamage, SubjectsWithATag) {
  for (const char* tag : {"[list] ", "***SPAM*** ", "Re: ", "[EXTERNAL] ", "[a] [b] ", "外部: "})
    expect_found("signature.subject-tagged", [&](const std::string& mail) { return replaced(mail, "Subject: Is", std::string("Subject: ") + tag + "Is"); });
  EXPECT_EQ(arg_of(replaced(signed_by({"rsa"}), "Subject: Is", "Subject: [list] Is"), "signature.subject-tagged", "tag"), "[list]");
  expect_found("signature.subject-tagged", [](const std::string& mail) { return replaced(mail, "ready?\r\n", "ready? [#4711]\r\n"); });
}

TEST(SignatureDamage, FieldsThatCameOrWent) {
  expect_found("signature.field-doubled", [](const std::string& mail) { return replaced(mail, "Date: Fri", "Subject: another\r\nDate: Fri"); });
  expect_found("signature.field-added", [](const std::string& mail) { return replaced(mail, "Subject: s", "To: you@example.net\r\nSubject: s"); }, "From: a@example.org\r\nSubject: s\r\n\r\nx\r\n");
  expect_found("signature.field-removed", [](const std::string& mail) { return replaced(mail, "MIME-Version: 1.0\r\n", ""); });
  expect_found("signature.field-changed", [](const std::string& mail) { return replaced(mail, "Message-ID: <1@example.org>", "Message-ID: 1@example.org"); });
  expect_found("signature.field-changed", [](const std::string& mail) { return replaced(mail, "charset=us-ascii", "charset=\"us-ascii\""); });
}

TEST(SignatureDamage, AnAuthorThatTheListKeepsElsewhere) {
  expect_found("signature.author-rewritten", [](const std::string& mail) { return replaced(mail, "From: Joe <joe@example.org>", "From: Joe via List <list@example.com>\r\nX-Original-From: Joe <joe@example.org>"); });
}

TEST(SignatureDamage, AHeaderFoldedAnew) {
  const auto refolded = [](const std::string& mail) { return replaced(mail, "Subject: Is dinner", "Subject: Is\r\n dinner"); };
  EXPECT_THAT(found_in(refolded(signed_by({"rsa"}, letter, rules(Form::simple)))), Contains("signature.refolded"));
  EXPECT_THAT(found_in(refolded(signed_by({"rsa"}, letter, rules(Form::relaxed)))), Not(Contains("signature.header-changed")));
}

TEST(SignatureDamage, TwoChangesAtOnce) {
  expect_found("signature.two-fields-changed", [](const std::string& mail) { return replaced(replaced(mail, "Subject: Is", "Subject: [x] Is"), "MIME-Version: 1.0\r\n", ""); });
}

TEST(SignatureDamage, WhatNothingExplainsIsNotGuessed) {
  for (const char* selector : {"rsa", "ed"}) {
    const auto ids = found_in(replaced(signed_by({selector}), "We lost", "We won"));
    EXPECT_THAT(ids, Contains("signature.body-changed"));
    for (const std::string& id : ids) EXPECT_THAT(id, Not(testing::AnyOf("signature.footer-appended", "signature.banner-prepended", "signature.body-wrapped", "signature.encoding-changed")));
  }
  EXPECT_THAT(found_in(replaced(signed_by({"rsa"}), "dinner ready", "supper ready")), Not(Contains("signature.subject-tagged")));
}

TEST(SignatureDamage, HostileBodiesEndSoon) {
  std::string lines;
  for (int i = 0; i < 200'000; ++i) lines += "--\r\n";
  (void)found_in(replaced(signed_by({"rsa"}), "Hi.", lines));
}
