// What receivers wrote into messages: as it is, and as nobody should write it.
#include <gmock/gmock.h>

#include "checks/verdict/judge.hpp"
#include "tests/support/catalogue.hpp"

using namespace mailmedic;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct Read {
  std::string text;
  message::RawMessage message;
  std::vector<message::Verdict> verdicts;
  CheckReport report{.check = "verdict"};

  explicit Read(const std::string& fields) : text(fields + "\r\nSubject: x\r\n\r\nHi\r\n"), message(message::parse_raw(text).value()), verdicts(message::verdicts_of(message)) {
    verdict::judge(verdicts, message, report);
    for (const Finding& finding : report.findings) test::expect_words_are_filled(finding);
  }
  Read(const Read&) = delete;
  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const Finding& finding : report.findings) out.emplace_back(finding.id);
    return out;
  }
};

std::vector<std::string> ids_of(const std::string& fields) { return Read(fields).ids(); }
std::vector<std::string> forefront(const std::string& codes) { return ids_of("X-Forefront-Antispam-Report: " + codes); }

}  // namespace

TEST(VerdictCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("verdict"); }

TEST(Verdict, AScoreWithoutThresholdIsNoVerdict) {
  EXPECT_TRUE(ids_of("X-Spam-Status: score=7.4 tests=BAYES_99").empty());
  EXPECT_EQ(ids_of("X-Spam-Status: score=7.4 required=5.0 tests=BAYES_99"), std::vector<std::string>{"verdict.score-spam"});
}

TEST(Verdict, TellsEveryCodeOfMicrosoft) {
  const std::pair<const char*, const char*> codes[] = {
      {"SFV:SPM", "verdict.sfv-spm"}, {"SFV:NSPM", "verdict.sfv-nspm"}, {"SFV:BLK", "verdict.sfv-blk"}, {"SFV:SFE", "verdict.sfv-sfe"}, {"SFV:SKA", "verdict.sfv-ska"},
      {"SFV:SKB", "verdict.sfv-skb"}, {"SFV:SKN", "verdict.sfv-skn"}, {"SFV:SKS", "verdict.sfv-sks"}, {"SFV:SKI", "verdict.sfv-ski"}, {"SFV:SKQ", "verdict.sfv-skq"},
      {"CAT:AMP", "verdict.cat-malware"}, {"CAT:MALW", "verdict.cat-malware"}, {"CAT:FTBP", "verdict.cat-attachment"}, {"CAT:SAP", "verdict.cat-safe-attachments"}, {"CAT:BIMP", "verdict.cat-brand"},
      {"CAT:DIMP", "verdict.cat-domain"}, {"CAT:UIMP", "verdict.cat-user"}, {"CAT:GIMP", "verdict.cat-mailbox"}, {"CAT:PHSH", "verdict.cat-phishing"}, {"CAT:HPHSH", "verdict.cat-phishing-high"},
      {"CAT:HPHISH", "verdict.cat-phishing-high"}, {"CAT:INTOS", "verdict.cat-phishing-inside"}, {"CAT:SPM", "verdict.cat-spam"}, {"CAT:HSPM", "verdict.cat-spam-high"}, {"CAT:OSPM", "verdict.cat-outbound"},
      {"CAT:BULK", "verdict.cat-bulk"}, {"CAT:SPOOF", "verdict.cat-spoof"}, {"CAT:NONE", "verdict.cat-none"}, {"CAT:WHAT", "verdict.unknown-code"}, {"IPV:CAL", "verdict.ipv-allowed"},
      {"SRV:BULK", "verdict.srv-bulk"}, {"SCL:-1", "verdict.scl-skipped"}, {"SCL:1", "verdict.scl-clean"}, {"SCL:5", "verdict.scl-spam"}, {"SCL:6", "verdict.scl-spam"},
      {"SCL:9", "verdict.scl-high"}, {"BCL:0", "verdict.bcl-none"}, {"BCL:2", "verdict.bcl-few"}, {"BCL:7", "verdict.bcl-mixed"}, {"BCL:8", "verdict.bcl-many"}};
  for (const auto& [code, id] : codes) EXPECT_THAT(forefront(code), ElementsAre(id)) << code;
  for (const char* nothing : {"IPV:NLI", "SRV:", "SCL:ten", "SCL:99", "SCL:-2", "CIP:192.0.2.1", "SFV:", ":", "", "SCL"}) EXPECT_THAT(forefront(nothing), IsEmpty()) << nothing;
}

