#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <set>

#include "checks/blocklist/check.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using blocklist::Reading;
using blocklist::State;
using testing::HasSubstr;

namespace {

net::Address ip(std::string_view text) { return net::parse_address(text).value(); }
dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

const std::string data_file = MAILMEDIC_SOURCE_DIR "/checks/blocklist/blocklists.toml";

constexpr std::string_view zone_text = R"(
2.0.0.127.good.list.   A   127.0.0.2
25.2.0.192.good.list.  A   127.0.0.3
25.2.0.192.good.list.  TXT "sent spam"
TEST.good.list.        A   127.0.0.2
bad.example.good.list. A   127.0.0.2
*.all.list.            A   127.0.0.2
*.refusing.list.       A   127.255.255.254
*.rewritten.list.      A   192.0.2.1
some.other.list.       TXT "nothing here"
2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.good.list. A 127.0.0.2
5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.good.list. A 127.0.0.2
)";

class Blocklist : public testing::Test {
 protected:
  /// What is said when everything is asked at once; asked by turns, as one of many, it must be the same.
  CheckReport check(const std::vector<blocklist::Subject>& subjects, const blocklist::Choice& choice) {
    const auto lists = blocklist::choose(choice).value();
    CheckReport report = test::run(blocklist::check_subjects(subjects, *lists, zone, false));
    const CheckReport by_turns = test::run(blocklist::check_subjects(subjects, *lists, zone, true));
    EXPECT_EQ(states(by_turns), states(report));
    EXPECT_EQ(by_turns.outcome, report.outcome);
    for (const Finding& finding : report.findings) test::expect_words_are_filled(finding);
    for (const Finding& unknown : report.unknowns) test::expect_words_are_filled(unknown);
    return report;
  }
  CheckReport check(const std::vector<blocklist::Subject>& subjects, const std::vector<std::string>& zones) {
    return check(subjects, blocklist::Choice{.zones = zones, .file = data_file});
  }
  static std::vector<std::string> states(const CheckReport& report) {
    std::vector<std::string> out;
    for (const auto& row : report.facts.at("lists").as_array()) out.emplace_back(row.at("state").as_string());
    return out;
  }
  static std::set<std::string> ids(const std::vector<Finding>& findings) {
    std::set<std::string> out;
    for (const Finding& finding : findings) out.emplace(finding.id);
    return out;
  }
  std::string state(const std::string& list, blocklist::Subject subject) {
    const CheckReport report = check({std::move(subject)}, {list});
    return std::string(report.facts.at("lists").as_array().at(0).at("state").as_string());
  }
  dns::Zone zone = dns::Zone::parse(zone_text).value();
};

}  // namespace

TEST_F(Blocklist, ListedWithTheListsOwnWords) {
  const CheckReport report = check({ip("192.0.2.25")}, {"good.list"});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].id, "blocklist.listed");
  EXPECT_THAT(report.findings[0].evidence.at(0).text, HasSubstr("sent spam"));
  EXPECT_EQ(report.outcome, Outcome::ran);
}

TEST_F(Blocklist, CleanIsSaidOnlyByAHealthyList) {
  EXPECT_EQ(state("good.list", ip("192.0.2.26")), "clean");
  EXPECT_EQ(state("other.list", ip("192.0.2.26")), "dead");
  EXPECT_EQ(state("all.list", ip("192.0.2.26")), "dead");
  EXPECT_EQ(ids(check({ip("192.0.2.26")}, {"all.list"}).findings), std::set<std::string>{"blocklist.dead"});
  EXPECT_TRUE(check({ip("192.0.2.26")}, {"good.list"}).findings.empty());
}

TEST_F(Blocklist, AllowancesAndUsesAreNoAbuse) {
  zone = dns::Zone::parse(R"(
2.0.0.127.zen.spamhaus.org.  A 127.0.0.2
25.2.0.192.zen.spamhaus.org. A 127.0.0.11
26.2.0.192.zen.spamhaus.org. A 127.0.0.11
26.2.0.192.zen.spamhaus.org. A 127.0.0.3
2.0.0.127.list.dnswl.org.    A 127.0.10.0
25.2.0.192.list.dnswl.org.   A 127.0.5.2
)").value();
  EXPECT_EQ(ids(check({ip("192.0.2.25")}, {"zen.spamhaus.org"}).findings), std::set<std::string>{"blocklist.policy"});
  EXPECT_EQ(ids(check({ip("192.0.2.26")}, {"zen.spamhaus.org"}).findings), std::set<std::string>{"blocklist.listed"});
  EXPECT_EQ(ids(check({ip("192.0.2.25")}, {"list.dnswl.org"}).findings), std::set<std::string>{"blocklist.allowed"});
}

