// Outputs from fixed facts, hostile text included. The expected files lie beside this one; to accept a change on purpose,
// run with MAILMEDIC_GOLDEN=write and read the difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "reports/html.hpp"
#include "reports/json.hpp"
#include "reports/nagios.hpp"
#include "reports/prometheus.hpp"
#include "reports/text.hpp"

using namespace mailmedic;
using reports::Language;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char* catalogue_directory = MAILMEDIC_BINARY_DIR "/share/mailmedic/findings";
constexpr const char* template_file = MAILMEDIC_BINARY_DIR "/share/mailmedic/report.tpl";

/// A report with a cause and its consequence, a warning, a note, an unknown, and a banner that means harm.
reports::Report fixed_report() {
  reports::Report report;
  report.tool = "audit";
  report.version = "1.2.3";
  report.target = "example.org";
  report.started = TimePoint(std::chrono::seconds(1790000000));
  report.duration = std::chrono::milliseconds(1234);
  CheckReport identity{.check = "reverse_dns"};
  identity.findings.push_back({.id = "reverse_dns.helo-elsewhere", .subject = "192.0.2.25",
                               .args = {{"helo", "mail.example.org"}, {"address", "192.0.2.25"}, {"type", "A"}},
                               .evidence = {{"A mail.example.org", "192.0.2.26"}}});
  identity.findings.push_back({.id = "reverse_dns.not-confirmed", .subject = "192.0.2.25",
                               .args = {{"address", "192.0.2.25"}, {"name", "mail.example.org"}, {"type", "A"}},
                               .evidence = {{"PTR 25.2.0.192.in-addr.arpa", "mail.example.org"}, {"A mail.example.org", "192.0.2.26"}}});
  CheckReport mx{.check = "mx"};
  mx.findings.push_back({.id = "mx.single", .subject = "example.org", .args = {{"host", "mx.example.org"}}, .evidence = {{"MX example.org", "10 mx.example.org."}}});
  CheckReport blocklist{.check = "blocklist"};
  blocklist.findings.push_back({.id = "blocklist.listed", .subject = "192.0.2.25", .severity = Severity::warning,
                                .args = {{"subject", "192.0.2.25"}, {"list", "Example"}, {"zone", "list.example"}, {"meaning", "127.0.0.2: listed"}, {"url", "https://list.example/"}, {"note", ""}},
                                .evidence = {{"TXT 25.2.0.192.list.example", "\x1b[2J\x1b[31m<script>alert(1)</script>\r\n|| \xff \"quoted\" & more"}}});
  CheckReport dns{.check = "dkim"};
  dns.could_not_tell({.id = "dns.no-answer", .subject = "s1._domainkey.example.org",
                      .args = {{"name", "s1._domainkey.example.org"}, {"type", "TXT"}, {"status", "timed out"}},
                      .evidence = {{"TXT s1._domainkey.example.org", "192.0.2.53:53: no answer in 5.0 s"}}});
  CheckReport nothing{.check = "smtp", .outcome = Outcome::not_applicable, .reason = "<b>no</b> mail"};
  mx.facts["hosts"] = boost::json::array{"mx.example.org</pre><script>"};
  report.checks = {mx, identity, dns, blocklist, nothing};
  report.exhibits.push_back({"A tree </h3>", {"v=spf1 \x1b]0;title\x07 <img src=x onerror=alert(1)>"}});
  return report;
}

/// The same with what a monitoring system keeps, and a drawing.
reports::Report measured_report() {
  reports::Report report = fixed_report();
  report.measures.push_back({.label = "mx.example.org 192.0.2.1:25 connect", .metric = "probe_smtp_duration_seconds", .help = "Duration of a stage", .labels = {{"host", "mx.\"example\\org\n"}, {"phase", "connect"}},
                             .value = 0.0205, .unit = "s", .warning = 2.5, .critical = {}});
  report.measures.push_back({.label = "it's=days|", .metric = "", .help = "", .labels = {}, .value = 12.5, .unit = "", .warning = 14.0, .critical = 7.0, .is_floor = true});
  reports::Exhibit stages{.title = "stages", .lines = {"said"}};
  stages.chart = {.title = "stages of <b>mx</b>", .bars = {{.label = "connect", .start = 0, .length = 20, .note = "20.0 ms"},
                                                           {.label = "EHLO <img>", .start = 20, .length = 60, .note = "60.0 ms", .tone = reports::Bar::Tone::broken}}};
  report.exhibits = {stages};
  return report;
}

