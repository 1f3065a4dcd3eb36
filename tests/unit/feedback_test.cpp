// Reports of receivers: read in every wrapping, summed up by source, held against today's records.
#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "checks/feedback/judge.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/gzip.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"
#include "tests/support/tool.hpp"

namespace mailmedic::feedback {
namespace {

using ::testing::HasSubstr;

const std::string vectors = MAILMEDIC_SOURCE_DIR "/tests/vectors/reports/";

Documents read(const std::string& file) { return documents_in(test::content_of(vectors + file), file); }

using test::gzipped;

/// A zip archive, in memory.
std::string zipped(const std::vector<std::pair<std::string, std::string>>& files) {
  std::size_t room = 4096, used = 0;
  for (const auto& [name, bytes] : files) room += bytes.size() + 1024;
  std::string out(room, '\0');
  ::archive* writer = ::archive_write_new();
  ::archive_write_set_format_zip(writer);
  ::archive_write_set_bytes_per_block(writer, 0);
  EXPECT_EQ(::archive_write_open_memory(writer, out.data(), out.size(), &used), ARCHIVE_OK);
  for (const auto& [name, bytes] : files) {
    ::archive_entry* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    ::archive_entry_set_filetype(entry, AE_IFREG);
    EXPECT_EQ(::archive_write_header(writer, entry), ARCHIVE_OK);
    EXPECT_EQ(::archive_write_data(writer, bytes.data(), bytes.size()), static_cast<la_ssize_t>(bytes.size()));
    ::archive_entry_free(entry);
  }
  EXPECT_EQ(::archive_write_close(writer), ARCHIVE_OK);
  ::archive_write_free(writer);
  out.resize(used);
  return out;
}

/// A report with one row; `id` tells reports apart.
std::string report(std::string_view row, std::string_view id = "1", std::string_view begin = "1700000000") {
  return "<feedback><report_metadata><org_name>receiver.example</org_name><report_id>" + std::string(id) + "</report_id><date_range><begin>" + std::string(begin) +
         "</begin><end>" + std::string(begin) + "</end></date_range></report_metadata><policy_published><domain>example.org</domain><p>none</p></policy_published>" + std::string(row) + "</feedback>";
}

std::string row(std::string_view address, int count, bool dkim, bool spf, std::string_view more = "") {
  return "<record><row><source_ip>" + std::string(address) + "</source_ip><count>" + std::to_string(count) + "</count><policy_evaluated><disposition>none</disposition><dkim>" + (dkim ? "pass" : "fail") +
         "</dkim><spf>" + (spf ? "pass" : "fail") + "</spf>" + std::string(more) + "</policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers><auth_results>"
         "<dkim><domain>example.org</domain><selector>s1</selector><result>pass</result></dkim><spf><domain>example.org</domain><result>pass</result></spf></auth_results></record>";
}

Picture picture(const std::vector<std::string>& reports) {
  Documents all;
  for (const std::string& text : reports)
    for (Document& document : documents_in(text, "report").reports) all.reports.push_back(std::move(document));
  return picture_of(std::move(all));
}

std::set<std::string> judged(const Picture& picture) {
  CheckReport report;
  judge(picture, report);
  std::set<std::string> out;
  for (const auto* list : {&report.findings, &report.unknowns})
    for (const Finding& finding : *list) {
      out.emplace(finding.id);
      test::expect_words_are_filled(finding);
      EXPECT_FALSE(finding.evidence.empty());
    }
  return out;
}

Picture asked(Picture picture, std::string_view zone, const std::vector<std::string>& silent = {}) {
  dns::Zone dns = dns::Zone::parse(zone).value();
  for (const std::string& name : silent) dns.fail(dns::Name::parse(name).value(), dns::Status::timed_out);
  test::DnsProbes probes(dns);
  Probes& all = probes;
  picture.today = test::run(ask_today(picture.sources, all));
  return picture;
}

TEST(Feedback, TheCatalogueFitsTheCode) { test::expect_catalogue_fits_code("feedback"); }

TEST(Feedback, BothSchemasAreRead) {
  const Documents now = read("dmarc-aggregate/rfc9990-example.net!example.com!1700000000!1700086399.xml");
  ASSERT_EQ(now.reports.size(), 1u);
  const auto& report = std::get<Aggregate>(now.reports[0].report);
  EXPECT_TRUE(report.is_9990);
  EXPECT_EQ(report.policy.np, "reject");
  EXPECT_EQ(report.policy.testing, "y");
  EXPECT_EQ(report.policy.discovery_method, "treewalk");
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].source, "198.51.100.1");
  EXPECT_EQ(report.rows[0].count, 5u);
  EXPECT_TRUE(report.rows[0].dkim_aligned && report.rows[0].spf_aligned);
  EXPECT_EQ(report.rows[0].dkim[0].selector, "selector1");
  EXPECT_EQ(report.rows[1].overrides[0].type, "other");
  EXPECT_EQ(report.rows[1].disposition, "reject");
  const Documents old = read("dmarc-aggregate/old_draft_from_wiki.xml");
  EXPECT_FALSE(std::get<Aggregate>(old.reports.at(0).report).is_9990);
}

