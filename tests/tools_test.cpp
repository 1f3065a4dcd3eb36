// Input that cannot be right: one clear line on standard error that names it and the remedy, nothing on standard
// output, exit status 3. No network is needed.
#include <gmock/gmock.h>

#include "tests/support/tool.hpp"

namespace mailmedic::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

struct Refusal {
  std::string name;
  Words words;
  std::vector<std::string> says;  ///< the input and the remedy
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

class Refused : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refused, SaysWhatIsWrongAndWhatToDo) {
  const Ran run = run_tool(GetParam().words, std::chrono::seconds(20));
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, ::testing::StartsWith("mailmedic")) << run.told();
  for (const std::string& part : GetParam().says) EXPECT_THAT(run.err, HasSubstr(part));
  // one line, and at most one more that says where help is
  std::istringstream lines(run.err);
  std::string line;
  std::getline(lines, line);
  EXPECT_LE(line.size(), 400u) << line;
  if (std::getline(lines, line)) {
    EXPECT_THAT(line, ::testing::StartsWith("Try: mailmedic"));
  }
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

std::vector<Refusal> refusals() {
  const std::string long_domain = [] {
    std::string name;
    for (int i = 0; i < 30; ++i) name += "abcdefghi.";
    return name + "test";
  }();
  std::vector<Refusal> all;
  all.push_back({"connectPasswordInTheOpen", {"connect", "example.org", "--auth", "--user", "me", "--password=hunter2"}, {"--password-file", "--password-env"}});
  all.push_back({"connectTokenInTheOpen", {"connect", "example.org", "--token", "hunter2"}, {"--token-file"}});
  all.push_back({"connectLoginWithoutUser", {"connect", "example.org", "--auth"}, {"--user NAME"}});
  all.push_back({"connectMechanismThatIsNone", {"connect", "example.org", "--auth=GSSAPI", "--user", "me"}, {"--auth GSSAPI", "PLAIN"}});
  all.push_back({"connectNoSuchPasswordFile", {"connect", "example.org", "--auth", "--user", "me", "--password-file", "/nonexistent/p"}, {"--password-file /nonexistent/p", "No such file"}});
  all.push_back({"connectNoSuchStage", {"connect", "example.org", "--drop-after", "dinner"}, {"--drop-after dinner", "rcpt"}});
  all.push_back({"connectTwoEnds", {"connect", "example.org", "--drop-after", "ehlo", "--quit-after", "ehlo"}, {"exclude each other"}});
  all.push_back({"connectRcptProbe", {"connect", "example.org", "--from", "a@example.net", "--to", "b@example.org", "--quit-after", "rcpt"}, {"--quit-after rcpt", "--allow-rcpt-probe"}});
  all.push_back({"connectNoSuchTest", {"connect", "example.org", "--test", "relay2"}, {"--test relay2", "smuggling"}});
  all.push_back({"connectRelayWithoutAddress", {"connect", "example.org", "--test", "relay"}, {"--relay-to ADDRESS"}});
  all.push_back({"connectSmugglingWithoutRecipient", {"connect", "example.org", "--test", "smuggling"}, {"--to ADDRESS"}});
  all.push_back({"connectRelayAddressOfTwoLines", {"connect", "example.org", "--test", "relay", "--relay-to", "a@b>\r\nRCPT"}, {"control characters"}});
  all.push_back({"connectDaysTheWrongWay", {"connect", "example.org", "--warn-days", "3", "--critical-days", "9"}, {"--warn-days", "--critical-days"}});
  all.push_back({"connectWarnTime", {"connect", "example.org", "--warn-time", "soon"}, {"--warn-time soon"}});
  all.push_back({"connectAtOnce", {"connect", "example.org", "--at-once", "0"}, {"--at-once 0", "1000"}});
  all.push_back({"connectNoSuchInput", {"connect", "--input", "/nonexistent/servers"}, {"/nonexistent/servers", "No such file"}});
  all.push_back({"connectTlsScheme", {"connect", "tls://example.org"}, {"tls://example.org", "mailmedic tls"}});
  all.push_back({"connectNothing", {"connect"}, {"connect where"}});
  all.push_back({"tlsSocket", {"tls", "unix:/run/x"}, {"unix:/run/x", "mailmedic connect"}});
  all.push_back({"sendNobody", {"send", "--test", "--from", "a@example.org"}, {"--to ADDRESS"}});
  all.push_back({"sendFromNobody", {"send", "--test", "--to", "a@example.org"}, {"--from ADDRESS"}});
  all.push_back({"sendNothing", {"send", "--from", "a@example.org", "--to", "b@example.org"}, {"--text", "--test"}});
  all.push_back({"sendBadAddress", {"send", "--test", "--from", "a@example.org", "--to", "nobody"}, {"--to nobody", "user@example.org"}});
  all.push_back({"sendNoSuchFile", {"send", "--from", "a@example.org", "--to", "b@example.org", "--attach", "/no/such.pdf"}, {"--attach /no/such.pdf", "No such file"}});
  all.push_back({"sendFieldOfTwoLines", {"send", "--test", "--from", "a@example.org", "--to", "b@example.org", "--header", "X-A: b\r\nBcc: c@d", "--dry-run"}, {"X-A", "control character"}});
  all.push_back({"sendNoSuchProvider", {"send", "--test", "--from", "a@example.org", "--to", "b@example.org", "--provider", "pigeon"}, {"--provider pigeon", "gmail"}});
  all.push_back({"sendLoginNowhere", {"send", "--test", "--from", "a@example.org", "--to", "b@example.org", "--auth", "--user", "a"}, {"--server"}});
  all.push_back({"sendWordAlone", {"send", "b@example.org"}, {"b@example.org", "--to"}});
  all.push_back({"sendPasswordInTheOpen", {"send", "--test", "--password", "hunter2"}, {"--password-file"}});
  all.push_back({"tlsNothing", {"tls"}, {"which server"}});
  all.push_back({"connectProxyVersion", {"connect", "example.org", "--proxy-protocol", "3"}, {"--proxy-protocol 3", "1 or 2"}});
  all.push_back({"connectXclientForm", {"connect", "example.org", "--xclient", "ADDR"}, {"--xclient ADDR", "NAME=VALUE"}});
  all.push_back({"connectSocketPath", {"connect", "unix:socket"}, {"unix:socket", "starts with /"}});
  for (const std::string tool : {"audit", "domain", "spf"}) {
    all.push_back({tool + "UnknownOption", {tool, "--colour-blind", "good.test"}, {"--colour-blind", "--help"}});
    all.push_back({tool + "LongDomain", {tool, long_domain}, {"abcdefghi.", "is not a domain name", "253 bytes"}});
    all.push_back({tool + "AddressForDomain", {tool, "192.0.2.25"}, {"192.0.2.25 is an address", "example.org"}});
    all.push_back({tool + "Ipv6ForDomain", {tool, "2001:db8::1"}, {"2001:db8::1 is an address", "example.org"}});
    all.push_back({tool + "MailAddress", {tool, "user@example.org"}, {"user@example.org", "example.org"}});
    all.push_back({tool + "Url", {tool, "https://example.org/"}, {"is a URL", "example.org"}});
    all.push_back({tool + "Escapes", {tool, "evil\x1b[31m.test"}, {"\\x1b"}});
    all.push_back({tool + "Nothing", {tool}, {"--help"}});
    all.push_back({tool + "ResolverThatIsNone", {tool, "example.org", "--resolver", "ns.example.org"}, {"--resolver ns.example.org", "192.0.2.53"}});
    all.push_back({tool + "NoSuchConfig", {tool, "example.org", "--config", "/nonexistent/medic.conf"}, {"/nonexistent/medic.conf", "No such file"}});
    all.push_back({tool + "NoSuchAuthorities", {tool, "example.org", "--ca-file", "/nonexistent/ca.pem"}, {"--ca-file /nonexistent/ca.pem", "No such file"}});
    if (tool == "domain" || tool == "audit") {
      all.push_back({tool + "NoSuchNewCertificate", {tool, "example.org", "--new-certificate", "/nonexistent/new.pem"}, {"--new-certificate /nonexistent/new.pem", "No such file"}});
      all.push_back({tool + "NewCertificateIsNone", {tool, "example.org", "--new-certificate", "/etc/passwd"}, {"--new-certificate /etc/passwd", "PEM"}});
    }
    all.push_back({tool + "BadTimeout", {tool, "example.org", "--timeout", "soon"}, {"--timeout soon", "0.05 to 600"}});
    all.push_back({tool + "BadFormat", {tool, "example.org", "--format", "yaml"}, {"--format yaml", "json"}});
    all.push_back({tool + "BadLanguage", {tool, "example.org", "--lang", "fr"}, {"--lang fr", "zh"}});
    all.push_back({tool + "BothFamilies", {tool, "example.org", "-4", "-6"}, {"-4 and -6"}});
    all.push_back({tool + "BadAddress", {tool, "example.org", "--bind", "localhost"}, {"--bind localhost", "not an address"}});
    all.push_back({tool + "UnwritableOutput", {tool, "example.org", "--resolver", "127.0.0.1:1", "--timeout", "0.1", "-o", "/nonexistent/report.txt"},
                   {"/nonexistent/report.txt", "No such file"}});
  }
  for (const std::string tool : {"audit", "domain"}) {
    all.push_back({tool + "NoSuchKey", {tool, "example.org", "--key", "/nonexistent/dkim.key"}, {"--key /nonexistent/dkim.key", "No such file"}});
    all.push_back({tool + "KeyThatIsNone", {tool, "example.org", "--key", MAILMEDIC_SOURCE_DIR "/README.md"}, {"README.md", "not a private key"}});
    all.push_back({tool + "NoSuchMessage", {tool, "example.org", "--message", "/nonexistent/signed.eml"}, {"--message /nonexistent/signed.eml", "No such file"}});
    all.push_back({tool + "MessageThatIsNone", {tool, "example.org", "--message", MAILMEDIC_SOURCE_DIR "/README.md"}, {"README.md", "line 1"}});
    all.push_back({tool + "UnsignedMessage", {tool, "example.org", "--message", "/dev/null"}, {"/dev/null", "no DKIM-Signature"}});
  }
  all.push_back({"SpfBadIp", {"spf", "--ip", "mail.example.org", "--from", "a@example.org"}, {"--ip mail.example.org", "192.0.2.25"}});
  all.push_back({"SpfIpWithoutSender", {"spf", "--ip", "192.0.2.25"}, {"--from"}});
  all.push_back({"SpfRecordWithoutDomain", {"spf", "--record", "v=spf1 -all"}, {"--record", "--domain"}});
  all.push_back({"SpfRecordAndFrom", {"spf", "--record", "v=spf1 -all", "--domain", "example.org", "--from", "a@example.org", "--ip", "192.0.2.1"}, {"--from"}});
  all.push_back({"AuditNoSuchInput", {"audit", "--input", "/no/such/file"}, {"/no/such/file", "No such file"}});
  all.push_back({"AuditNoSuchCheck", {"audit", "example.org", "--checks", "spf,tarot"}, {"tarot", "dmarc"}});
  all.push_back({"AuditNoSuchReceiver", {"audit", "example.org", "--profile", "gmail,pigeon"}, {"pigeon", "yahoo"}});
  all.push_back({"AuditBadInFlight", {"audit", "--input", "/dev/null", "--in-flight", "many"}, {"--in-flight many", "10000"}});
  all.push_back({"AuditNothingLeft", {"audit", "example.org", "--dns-only", "--checks", "smtp"}, {"--dns-only"}});
  all.push_back({"AuditReflectorAlone", {"audit", "example.org", "--reflector", "https://example.org/ip"}, {"--self"}});
  all.push_back({"AuditBadReflector", {"audit", "example.org", "--self", "--reflector", "http://example.org/ip"}, {"--reflector http://example.org/ip"}});
  all.push_back({"AuditBadMailFrom", {"audit", "example.org", "--mail-from", "a@example.org"}, {"--mail-from", "mail address"}});
  all.push_back({"NoSuchAcceptances", {"domain", "example.org", "--accept", "/no/such/file"}, {"--accept", "/no/such/file"}});
  all.push_back({"AnchorWithoutValidate", {"domain", "example.org", "--trust-anchor", "/dev/null"}, {"--validate"}});
  all.push_back({"EmptyAnchor", {"domain", "example.org", "--validate", "--trust-anchor", "/dev/null"}, {"--trust-anchor /dev/null", "no DS or DNSKEY"}});
  all.push_back({"BlocklistBadTier", {"blocklist", "192.0.2.25", "--tier", "huge"}, {"--tier huge", "medium"}});
  all.push_back({"BlocklistKeyMissing", {"blocklist", "192.0.2.25", "--list", "zen.dq.spamhaus.net"}, {"zen.dq.spamhaus.net", "--list-keys"}});
  all.push_back({"BlocklistNoSuchFile", {"blocklist", "192.0.2.25", "--lists-file", "/no/such/file"}, {"/no/such/file"}});
  all.push_back({"BlocklistNothing", {"blocklist"}, {"which address or domain"}});
  all.push_back({"BlocklistBadList", {"blocklist", "192.0.2.25", "--list", "192.0.2.1"}, {"--list 192.0.2.1"}});
  all.push_back({"MessageNothing", {"message"}, {"name a FILE"}});
  all.push_back({"MessageNoSuchFile", {"message", "/no/such/file.eml"}, {"/no/such/file.eml", "No such file"}});
  all.push_back({"MessageThatIsNone", {"message", MAILMEDIC_SOURCE_DIR "/README.md"}, {"README.md", "line 1"}});
  all.push_back({"LintNothing", {"lint"}, {"name a FILE"}});
  all.push_back({"LintNoSuchFile", {"lint", "/no/such/file.eml"}, {"/no/such/file.eml", "No such file"}});
  all.push_back({"MessageBadIp", {"message", "/dev/null", "--ip", "mail.example.org"}, {"mail.example.org", "192.0.2.25"}});
  all.push_back({"MessageNoSuchCheck", {"message", "/dev/null", "--checks", "signature,tarot"}, {"--checks tarot", "authentication"}});
  all.push_back({"MessageEmpty", {"message", "/dev/null"}, {"/dev/null", "empty"}});
  all.push_back({"KeygenNothing", {"keygen"}, {"DOMAIN", "--selector"}});
  all.push_back({"KeygenNoSelector", {"keygen", "example.org"}, {"--selector", "s2026"}});
  all.push_back({"KeygenBadSelector", {"keygen", "example.org", "--selector", "../s1"}, {"--selector ../s1", "letters"}});
  all.push_back({"KeygenBadType", {"keygen", "example.org", "--selector", "s1", "--type", "dsa"}, {"--type dsa", "ed25519"}});
  all.push_back({"KeygenNoBits", {"keygen", "example.org", "--selector", "s1", "--bits", "0"}, {"--bits 0", "1024 to 4096"}});
  all.push_back({"KeygenManyBits", {"keygen", "example.org", "--selector", "s1", "--bits", "16384"}, {"--bits 16384", "1024 to 4096"}});
  all.push_back({"KeygenNoSuchFolder", {"keygen", "example.org", "--selector", "s1", "--type", "ed25519", "--output", "/no/such"}, {"/no/such/s1.example.org.key", "No such file"}});
  all.push_back({"SignNoDomain", {"sign", "/dev/null"}, {"--domain", "example.org"}});
  all.push_back({"SignNoKey", {"sign", "--domain", "example.org"}, {"--key", "keygen"}});
  all.push_back({"SignKeyWithoutSelector", {"sign", "--domain", "example.org", "--key", "rsa.key"}, {"--key rsa.key", "SELECTOR:FILE"}});
  all.push_back({"SignNoSuchKey", {"sign", "--domain", "example.org", "--key", "s1:/no/such.key"}, {"/no/such.key", "No such file"}});
  all.push_back({"SignKeyThatIsNone", {"sign", "--domain", "example.org", "--key", "s1:" MAILMEDIC_SOURCE_DIR "/README.md"}, {"README.md", "not a private key"}});
  all.push_back({"SignSelectorTwice", {"sign", "--domain", "example.org", "--key", "s1:a.key", "--key", "S1:b.key"}, {"S1:b.key", "twice"}});
  all.push_back({"SignOtherIdentity", {"sign", "--domain", "example.org", "--key", "s1:a.key", "--identity", "joe@example.com"}, {"joe@example.com", "example.org"}});
  all.push_back({"SignBadExpiry", {"sign", "--domain", "example.org", "--key", "s1:a.key", "--expire-days", "0"}, {"--expire-days 0", "366"}});
  all.push_back({"SignBadCanonicalization", {"sign", "--domain", "example.org", "--key", "s1:a.key", "--canonicalization", "relaxed"}, {"relaxed/relaxed"}});
  all.push_back({"SignCheckWithMessages", {"sign", "--domain", "example.org", "--key", "s1:a.key", "--check", "a.eml"}, {"--check"}});
  all.push_back({"LogNothing", {"log"}, {"name a FILE"}});
  all.push_back({"LogBadSince", {"log", "/dev/null", "--since", "lately"}, {"--since lately", "2026-11-23", "7d"}});
  all.push_back({"LogEmptySpan", {"log", "/dev/null", "--since", "2026-11-23", "--until", "2026-11-22"}, {"--since 2026-11-23", "before"}});
  all.push_back({"LogBadTop", {"log", "/dev/null", "--top", "0"}, {"--top 0", "10000"}});
  all.push_back({"LogFollowPipe", {"log", "-", "--follow"}, {"--follow", "FILE"}});
  all.push_back({"LogFollowNothing", {"log", "/no/such/mail.log", "--follow"}, {"/no/such/mail.log", "No such file"}});
  all.push_back({"LogBundleWithoutRecheck", {"log", "--bundle", "/dev/null"}, {"--recheck"}});
  all.push_back({"ReportsNothing", {"reports"}, {"name a FILE"}});
  all.push_back({"ReportsBadTop", {"reports", "/dev/null", "--top", "many"}, {"--top many", "10000"}});
  all.push_back({"ExplainUnknown", {"explain", "spf.no-such-finding"}, {"spf.no-such-finding"}});
  all.push_back({"UnknownTool", {"divine"}, {"there is no tool", "audit"}});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Tools, Refused, ::testing::ValuesIn(refusals()),
                         [](const auto& row) { return row.param.name; });