void expect_golden(const std::string& name, const std::string& actual) {
  const std::string path = std::string(MAILMEDIC_SOURCE_DIR "/tests/golden/") + name;
  if (const char* mode = std::getenv("MAILMEDIC_GOLDEN"); mode && std::string_view(mode) == "write") std::ofstream(path) << actual;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  EXPECT_EQ(actual, expected.str()) << "differs from " << path;
}

std::string text_report(Language language, bool verbose = false) {
  reports::Catalogue catalogue(catalogue_directory);
  reports::TextStyle style;
  style.language = language;
  style.verbose = verbose;
  const reports::Report report = fixed_report();
  return reports::to_text(report, reports::judge(report, catalogue, language), catalogue, style);
}

std::string json_of(reports::Report report) {
  reports::Catalogue catalogue(catalogue_directory);
  return boost::json::serialize(reports::to_json(report, reports::judge(report, catalogue, Language::en)));
}

std::string nagios_of(const reports::Report& report) {
  reports::Catalogue catalogue(catalogue_directory);
  return reports::to_nagios(report, reports::judge(report, catalogue, Language::en));
}

std::string html_report(Language language) {
  reports::Catalogue catalogue(catalogue_directory);
  return reports::to_html({fixed_report()}, catalogue, language, template_file).value();
}

}  // namespace

TEST(Golden, TextInEnglish) { expect_golden("report.en.txt", text_report(Language::en)); }
TEST(Golden, TextInChinese) { expect_golden("report.zh.txt", text_report(Language::zh)); }

TEST(Golden, Json) {
  expect_golden("report.json", json_of(fixed_report()) + "\n");
}

TEST(Golden, MonitoringLine) {
  const std::string line = nagios_of(fixed_report());
  expect_golden("report.nagios.txt", line);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 1);
}

TEST(Monitoring, PerformanceDataHoldTheirForm) {
  const std::string line = nagios_of(measured_report());
  EXPECT_THAT(line, HasSubstr(" 'mx.example.org 192.0.2.1:25 connect'=0.0205s;2.5;;0"));
  EXPECT_THAT(line, HasSubstr(" 'it_s_days/'=12.5;14:;7:;0"));
  EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 1);
}

TEST(Monitoring, EachMetricStandsOnceWithAllItsSamples) {
  reports::Catalogue catalogue(catalogue_directory);
  reports::Prometheus metrics(catalogue);
  reports::Report other = measured_report();
  other.target = "example.net";
  metrics.add(measured_report());
  metrics.add(other);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# TYPE probe_smtp_duration_seconds gauge\nprobe_smtp_duration_seconds{tool=\"audit\",target=\"example.org\",host=\"mx.\\\"example\\\\org\\\\x0a\",phase=\"connect\"} 0.0205\n"
                              "probe_smtp_duration_seconds{tool=\"audit\",target=\"example.net\""));
  EXPECT_THAT(text, HasSubstr("probe_success{tool=\"audit\",target=\"example.org\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mailmedic_finding{tool=\"audit\",target=\"example.org\",id=\"reverse_dns.not-confirmed\",subject=\"192.0.2.25\",severity=\"critical\"} 1\n"));
  std::istringstream lines(text);
  std::map<std::string, int> helped;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# HELP ")) ++helped[line.substr(7, line.find(' ', 7) - 7)];
  EXPECT_GE(helped.size(), 5u);
  for (const auto& [metric, times] : helped) EXPECT_EQ(times, 1) << metric;
}

