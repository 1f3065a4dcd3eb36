// What DNS says of the author's domain and of the hosts of links: zone text in, findings out; and hostile messages.
#include "letters.hpp"

#include "checks/blocklist/lists.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using namespace mailmedic::lint_test;

namespace {

struct Asked {
  std::vector<std::string> findings, unknowns;
};

Asked ask(const std::string& message, dns::Zone zone, bool with_list = false) {
  lint::Circumstances about{.now = now};
  if (with_list) {
    auto lists = std::make_shared<blocklist::Lists>();
    blocklist::List one = blocklist::unknown_list(dns::Name::parse("uri.list").value());
    one.kinds_unknown = false;
    one.asks_ip4 = one.asks_ip6 = false;
    one.asks_domain = true;
    one.tier = blocklist::Tier::high;
    lists->asked = {one};
    about.lists = lists;
  }
  const CheckReport report = test::run(lint::check(message, about, zone));
  Asked out;
  for (const Finding& finding : report.findings) {
    test::expect_words_are_filled(finding);
    out.findings.emplace_back(finding.id);
  }
  for (const Finding& finding : report.unknowns) out.unknowns.emplace_back(finding.id);
  return out;
}

Asked ask(const std::string& message, const std::string& zone, bool with_list = false) { return ask(message, dns::Zone::parse(zone).value(), with_list); }

const std::string world = "example.org. MX 10 mx.example.org.\n";

}  // namespace

TEST(LintAsk, WantsADomainThatTakesMail) {
  EXPECT_THAT(ask(good, world).findings, IsEmpty());
  EXPECT_THAT(ask(good, "example.org. A 192.0.2.1\n").findings, IsEmpty());
  EXPECT_THAT(ask(good, "example.net. A 192.0.2.1\n").findings, UnorderedElementsAre("lint.from-unresolvable"));
  EXPECT_THAT(ask(good, "example.org. MX 0 .\n").findings, UnorderedElementsAre("lint.from-unresolvable"));
  EXPECT_THAT(ask(good, "example.org. TXT \"x\"\n").findings, UnorderedElementsAre("lint.from-unresolvable"));
}

TEST(LintAsk, DoesNotCallSilenceMissing) {
  dns::Zone zone = dns::Zone::parse(world).value();
  zone.fail(dns::Name::parse("example.org").value(), dns::Status::timed_out);
  const Asked asked = ask(good, zone);
  EXPECT_THAT(asked.findings, IsEmpty());
  EXPECT_THAT(asked.unknowns, UnorderedElementsAre("dns.no-answer"));
}

TEST(LintAsk, FindsListedLinks) {
  const std::string list = world + "test.uri.list. A 127.0.0.2\n";
  const std::string message = good + "See https://www.bad.example/a\r\n";
  EXPECT_THAT(ask(message, list + "bad.example.uri.list. A 127.0.0.2\n", true).findings, UnorderedElementsAre("lint.link-listed"));
  EXPECT_THAT(ask(message, list, true).findings, IsEmpty());
  EXPECT_THAT(ask(message, list, true).unknowns, IsEmpty());
  EXPECT_THAT(ask(message, world, true).unknowns, UnorderedElementsAre("lint.link-lists-silent"));
}

TEST(LintHostile, NothingTakesItDown) {
  std::string nested = good_header + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n", fields, parts = good_header + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 1000; ++i) nested += "--b" + std::to_string(i) + "\r\nContent-Type: multipart/mixed; boundary=b" + std::to_string(i + 1) + "\r\n\r\n";
  for (int i = 0; i < 1'000'000; ++i) fields += "A:\r\n";
  for (int i = 0; i < 20'000; ++i) parts += "--b\r\nContent-Type: text/html\r\n\r\n<div>\r\n";
  EXPECT_THAT(ids(nested), Contains("lint.many-parts"));
  EXPECT_THAT(ids(fields + good), Contains("lint.header-large"));
  EXPECT_THAT(ids(parts), Contains("lint.many-parts"));
  EXPECT_THAT(ids(std::string(100'000, '\0')), Contains("lint.nul"));
  EXPECT_THAT(ids(std::string(100'000, '(')), Contains("lint.no-header"));
  EXPECT_THAT(ids("From: " + std::string(500'000, '<') + "\r\n\r\n"), Contains("lint.from-syntax"));
  EXPECT_THAT(ids("Subject: " + std::string(100'000, '=') + "?\r\n" + good), Contains("lint.repeated-field"));
  std::string words = "Subject:";
  for (int i = 0; i < 10'000; ++i) words += "\r\n =?UTF-8?B?" + std::to_string(i);
  EXPECT_THAT(ids(words + "\r\n" + good), Contains("lint.encoded-word-broken"));
}