TEST_F(Blocklist, EachResultKeepsItsEvidence) {
  const CheckReport report = check({ip("192.0.2.25")}, {"good.list"});
  const auto& row = report.facts.at("lists").as_array().at(0).as_object();
  EXPECT_EQ(row.at("question").as_string(), "25.2.0.192.good.list");
  EXPECT_EQ(row.at("reason").as_string(), "sent spam");
  EXPECT_EQ(row.at("ttl").as_int64(), 300);
  EXPECT_EQ(row.at("codes").as_array().at(0).as_string(), "127.0.0.3");
}

TEST_F(Blocklist, RefusalAndRewritingAreNeverAListing) {
  EXPECT_EQ(state("refusing.list", ip("192.0.2.25")), "refused");
  EXPECT_EQ(state("rewritten.list", ip("192.0.2.25")), "rewritten");
  for (const auto& [list, id] : {std::pair("refusing.list", "blocklist.refused"), {"rewritten.list", "blocklist.rewritten"}}) {
    const CheckReport report = check({ip("192.0.2.25")}, {list});
    EXPECT_TRUE(report.findings.empty()) << list;
    EXPECT_EQ(report.outcome, Outcome::inconclusive);
    EXPECT_EQ(ids(report.unknowns), std::set<std::string>{id});
  }
}

TEST_F(Blocklist, AsksDomainsAndIpv6) {
  EXPECT_EQ(state("good.list", name("bad.example")), "listed");
  EXPECT_EQ(state("good.list", name("fine.example")), "clean");
  EXPECT_EQ(state("good.list", ip("2001:db8::25")), "listed");
  EXPECT_EQ(state("good.list", ip("2001:db8::26")), "clean");
}

class BlocklistFailure : public Blocklist, public testing::WithParamInterface<dns::Status> {};
INSTANTIATE_TEST_SUITE_P(Dns, BlocklistFailure, testing::Values(dns::Status::serv_fail, dns::Status::timed_out, dns::Status::refused, dns::Status::bogus),
                         test::failure_name);

TEST_P(BlocklistFailure, IsNeitherListedNorClean) {
  for (const auto* question : {"25.2.0.192.good.list", "2.0.0.127.good.list", "1.0.0.127.good.list"}) {
    zone = dns::Zone::parse(zone_text).value();
    zone.fail(name(question), GetParam());
    const CheckReport report = check({ip("192.0.2.25")}, {"good.list"});
    EXPECT_TRUE(report.findings.empty()) << question;
    EXPECT_EQ(report.outcome, Outcome::inconclusive) << question;
  }
}

TEST_F(Blocklist, NoListAtAllIsNotApplicable) {
  zone = dns::Zone::parse("a.test. A 192.0.2.1\n").value();
  EXPECT_EQ(check({name("a.test")}, std::vector<std::string>{}).outcome, Outcome::not_applicable);
}

TEST_F(Blocklist, AListOfAddressesIsNotAskedAboutDomains) {
  zone = dns::Zone::parse("2.0.0.127.ip.list. A 127.0.0.2\n25.2.0.192.ip.list. A 127.0.0.2\n").value();
  const CheckReport report = check({ip("192.0.2.25"), name("example.org")}, {"ip.list"});
  ASSERT_EQ(report.facts.at("lists").as_array().size(), 1u);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].id, "blocklist.listed");
}

TEST_F(Blocklist, AClosedListIsNotAsked) {
  const CheckReport report = check({ip("192.0.2.25")}, {"dnsbl.sorbs.net"});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].id, "blocklist.closed");
  EXPECT_EQ(zone.questions(), 0u);
}

namespace {
const blocklist::List& listed(const std::vector<blocklist::List>& all, std::string_view zone) {
  return *std::find_if(all.begin(), all.end(), [&](const auto& list) { return list.zone.text() == zone; });
}
}  // namespace