TEST(Verdict, ReadsAReportOfExchangeOnline) {
  const Read read(
      "X-Forefront-Antispam-Report: CIP:2001:db8::25;CTRY:US;LANG:en;SCL:6;SRV:;\r\n IPV:NLI;SFV:SPM;H:mail.example.org;PTR:mail.example.org;CAT:SPOOF;SFS:(13230040);DIR:INB;\r\n"
      "X-Microsoft-Antispam: BCL:5;ARA:13230040|2906005;\r\nX-Microsoft-Antispam-Message-Info: =?us-ascii?Q?abc?=\r\nX-MS-Exchange-Organization-SCL: 6\r\n"
      "Authentication-Results: spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=example.org; dmarc=fail action=none; compauth=fail reason=001");
  EXPECT_THAT(read.ids(), ElementsAre("verdict.scl-spam", "verdict.sfv-spm", "verdict.cat-spoof", "verdict.bcl-mixed", "verdict.compauth-fails", "verdict.opaque"));
  const auto facts = message::to_json(read.verdicts);
  EXPECT_EQ(facts.at(0).at("judge"), "microsoft");
  EXPECT_EQ(facts.at(0).at("spam"), true);
  EXPECT_EQ(facts.at(0).at("codes").at("CIP"), "2001:db8::25");
  EXPECT_EQ(facts.at(1).at("codes").at("BCL"), "5");
  EXPECT_EQ(facts.at(2).at("opaque"), true);
  EXPECT_EQ(facts.at(3).at("fields_above"), 3);
  EXPECT_EQ(read.report.findings[4].args.front().second, "001");
}

TEST(Verdict, ReadsScoresOfSpamAssassin) {
  const Read read("X-Spam-Flag: YES\r\nX-Spam-Status: Yes, score=7.4 required=5.0 tests=BAYES_99=3.5,\r\n\tHTML_MESSAGE=0.001,MISSING_DATE,\r\n\tDKIM_VALID=-0.1 autolearn=no\r\n\tautolearn_force=no version=4.0.1");
  EXPECT_THAT(read.ids(), ElementsAre("verdict.score-spam"));
  const auto facts = message::to_json(read.verdicts);
  EXPECT_EQ(facts.at(1).at("score"), 7.4);
  EXPECT_EQ(facts.at(1).at("threshold"), 5.0);
  ASSERT_EQ(facts.at(1).at("rules").as_array().size(), 4u);
  EXPECT_EQ(facts.at(1).at("rules").at(3).at("name"), "DKIM_VALID");
  EXPECT_TRUE(facts.at(1).at("rules").at(2).at("points").is_null());
  EXPECT_THAT(read.report.findings[0].evidence[1].text, testing::StartsWith("BAYES_99 +3.5, HTML_MESSAGE +0.001"));
  EXPECT_THAT(ids_of("X-Spam-Status: No, score=-1.7 required=5.0 tests=[BAYES_00=-1.9] autolearn=ham"), ElementsAre("verdict.score-clean"));
  EXPECT_THAT(ids_of("X-Spam-Status: No, hits=0.2 required=5.0 tests=none"), ElementsAre("verdict.score-clean"));
  EXPECT_THAT(ids_of("X-Spam-Flag: YES"), ElementsAre("verdict.flagged"));
  for (const char* nothing : {"X-Spam-Flag: NO", "X-Spam-Status: No", "X-Spam-Status:", "X-Spam-Status: Maybe, score=nan", "X-Spam-Status: No, score=1e99"}) EXPECT_THAT(ids_of(nothing), IsEmpty()) << nothing;
}

