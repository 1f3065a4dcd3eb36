// What signatures mean: findings of messages that are signed and changed in known ways.
#include "signed_mail.hpp"

#include "checks/signature/judge.hpp"

using namespace mailmedic;
using namespace mailmedic::signature_test;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

namespace {

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) {
    out.emplace_back(finding.id);
    if (finding.id.starts_with("signature.")) test::expect_words_are_filled(finding);
    EXPECT_FALSE(finding.evidence.empty()) << finding.id;
  }
  return out;
}

CheckReport report_of(const Examined& examined, TimePoint when = now) {
  CheckReport report{.check = "signature"};
  signature::judge(examined.verification, examined.message, when, report);
  return report;
}

std::vector<std::string> about(const std::string& mail, const std::string& zone_text = zone(), TimePoint when = now) {
  return ids(report_of(Examined(mail, zone_text, when), when).findings);
}

/// A message with a signature field as it is written here; what it is worth does not matter.
std::vector<std::string> with_tags(const std::string& tags, std::string_view mail = letter) {
  return about("DKIM-Signature: " + tags + "\r\n" + std::string(mail));
}
const std::string rest = "; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=rsa; bh=AAAA; b=AAAA";
const std::string all = "From:From:To:To:Subject:Subject:Date:Date:Message-ID:MIME-Version:Content-Type";

}  // namespace

TEST(SignatureCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("signature"); }

TEST(SignatureJudge, IsQuietAboutAGoodMessage) {
  EXPECT_THAT(about(signed_by({"rsa"})), IsEmpty());
  EXPECT_THAT(about(signed_by({"rsa", "ed"})), IsEmpty());
  EXPECT_THAT(about(signed_by({"ed"})), UnorderedElementsAre("signature.ed25519-only"));
  EXPECT_THAT(about(std::string(letter)), UnorderedElementsAre("signature.none"));
}

TEST(SignatureJudge, TellsBodyHeaderAndKeyApart) {
  EXPECT_THAT(about(replaced(signed_by({"rsa"}), "lost", "won")), UnorderedElementsAre("signature.body-changed"));
  EXPECT_THAT(about(replaced(signed_by({"rsa"}), "Subject: Is", "Subject: [list] Is")), UnorderedElementsAre("signature.subject-tagged", "signature.header-changed"));
  EXPECT_THAT(about(replaced(replaced(signed_by({"rsa"}), "lost", "won"), "Is dinner", "Was dinner")), UnorderedElementsAre("signature.body-changed", "signature.header-changed"));
  const test::Folder folder;
  const auto other = [&](int bits) { return txt("rsa._domainkey.example.org.", record(dkim::create_private_key(folder.file(std::to_string(bits)), "rsa", bits).value())); };
  EXPECT_THAT(about(signed_by({"rsa"}), other(2048)), UnorderedElementsAre("signature.other-key"));
  EXPECT_THAT(about(signed_by({"rsa"}), other(1024)), UnorderedElementsAre("signature.wrong-size"));
}

TEST(SignatureJudge, ShowsAFieldInOneLine) {
  const CheckReport report = report_of(Examined(replaced(signed_by({"rsa"}), "lost", "won")));
  ASSERT_THAT(ids(report.findings), UnorderedElementsAre("signature.body-changed"));
  const std::string& shown = report.findings.front().evidence.front().text;
  EXPECT_THAT(shown, testing::StartsWith("DKIM-Signature: v=1; a=rsa-sha256;"));
  EXPECT_EQ(shown.find_first_of("\r\n\t"), std::string::npos);
}

TEST(SignatureJudge, SaysUnknownOfAKeyThatDnsDoesNotGive) {
  dns::Zone failing = dns::Zone::parse(zone()).value();
  failing.fail(dns::Name::parse("rsa._domainkey.example.org").value(), dns::Status::timed_out);
  const Examined examined(signed_by({"rsa"}), std::move(failing));
  const CheckReport report = report_of(examined);
  EXPECT_THAT(ids(report.findings), IsEmpty());
  EXPECT_THAT(ids(report.unknowns), UnorderedElementsAre("dns.no-answer"));
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
}

TEST(SignatureJudge, SaysWhatIsWrongWithTheKey) {
  EXPECT_THAT(about(signed_by({"rsa"}), "example.org. A 192.0.2.1\n"), UnorderedElementsAre("signature.key-missing"));
  const TimePoint later = now + std::chrono::days(40);
  EXPECT_THAT(about(signed_by({"rsa"}), "example.org. A 192.0.2.1\n", later), UnorderedElementsAre("signature.key-gone"));
  EXPECT_THAT(about(signed_by({"rsa"}), txt("rsa._domainkey.example.org.", "v=DKIM1; p=")), UnorderedElementsAre("signature.key-unusable"));
}