TEST(Tools, SendShowsTheExactBytesWithoutSending) {
  const Ran run = run_tool({"send", "--dry-run", "--from", "a@example.org", "--to", "b@example.org", "--subject", "Grüße", "--text", "Hello"});
  EXPECT_EQ(run.status, 0) << run.told();
  EXPECT_THAT(run.out, HasSubstr("Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"));
  EXPECT_THAT(run.out, HasSubstr("\r\n\r\nHello\r\n"));
  EXPECT_THAT(run.err, HasSubstr("not sent"));
}

TEST(Tools, HelpIsNoError) {
  for (const std::string tool : {"audit", "domain", "spf", "blocklist", "connect", "tls", "message", "lint", "send", "sign", "keygen", "log", "bounce", "reports", "listen", "explain", "demo"}) {
    const Ran run = run_tool({tool, "--help"});
    EXPECT_EQ(run.status, 0) << run.told();
    EXPECT_THAT(run.out, ::testing::StartsWith("Usage: mailmedic " + tool));
    EXPECT_EQ(run.err, "");
  }
}

TEST(Tools, ResolverThatDoesNotAnswerIsInconclusive) {
  const Ran run = run_tool({"domain", "example.org", "--resolver", "127.0.0.1:1", "--timeout", "0.2", "--json"}, std::chrono::seconds(20));
  EXPECT_EQ(run.status, 3) << run.told();
  EXPECT_EQ(run.json()["status"], "inconclusive");
  EXPECT_TRUE(run.json()["findings"].as_array().empty()) << run.told();
  EXPECT_THAT(run.out, HasSubstr("dns.no-resolver"));
  EXPECT_THAT(run.out, HasSubstr("127.0.0.1:1"));
}