/// Case does not count in words, and an empty reason is none.
TEST(Feedback, WhatReportersWriteOtherwise) {
  const auto upper = read("dmarc-aggregate-invalid/report_with_upper_cased_pass.xml");
  ASSERT_EQ(upper.reports.size(), 1u);
  EXPECT_TRUE(std::get<Aggregate>(upper.reports[0].report).rows[0].dkim_aligned);
  const auto empty = read("dmarc-aggregate/empty_reason.xml");
  EXPECT_TRUE(std::get<Aggregate>(empty.reports.at(0).report).rows[0].overrides.empty());
}

TEST(Feedback, ReportsInMessagesAreFound) {
  for (const std::string file : {"dmarc-aggregate/twilight.eml", "dmarc-aggregate/Report domain- borschow.com Submitter- google.com Report-ID- 949348866075514174.eml"}) {
    const Documents found = read(file);
    ASSERT_EQ(found.reports.size(), 1u) << file << (found.unreadable.empty() ? "" : found.unreadable[0].why);
    EXPECT_EQ(std::get<Aggregate>(found.reports[0].report).organization, "google.com");
  }
  const Documents tls = read("tls-rpt/google.com_smtp_tls_report.eml");
  ASSERT_EQ(tls.reports.size(), 1u) << (tls.unreadable.empty() ? "" : tls.unreadable[0].why);
  EXPECT_EQ(std::get<TlsReport>(tls.reports[0].report).organization, "Google Inc.");
}

TEST(Feedback, TlsReportsAreReadPackedAndPlain) {
  const std::string text = test::content_of(vectors + "tls-rpt/rfc8460.json");
  for (const std::string& bytes : {text, gzipped(text)}) {
    const Documents found = documents_in(bytes, "report");
    ASSERT_EQ(found.reports.size(), 1u);
    const auto& report = std::get<TlsReport>(found.reports[0].report);
    ASSERT_EQ(report.policies.size(), 1u);
    EXPECT_EQ(report.policies[0].successful, 5326u);
    EXPECT_EQ(report.policies[0].failures.size(), 3u);
    EXPECT_EQ(report.policies[0].hosts, std::vector<std::string>{"*.mail.company-y.example"});
  }
  const Documents one = documents_in(R"({"organization-name":"x","policies":{"policy":{"policy-type":"sts","policy-domain":"d.example"},"summary":{"total-successful-session-count":3}}})", "object");
  ASSERT_EQ(one.reports.size(), 1u) << "an object where an array is due";
  EXPECT_EQ(std::get<TlsReport>(one.reports[0].report).policies.at(0).successful, 3u);
}

TEST(Feedback, WhatIsNoReportIsNamedAndNothingIsUnpackedWithoutLimit) {
  const std::string bomb = "<feedback>" + std::string(70'000'000, ' ') + "</feedback>";
  const std::pair<std::string, std::string> cases[] = {
      {test::content_of(vectors + "dmarc-aggregate/invalid_xml.xml"), ""},
      {"<!DOCTYPE x [<!ENTITY a \"b\">]><feedback><policy_published/></feedback>", "document type"},
      {"<html/>", "no <feedback>"},
      {"{\"a\":1}", "policies"},
      {"{cut", "no JSON"},
      {"hello", "no report"},
      {"Subject: x\r\n\r\nhello\r\n", "without a DMARC"},
      {gzipped(bomb), "more than"},
      {gzipped(report(row("192.0.2.1", 1, true, true))).substr(0, 60), "cut off"},
      {gzipped(gzipped(gzipped(gzipped(gzipped("x"))))), "too deep"},
      {"PK\x03\x04 no archive", "zip archive"},
      {"", "no report"}};
  for (const auto& [bytes, why] : cases) {
    const Documents found = documents_in(bytes, "input");
    EXPECT_TRUE(found.reports.empty()) << why;
    ASSERT_EQ(found.unreadable.size(), 1u) << why;
    EXPECT_THAT(found.unreadable[0].why, HasSubstr(why));
  }
  Picture nothing = picture_of(documents_in("hello", "input"));
  EXPECT_EQ(judged(nothing), std::set<std::string>{"feedback.unreadable"});
}