TEST(SignatureJudge, LooksAtTheTags) {
  EXPECT_THAT(with_tags("v=1"), UnorderedElementsAre("signature.unreadable"));
  EXPECT_THAT(with_tags("v=1; h=" + all + "; i=@example.com" + rest), UnorderedElementsAre("signature.unreadable"));
  EXPECT_THAT(with_tags("v=1; h=" + all + replaced(rest, "sha256", "sha1")), Contains("signature.sha1"));
  EXPECT_THAT(with_tags("v=1; h=" + all + replaced(rest, "rsa-sha256", "rot13")), Contains("signature.algorithm"));
  EXPECT_THAT(with_tags("v=1; h=" + all + replaced(rest, "c=relaxed/relaxed; ", "")), Contains("signature.simple"));
  EXPECT_THAT(with_tags("v=1; h=" + all + rest), Not(Contains("signature.simple")));
  EXPECT_THAT(with_tags("v=1; l=3; h=" + all + rest), Contains("signature.body-length"));
  EXPECT_THAT(with_tags("v=1; l=3000; h=" + all + rest), Contains("signature.body-too-short"));
}

TEST(SignatureJudge, LooksAtTheTimes) {
  EXPECT_THAT(with_tags("v=1; t=1790001000; h=" + all + rest), Contains("signature.future"));
  EXPECT_THAT(with_tags("v=1; t=1789999990; x=1789999999; h=" + all + rest), Contains("signature.expired"));
  EXPECT_THAT(with_tags("v=1; t=1789999990; x=1789999900; h=" + all + rest), Contains("signature.times-reversed"));
  const std::string bulk = "List-Unsubscribe: <https://example.org/u>\r\n" + std::string(letter);
  EXPECT_THAT(about(signed_by({"rsa"}, bulk)), UnorderedElementsAre("signature.no-expiry"));
  EXPECT_THAT(about(signed_by({"rsa"}, bulk, {.domain = "example.org", .lifetime = std::chrono::days(7)})), IsEmpty());
}

TEST(SignatureJudge, LooksAtTheSignedFields) {
  EXPECT_THAT(with_tags("v=1; h=" + all.substr(10) + rest), Contains("signature.from-unsigned"));
  EXPECT_THAT(with_tags("v=1; h=From:From:Date:Date" + rest), Contains("signature.unsigned-fields"));
  EXPECT_THAT(with_tags("v=1; h=" + all + rest), Not(Contains("signature.unsigned-fields")));
  EXPECT_THAT(with_tags("v=1; h=Received:" + all + rest), Contains("signature.trace-signed"));
  EXPECT_THAT(with_tags("v=1; h=" + all + rest, "List-Unsubscribe: <https://example.org/u>\r\n" + std::string(letter)), Contains("signature.list-unsubscribe-unsigned"));
  EXPECT_THAT(with_tags("v=1; h=From:To:Subject:Date:Message-ID:MIME-Version:Content-Type" + rest), Contains("signature.not-oversigned"));
  EXPECT_THAT(with_tags("v=1; h=" + all + rest), Not(Contains("signature.not-oversigned")));
  EXPECT_THAT(with_tags("v=1; h=From:To:Subject:Date" + rest, "Subject: Win\r\n" + std::string(letter)), Contains("signature.more-copies"));
}

TEST(SignatureJudge, LooksAtWhatServersOnTheWayCorrect) {
  EXPECT_THAT(about(signed_by({"rsa"}, std::string(letter) + "bare\nline\r\n")), UnorderedElementsAre("signature.bare-line-ends"));
  EXPECT_THAT(about(signed_by({"rsa"}, std::string(letter) + std::string(999, 'x') + "\r\n")), UnorderedElementsAre("signature.long-lines"));
  EXPECT_THAT(about(signed_by({"rsa"}, std::string(letter) + std::string(998, 'x') + "\r\n")), IsEmpty());
}

TEST(SignatureJudge, CountsWhatItLeavesOut) {
  std::string many;
  for (int i = 0; i < 21; ++i) many += "DKIM-Signature: v=1\r\n";
  EXPECT_THAT(about(many + std::string(letter)), Contains("signature.too-many"));
}