/// A wrong line is a report of its own, in its place; the others are done all the same. Ports where nobody answers are
/// enough for that.
TEST(Tools, AWrongLineOfTheInputIsToldInItsPlace) {
  const Folder folder;
  const std::string list = folder.file("domains.txt");
  std::ofstream(list) << "# a fleet\nexample.org\n\nnot a domain..\nexample.net ip=192.0.2.25 selector=s1,s2\nexample.com colour=red\n";
  const Ran run = run_tool({"audit", "--input", list, "--dns-only", "--checks", "spf,dkim", "--format", "ndjson", "--resolver", "127.0.0.1:1", "--timeout", "0.2"}, std::chrono::seconds(60));
  EXPECT_EQ(run.status, 3) << run.told();
  std::istringstream lines(run.out);
  std::vector<std::string> targets, unknowns;
  for (std::string line; std::getline(lines, line);) {
    const auto report = boost::json::parse(line).as_object();
    targets.emplace_back(report.at("target").as_string());
    unknowns.emplace_back(report.at("unknowns").as_array().at(0).at("id").as_string());
  }
  EXPECT_EQ(targets, (std::vector<std::string>{"example.org", "not", "example.net", "example.com"}));
  EXPECT_EQ(unknowns[1], "check.bad-target");
  EXPECT_EQ(unknowns[3], "check.bad-target");
  EXPECT_EQ(unknowns[0], "dns.no-resolver");
  EXPECT_THAT(run.out, HasSubstr("domains.txt line 4"));
  EXPECT_THAT(run.out, HasSubstr("colour"));
}