TEST(BlocklistCodes, AreReadAsThePublishersSay) {
  const auto lists = blocklist::read_lists(data_file).value();
  const auto& zen = listed(lists, "zen.spamhaus.org");
  EXPECT_EQ(blocklist::read_answer(zen, {ip("127.0.0.2")}).kind, Reading::Kind::listed);
  EXPECT_FALSE(blocklist::read_answer(zen, {ip("127.0.0.4"), ip("127.0.0.10")}).policy_only);
  EXPECT_TRUE(blocklist::read_answer(zen, {ip("127.0.0.11")}).policy_only);
  EXPECT_EQ(blocklist::read_answer(zen, {ip("127.255.255.254")}).kind, Reading::Kind::refused);
  EXPECT_EQ(blocklist::read_answer(zen, {ip("127.0.0.1")}).kind, Reading::Kind::refused);
  const auto& surbl = listed(lists, "multi.surbl.org");
  EXPECT_EQ(blocklist::read_answer(surbl, {ip("127.0.0.1")}).kind, Reading::Kind::refused);
  EXPECT_EQ(blocklist::read_answer(surbl, {ip("127.0.0.72")}).meanings.size(), 2u);  // 8 and 64
  const auto& mailspike = listed(lists, "rep.mailspike.net");
  EXPECT_EQ(blocklist::read_answer(mailspike, {ip("127.0.0.14")}).kind, Reading::Kind::not_listed);
  EXPECT_EQ(blocklist::read_answer(mailspike, {ip("127.0.0.11")}).kind, Reading::Kind::listed);
  const auto& hostkarma = listed(lists, "hostkarma.junkemailfilter.com");
  EXPECT_EQ(blocklist::read_answer(hostkarma, {ip("127.0.0.1")}).kind, Reading::Kind::not_listed);
  const auto& dnswl = listed(lists, "list.dnswl.org");
  EXPECT_TRUE(dnswl.allows);
  EXPECT_EQ(blocklist::read_answer(dnswl, {ip("127.0.10.3")}).kind, Reading::Kind::listed);
  EXPECT_EQ(blocklist::read_answer(dnswl, {ip("127.0.0.255")}).kind, Reading::Kind::refused);
}

namespace {

/// Lists of a file of the test's own.
class BlocklistChoice : public Blocklist {
 protected:
  BlocklistChoice() {
    std::ofstream(path) << R"(
["heavy.list"]
name = "Heavy"
asks = ["ip4"]
tier = "high"
codes = { "*" = "listed" }
["light.list"]
name = "Light"
asks = ["ip4"]
tier = "low"
codes = { "*" = "listed" }
["paid.list"]
name = "Paid"
zone = "{key}.paid.list"
key = "paid"
replaces = ["heavy.list"]
asks = ["ip4"]
tier = "high"
codes = { "*" = "listed" }
)";
  }
  std::vector<std::string> asked(const blocklist::Choice& choice) {
    std::vector<std::string> out;
    const auto lists = blocklist::choose(choice).value();
    for (const blocklist::List& list : lists->asked) out.push_back(list.zone.text());
    return out;
  }
  const std::string path = testing::TempDir() + "choice.toml";
};

}  // namespace

TEST_F(BlocklistChoice, TiersAndKeysSelect) {
  using testing::ElementsAre;
  EXPECT_THAT(asked({.file = path}), ElementsAre("heavy.list", "light.list"));
  EXPECT_THAT(asked({.file = path, .lowest = blocklist::Tier::medium}), ElementsAre("heavy.list"));
  EXPECT_THAT(asked({.file = path, .keys = {{"paid", "k1"}}}), ElementsAre("light.list", "k1.paid.list"));
  EXPECT_THAT(asked({.zones = {"light.list"}, .file = path, .lowest = blocklist::Tier::high}), ElementsAre("light.list"));
  EXPECT_THAT(blocklist::choose({.zones = {"paid.list"}, .file = path}).error().why, HasSubstr("--list-keys"));
  EXPECT_THAT(blocklist::choose({.zones = {"a..b"}, .file = path}).error().why, HasSubstr("a..b is not the zone of a list"));
  EXPECT_THAT(blocklist::choose({.file = path, .keys = {{"paid", "not a.."}}}).error().why, HasSubstr("key \"paid\""));
}