/// Of a mailbox with thousands of other messages one line tells, and it names some.
TEST(Feedback, ManyThatHoldNoReportAreToldTogether) {
  Picture many;
  for (int i = 0; i < 3000; ++i) many.documents.unreadable.push_back({fmt::format("in.mbox:{}", i + 1), "a message without a report"});
  many.documents.unreadable.push_back({"cut.gz", "cut off"});
  CheckReport report;
  feedback::judge(many, report);
  ASSERT_EQ(report.unknowns.size(), 2u);
  EXPECT_EQ(report.unknowns[0].args.at(0).second, "in.mbox:1 and 2999 others");
  EXPECT_EQ(report.unknowns[0].evidence.size(), 10u);
  EXPECT_EQ(report.unknowns[1].args.at(0).second, "cut.gz");
  for (const Finding& unknown : report.unknowns) test::expect_words_are_filled(unknown);
}

/// A bomb is named and not unpacked, and the reports around it are read.
TEST(Feedback, AZipBombCostsTheOtherFilesNothing) {
  const std::string good = report(row("192.0.2.1", 1, true, true)), bomb(70'000'000, ' ');
  const Documents found = documents_in(zipped({{"a.xml", good}, {"bomb.xml", bomb}, {"b.xml.gz", gzipped(good)}}), "reports.zip");
  EXPECT_EQ(found.reports.size(), 2u);
  ASSERT_EQ(found.unreadable.size(), 1u);
  EXPECT_EQ(found.unreadable[0].name, "reports.zip: bomb.xml");
  EXPECT_THAT(found.unreadable[0].why, HasSubstr("more than"));
  const Documents whole = documents_in(zipped({{"a.xml", good}}).substr(0, 120), "cut.zip");
  EXPECT_TRUE(whole.reports.empty());
  EXPECT_EQ(whole.unreadable.size(), 1u);
}

TEST(Feedback, AZipBombThatLiesAboutItsSizeIsStopped) {
  const std::string good = report(row("192.0.2.1", 1, true, true)), bomb(70'000'000, ' ');
  std::string bytes = zipped({{"a.xml", good}, {"bomb.xml", bomb}});
  const std::string told("\x80\x1d\x2c\x04", 4), lie("\x0a\0\0\0", 4);  // 70,000,000 and 10, as zip writes them
  std::size_t changed = 0;
  for (auto at = bytes.find(told); at != bytes.npos; at = bytes.find(told, at + 4), ++changed) bytes.replace(at, 4, lie);
  ASSERT_GE(changed, 1u);
  const Documents found = documents_in(bytes, "reports.zip");
  EXPECT_EQ(found.reports.size(), 1u);
  ASSERT_EQ(found.unreadable.size(), 1u);
  EXPECT_EQ(found.unreadable[0].name, "reports.zip: bomb.xml");
}

TEST(Feedback, RowsAreSummedUpBySourceAndAReportCountsOnce) {
  const std::string first = report(row("192.0.2.1", 5, true, false) + row("192.0.2.1", 3, false, false) + row("192.0.2.2", 1, true, true));
  const Picture all = picture({first, first, report(row("192.0.2.1", 2, true, true), "2")});
  ASSERT_EQ(all.sources.size(), 2u);
  EXPECT_EQ(all.sources[0].count, 10u);
  EXPECT_EQ(all.sources[0].dkim_aligned, 7u);
  EXPECT_EQ(all.sources[0].spf_aligned, 2u);
  EXPECT_EQ(all.sources[0].neither, 3u);
}

TEST(Feedback, UnauthenticatedSources) {
  EXPECT_EQ(judged(picture({report(row("192.0.2.1", 5, false, false))})), std::set<std::string>{"feedback.unauthenticated-source"});
  EXPECT_EQ(judged(picture({report(row("192.0.2.1", 5, true, false))})), std::set<std::string>{});
  EXPECT_EQ(judged(picture({report(row("192.0.2.1", 5, false, false, "<reason><type>mailing_list</type></reason>"))})), std::set<std::string>{}) << "lists break both";
  EXPECT_EQ(judged(picture({report(row("192.0.2.1", 5, false, false, "<reason><type>local_policy</type><comment>arc=pass</comment></reason>"))})), std::set<std::string>{}) << "so does what ARC vouches for";
  EXPECT_EQ(judged(picture({report(row("192.0.2.1", 5, false, false, "<reason><type>mailing_list</type></reason>") + row("192.0.2.1", 1, false, false))})), std::set<std::string>{"feedback.unauthenticated-source"})
      << "not all of it was relayed";
}