/// Every target is in the table, and a spreadsheet calculates nothing.
TEST(Tools, CsvHasAHeadAndEveryTarget) {
  const Ran run = run_tool({"audit", "example.org", "example.net", "--dns-only", "--checks", "spf", "--format", "csv", "--resolver", "127.0.0.1:1", "--timeout", "0.2"}, std::chrono::seconds(60));
  EXPECT_THAT(run.out, ::testing::StartsWith("target,status,severity,id,subject,summary,fix,publish,caused_by\r\n"));
  EXPECT_THAT(run.out, HasSubstr("\r\nexample.org,inconclusive,unknown,"));
  EXPECT_THAT(run.out, HasSubstr("\r\nexample.net,inconclusive,unknown,"));
}

/// Installed into a folder of its own, everything is found beside the program.
TEST(Tools, RunFromWhereTheyWereInstalled) {
  const Folder folder;
  const Ran install = run_program({"cmake", "--install", MAILMEDIC_BINARY_DIR, "--prefix", folder.file("usr")});
  ASSERT_EQ(install.status, 0) << install.told();
  const std::string program = folder.file("usr/bin/mailmedic");
  const Ran version = run_program({program, "--version"});
  EXPECT_EQ(version.status, 0) << version.told();
  EXPECT_THAT(version.out, ContainsRegex("^mailmedic [0-9]+\\.[0-9]+"));
  const Ran explain = run_program({program, "explain", "spf.lookup-limit"});
  EXPECT_EQ(explain.status, 0) << explain.told();
  EXPECT_THAT(explain.out, HasSubstr("RFC 7208"));
  for (const std::string file : {"man/man1/mailmedic.1", "man/man1/mailmedic-spf.1", "man/man1/mailmedic-audit.1", "mailmedic/report.tpl",
                                 "bash-completion/completions/mailmedic", "zsh/site-functions/_mailmedic"})
    EXPECT_GT(content_of(folder.file("usr/share/" + file)).size(), 200u) << file;
}

}  // namespace
}  // namespace mailmedic::test