TEST_F(BlocklistChoice, AKeyIsShownNowhere) {
  zone = dns::Zone::parse("2.0.0.127.s3cret.paid.list. A 127.0.0.2\n25.2.0.192.s3cret.paid.list. A 127.0.0.2\n").value();
  const CheckReport report = check({ip("192.0.2.25")}, {.zones = {"paid.list"}, .file = path, .keys = {{"paid", "s3cret"}}});
  ASSERT_EQ(ids(report.findings), std::set<std::string>{"blocklist.listed"});
  EXPECT_THAT(boost::json::serialize(report.facts), testing::Not(HasSubstr("s3cret")));
  for (const Evidence& seen : report.findings[0].evidence) EXPECT_THAT(seen.source + seen.text, testing::Not(HasSubstr("s3cret")));
  for (const auto& [key, value] : report.findings[0].args) EXPECT_THAT(value, testing::Not(HasSubstr("s3cret")));
  EXPECT_EQ(report.findings[0].evidence.at(0).source, "A 25.2.0.192.paid.list");
}

TEST_F(BlocklistChoice, SilenceOfALightListIsANoteAndOfAHeavyOneUnknown) {
  zone = dns::Zone::parse("2.0.0.127.heavy.list. A 127.0.0.2\n2.0.0.127.light.list. A 127.0.0.2\n").value();
  EXPECT_TRUE(check({ip("192.0.2.25")}, {.file = path}).findings.empty());
  zone.fail(name("25.2.0.192.light.list"), dns::Status::timed_out);
  const CheckReport light = check({ip("192.0.2.25")}, {.file = path});
  EXPECT_EQ(ids(light.findings), std::set<std::string>{"blocklist.minor-no-verdict"});
  EXPECT_EQ(light.outcome, Outcome::ran);
  zone.fail(name("25.2.0.192.heavy.list"), dns::Status::timed_out);
  const CheckReport heavy = check({ip("192.0.2.25")}, {.file = path});
  EXPECT_EQ(ids(heavy.unknowns), std::set<std::string>{"blocklist.no-answer"});
}

TEST_F(BlocklistChoice, WeightGivesTheSeverityOfAListing) {
  zone = dns::Zone::parse("2.0.0.127.heavy.list. A 127.0.0.2\n25.2.0.192.heavy.list. A 127.0.0.2\n2.0.0.127.light.list. A 127.0.0.2\n25.2.0.192.light.list. A 127.0.0.2\n").value();
  const CheckReport report = check({ip("192.0.2.25")}, {.file = path});
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].severity, Severity::error);
  EXPECT_EQ(report.findings[1].severity, Severity::info);
}

TEST_F(Blocklist, TheNamesOfTheSendingHostAreAskedToo) {
  zone = dns::Zone::parse(R"(
TEST.dom.list.         A   127.0.0.2
isp.example.dom.list.  A   127.0.0.2
25.2.0.192.in-addr.arpa. PTR mx7.isp.example.
)").value();
  Target target{.domain = name("news.clean.example"), .sending_addresses = {ip("192.0.2.25")}, .helo = "out.helo.example"};
  target.lists = blocklist::choose({.zones = {"dom.list"}, .file = data_file}).value();
  test::DnsProbes probes(zone);
  const CheckReport report = test::run(blocklist::check(target, probes));
  std::map<std::string, std::string> states;
  for (const auto& row : report.facts.at("lists").as_array()) states[std::string(row.at("subject").as_string())] = row.at("state").as_string();
  const std::map<std::string, std::string> expected{{"news.clean.example", "clean"}, {"clean.example", "clean"},   {"mx7.isp.example", "clean"},
                                                    {"isp.example", "listed"},       {"out.helo.example", "clean"}, {"helo.example", "clean"}};
  EXPECT_EQ(states, expected);
}

TEST_F(Blocklist, AListThatProvesToBeAboutAddressesIsNotDeadForNames) {
  zone = dns::Zone::parse("2.0.0.127.ip.list. A 127.0.0.2\n25.2.0.192.in-addr.arpa. PTR mx7.isp.example.\n").value();
  Target target{.domain = name("clean.example"), .sending_addresses = {ip("192.0.2.25")}};
  target.lists = blocklist::choose({.zones = {"ip.list"}, .file = data_file}).value();
  test::DnsProbes probes(zone);
  const CheckReport report = test::run(blocklist::check(target, probes));
  EXPECT_EQ(states(report), std::vector<std::string>{"clean"});
  EXPECT_FALSE(ids(report.findings).contains("blocklist.dead"));
}