TEST(Chart, IsDrawnInTextAndInHtml) {
  EXPECT_THAT(reports::lines_of(measured_report().exhibits[0].chart, 8), testing::ElementsAre("connect     |==      |  20.0 ms", "EHLO <img>  |  !!!!!!|  60.0 ms"));
  EXPECT_TRUE(reports::lines_of({}).empty());
  EXPECT_THAT(reports::lines_of({.title = "", .bars = {{.label = "a"}}}, 4), testing::ElementsAre("a  |=   |  "));
  reports::Catalogue catalogue(catalogue_directory);
  const std::string page = reports::to_html({measured_report()}, catalogue, Language::en, template_file).value();
  EXPECT_THAT(page, HasSubstr("<svg class=\"chart\" viewBox=\"0 0 900 44.0\""));
  EXPECT_THAT(page, HasSubstr("<rect class=\"broken\" x=\"325.0\" y=\"26.0\" width=\"405.0\""));
  EXPECT_THAT(page, Not(HasSubstr("<img>")));
  EXPECT_THAT(page, Not(HasSubstr("<b>mx")));
}

TEST(Exhibit, KeepsItsLinesInHtml) {
  reports::Report report = fixed_report();
  report.exhibits = {{.title = "said", .lines = {"-> EHLO <b>", "<- 250 ok"}}};
  reports::Catalogue catalogue(catalogue_directory);
  EXPECT_THAT(reports::to_html({report}, catalogue, Language::en, template_file).value(), HasSubstr("<pre class=\"exhibit\">-&gt; EHLO &lt;b&gt;\n&lt;- 250 ok\n</pre>"));
}

TEST(Hostile, TextHasNoControlBytes) {
  for (const std::string& text : {text_report(Language::en, true), text_report(Language::zh, true)})
    for (const char c : text) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << static_cast<int>(c);
}

TEST(Hostile, HtmlHasNoElementOfTheNetwork) {
  for (const Language language : {Language::en, Language::zh}) {
    const std::string page = html_report(language);
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, Not(HasSubstr("<b>no")));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
    EXPECT_EQ(page.find('\x1b'), std::string::npos);
  }
}

TEST(Hostile, JsonIsValidUtf8) {
  const std::string json = json_of(fixed_report());
  EXPECT_NO_THROW(boost::json::parse(json));
}

TEST(Judgement, PutsAConsequenceUnderItsCauseAndTheWorstFirst) {
  reports::Catalogue catalogue(catalogue_directory);
  const reports::Report report = fixed_report();
  const reports::Judgement judgement = reports::judge(report, catalogue, Language::en);
  ASSERT_EQ(judgement.findings.size(), 4u);
  EXPECT_EQ(judgement.findings[0].finding->id, "reverse_dns.not-confirmed");
  ASSERT_EQ(judgement.findings[0].consequences.size(), 1u);
  EXPECT_EQ(judgement.findings[0].consequences[0].finding->id, "reverse_dns.helo-elsewhere");
  EXPECT_EQ(judgement.findings.back().severity, std::nullopt);
  EXPECT_EQ(judgement.status, reports::Status::problem);
}

TEST(Judgement, TheStatusIsTheWorstFinding) {
  reports::Catalogue catalogue(catalogue_directory);
  reports::Report report;
  const auto status = [&] { return reports::judge(report, catalogue, Language::en).status; };
  EXPECT_EQ(status(), reports::Status::ok);
  report.checks.push_back({.check = "mx"});
  report.checks[0].findings.push_back({.id = "mx.single", .subject = "example.org"});
  EXPECT_EQ(status(), reports::Status::ok);
  report.checks[0].could_not_tell({.id = "dns.no-answer", .subject = "example.org"});
  EXPECT_EQ(status(), reports::Status::inconclusive);
  report.checks[0].findings.push_back({.id = "mx.alias", .subject = "example.org"});
  EXPECT_EQ(status(), reports::Status::warning);
  report.checks[0].findings.push_back({.id = "mx.none", .subject = "example.org"});
  EXPECT_EQ(status(), reports::Status::problem);
}

TEST(Wrapped, BreaksAtWordsAndBetweenWideCharacters) {
  EXPECT_EQ(reports::wrapped("one two three four five six", 26, 4), "    one two three four\n    five six");
  EXPECT_EQ(reports::wrapped("一二三四五六七八九十一二", 20, 0), "一二三四五六七八九十\n一二");
}