TEST(Feedback, ASourceThatGotWorse) {
  const auto over_time = [](bool later) { return picture({report(row("192.0.2.1", 9, true, true), "1", "1700000000"), report(row("192.0.2.1", 9, later, later), "2", "1700900000")}); };
  EXPECT_EQ(judged(over_time(false)), (std::set<std::string>{"feedback.got-worse", "feedback.unauthenticated-source"}));
  EXPECT_EQ(judged(over_time(true)), std::set<std::string>{});
}

constexpr std::string_view zone = R"(
1.2.0.192.in-addr.arpa. PTR mail.example.org.
2.2.0.192.in-addr.arpa. PTR other.example.net.
example.org. TXT "v=spf1 ip4:192.0.2.1 -all"
s1._domainkey.example.org. TXT "v=DKIM1; p=MCowBQYDK2VwAyEA"
)";

TEST(Feedback, TodayIsHeldAgainstTheReports) {
  const Picture good = asked(picture({report(row("192.0.2.1", 5, true, true))}), zone);
  EXPECT_EQ(judged(good), std::set<std::string>{});
  EXPECT_EQ(good.today.at(0).names, std::vector<std::string>{"mail.example.org"});
  EXPECT_EQ(good.today.at(0).spf, "pass");
  EXPECT_EQ(good.today.at(0).policy, "");
  const Picture strict = asked(picture({report(row("192.0.2.1", 5, true, true))}), std::string(zone) + "_dmarc.example.org. TXT \"v=DMARC1; p=reject; aspf=s\"\n");
  EXPECT_EQ(strict.today.at(0).policy, "reject");
  EXPECT_EQ(strict.today.at(0).spf_aligned, true);
  EXPECT_EQ(judged(asked(picture({report(row("192.0.2.1", 5, true, false))}), zone)), std::set<std::string>{"feedback.spf-mended"});
  EXPECT_EQ(judged(asked(picture({report(row("192.0.2.2", 5, true, true))}), zone)), std::set<std::string>{"feedback.spf-broken-since"});
  EXPECT_EQ(judged(asked(picture({report(row("192.0.2.1", 5, true, true))}), "1.2.0.192.in-addr.arpa. PTR mail.example.org.\nexample.org. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n")), std::set<std::string>{"feedback.keys-gone"});
}

TEST(Feedback, WithoutAnswersNothingIsClaimed) {
  const Picture blind = asked(picture({report(row("192.0.2.1", 5, true, true))}), zone, {"1.2.0.192.in-addr.arpa", "example.org", "s1._domainkey.example.org", "_dmarc.example.org"});
  EXPECT_EQ(blind.today.at(0).unanswered.size(), 4u);
  EXPECT_FALSE(blind.today.at(0).policy || blind.today.at(0).names || blind.today.at(0).spf_aligned || blind.today.at(0).keys_missing);
  EXPECT_EQ(judged(blind), std::set<std::string>{"feedback.not-asked"});
}

TEST(Feedback, EachKindOfTlsFailureHasItsFinding) {
  const std::pair<std::string, std::string> kinds[] = {
      {"starttls-not-supported", "feedback.tls-starttls-not-supported"}, {"certificate-host-mismatch", "feedback.tls-certificate-host-mismatch"},
      {"certificate-expired", "feedback.tls-certificate-expired"}, {"certificate-not-trusted", "feedback.tls-certificate-not-trusted"}, {"validation-failure", "feedback.tls-validation-failure"},
      {"tlsa-invalid", "feedback.tls-tlsa-invalid"}, {"dnssec-invalid", "feedback.tls-dnssec-invalid"}, {"dane-required", "feedback.tls-dane-required"},
      {"sts-policy-fetch-error", "feedback.tls-sts-policy-fetch-error"}, {"sts-policy-invalid", "feedback.tls-sts-policy-invalid"}, {"sts-webpki-invalid", "feedback.tls-sts-webpki-invalid"},
      {"something-new", "feedback.tls-other"}};
  for (const auto& [type, id] : kinds) {
    const std::string text = R"({"organization-name":"x","report-id":"1","policies":[{"policy":{"policy-type":"sts","policy-domain":"d.example"},"summary":{"total-failure-session-count":3},"failure-details":[{"result-type":")" +
                             type + R"(","receiving-mx-hostname":"mx.d.example","failed-session-count":3}]}]})";
    EXPECT_EQ(judged(picture({text})), std::set<std::string>{id});
  }
  EXPECT_EQ(judged(picture({R"({"organization-name":"x","policies":[{"summary":{"total-successful-session-count":3}}]})"})), std::set<std::string>{});
  EXPECT_EQ(judged(picture({R"({"organization-name":"x","policies":[{"summary":{"total-failure-session-count":3}}]})"})), std::set<std::string>{"feedback.tls-other"}) << "no details";
}

}  // namespace
}  // namespace mailmedic::feedback