namespace {
/// A zone that is served by a well-known public resolver.
class Elsewhere : public dns::Resolver {
 public:
  Elsewhere(dns::Resolver& upstream, std::string server) : upstream_(upstream), server_(std::move(server)) {}
  asio::awaitable<dns::Answer> query(dns::Name name, dns::Type type) override {
    dns::Answer answer = co_await upstream_.query(std::move(name), type);
    answer.server = server_;
    co_return answer;
  }

 private:
  dns::Resolver& upstream_;
  std::string server_;
};
}  // namespace

TEST_F(Blocklist, SaysThatAPublicResolverWasAsked) {
  const auto lists = blocklist::choose({.zones = {"good.list"}, .file = data_file}).value();
  for (const auto& [server, expected] : {std::pair("8.8.8.8:53", true), {"[2606:4700:4700::1111]:53", true}, {"192.0.2.53:53", false}}) {
    Elsewhere resolver(zone, server);
    const CheckReport report = test::run(blocklist::check_subjects({ip("192.0.2.26")}, *lists, resolver, false));
    EXPECT_EQ(ids(report.findings).contains("blocklist.public-resolver"), expected) << server;
  }
}

TEST_F(Blocklist, NothingIsAskedOfNoLists) {
  const Target target{.domain = name("example.org")};
  test::DnsProbes probes(zone);
  EXPECT_EQ(test::run(blocklist::check(target, probes)).outcome, Outcome::not_applicable);
  EXPECT_EQ(zone.questions(), 0u);
}

TEST_F(Blocklist, OneOfManyAsksADeadListNothingAboutItself) {
  zone = dns::Zone::parse("a.test. A 192.0.2.1\n").value();
  const auto lists = blocklist::choose({.file = data_file}).value();
  test::run(blocklist::check_subjects({name("a.test")}, *lists, zone, true));
  constexpr std::size_t about_the_resolver = 3;
  const std::size_t test_entries_only = zone.questions() - about_the_resolver;
  test::run(blocklist::check_subjects({name("a.test")}, *lists, zone, false));
  EXPECT_EQ(zone.questions() - test_entries_only - 2 * about_the_resolver, 2 * test_entries_only);
}

TEST(BlocklistData, KnowsTheLivingAndTheDead) {
  const auto lists = blocklist::read_lists(data_file).value();
  std::map<std::string, int> living;
  int closed = 0;
  for (const blocklist::List& list : lists) {
    if (!list.closed.empty()) {
      ++closed;
      continue;
    }
    living["all"]++;
    if (list.asks_ip4) living["ip4"]++;
    if (list.asks_ip6) living["ip6"]++;
    if (list.asks_domain) living["domain"]++;
    EXPECT_FALSE(list.url.empty()) << list.shown;
    EXPECT_FALSE(list.name.empty()) << list.shown;
    EXPECT_TRUE(list.asks_ip4 || list.asks_ip6 || list.asks_domain) << list.shown;
    EXPECT_FALSE(list.codes.empty() && list.bits.empty()) << list.shown;
    EXPECT_EQ(list.key_name.empty(), list.zone_with_key.find("{key}") == std::string::npos) << list.shown;
  }
  EXPECT_GE(living["all"], 60);
  EXPECT_GE(living["ip4"], 40);
  EXPECT_GE(living["ip6"], 12);
  EXPECT_GE(living["domain"], 20);
  EXPECT_GE(closed, 12);
}

TEST(BlocklistData, ABrokenFileNamesLineAndCause) {
  const std::string path = testing::TempDir() + "lists.toml";
  std::ofstream(path) << "[\"a.list\"]\nasks = [\n";
  EXPECT_THAT(blocklist::read_lists(path).error().why, HasSubstr("lists.toml:"));
  std::ofstream(path) << "[\"a.list\"]\nasks = [\"ip5\"]\n";
  EXPECT_THAT(blocklist::read_lists(path).error().why, HasSubstr("a.list: asks \"ip5\""));
}

TEST(BlocklistCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("blocklist"); }