TEST(Verdict, ReadsScoresOfRspamd) {
  const Read read("X-Spamd-Result: default: True [16.20 / 15.00];\r\n\tBAYES_SPAM(5.10)[100.00%];\r\n\tR_DKIM_REJECT(1.00)[good.test:s=s1];\r\n\tMIME_GOOD(-0.10)[text/plain];\r\n\tASN(0.00)[asn:64496, ipnet:192.0.2.0/24, country:DE]");
  EXPECT_THAT(read.ids(), ElementsAre("verdict.score-spam"));
  EXPECT_EQ(read.report.findings[0].args[0].second, "rspamd");
  EXPECT_EQ(read.verdicts[0].score, 16.2);
  ASSERT_EQ(read.verdicts[0].rules.size(), 4u);
  EXPECT_EQ(read.verdicts[0].rules[1].name, "R_DKIM_REJECT");
  EXPECT_THAT(ids_of("X-Spamd-Result: default: False [-0.1 / 15.00]; MIME_GOOD(-0.10)[]"), ElementsAre("verdict.score-clean"));
  for (const char* nothing : {"X-Spamd-Result: ", "X-Spamd-Result: [", "X-Spamd-Result: default: True [/];((((;A(;)(", "X-Spamd-Result: x [1/"}) EXPECT_THAT(ids_of(nothing), testing::Not(Contains("verdict.score-clean"))) << nothing;
}

TEST(Verdict, KnowsTheMailServices) {
  EXPECT_THAT(ids_of("X-Gm-Spam: 1\r\nX-Gm-Phishy: 0"), ElementsAre("verdict.gmail-spam"));
  EXPECT_THAT(ids_of("X-Gm-Spam: 0\r\nX-Gm-Phishy: 1"), ElementsAre("verdict.gmail-phishing"));
  EXPECT_THAT(ids_of("X-Gmail-Labels: Opened, Spam ,Category Updates"), ElementsAre("verdict.gmail-label"));
  EXPECT_THAT(ids_of("X-Gmail-Labels: Inbox,Antispam"), IsEmpty());
  EXPECT_THAT(ids_of("X-YahooFilteredBulk: 192.0.2.1\r\nX-YMailISG: abc"), ElementsAre("verdict.yahoo-bulk", "verdict.opaque"));
  EXPECT_THAT(ids_of("X-QQ-SPAM: true\r\nX-QQ-XMRINFO: abc=\r\nX-QQ-SSF: 0100"), ElementsAre("verdict.qq-spam", "verdict.opaque"));
  const Read netease("X-NTES-SC: AL_Qu2\r\nX-Coremail-Antispam: 1Uf129\r\nX-Coremail-Antispam: 1Uf129");
  EXPECT_THAT(netease.ids(), ElementsAre("verdict.opaque"));
  EXPECT_EQ(netease.report.findings[0].args, (Args{{"judge", "NetEase"}, {"fields", "X-NTES-SC, X-Coremail-Antispam"}}));
}

TEST(Verdict, StaysBounded) {
  std::string many, rules = "X-Spam-Status: Yes, score=9 required=5 tests=A";
  for (int i = 0; i < 1500; ++i) many += "X-Spam-Flag: YES\r\n";
  for (int i = 0; i < 20000; ++i) rules += ",R" + std::to_string(i);
  EXPECT_EQ(Read(many + "X-Spam-Flag: YES").verdicts.size(), message::max_verdicts);
  EXPECT_LE(Read(rules).verdicts[0].rules.size(), 200u);
  std::string codes = "X-Forefront-Antispam-Report: ";
  for (int i = 0; i < 5000; ++i) codes += "C" + std::to_string(i) + ":x;";
  EXPECT_LE(Read(codes).verdicts[0].codes.size(), 60u);
}
