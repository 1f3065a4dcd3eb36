#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <fstream>

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
  CheckReport check(const std::vector<blocklist::Subject>& subjects, const std::vector<std::string>& zones) {
    test::DnsProbes probes(zone);
    static_cast<Probes&>(probes).data_directory = MAILMEDIC_SOURCE_DIR "/checks/blocklist";
    CheckReport report = test::run(blocklist::check_subjects(subjects, zones, probes));
    for (const Finding& finding : report.findings) test::expect_words_are_filled(finding);
    for (const Finding& unknown : report.unknowns) test::expect_words_are_filled(unknown);
    return report;
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
}

TEST_F(Blocklist, RefusalAndRewritingAreNeverAListing) {
  EXPECT_EQ(state("refusing.list", ip("192.0.2.25")), "refused");
  EXPECT_EQ(state("rewritten.list", ip("192.0.2.25")), "rewritten");
  for (const auto* list : {"refusing.list", "rewritten.list"}) {
    const CheckReport report = check({ip("192.0.2.25")}, {list});
    EXPECT_TRUE(report.findings.empty()) << list;
    EXPECT_EQ(report.outcome, Outcome::inconclusive);
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
  EXPECT_EQ(check({name("a.test")}, {}).outcome, Outcome::not_applicable);
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
  const auto lists = blocklist::read_lists(MAILMEDIC_SOURCE_DIR "/checks/blocklist/blocklists.toml").value();
  EXPECT_GE(lists.size(), 37u);
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

TEST(BlocklistData, ABrokenFileNamesLineAndCause) {
  const std::string path = testing::TempDir() + "lists.toml";
  std::ofstream(path) << "[\"a.list\"]\nasks = [\n";
  EXPECT_THAT(blocklist::read_lists(path).error().why, HasSubstr("lists.toml:"));
  std::ofstream(path) << "[\"a.list\"]\nasks = [\"ip5\"]\n";
  EXPECT_THAT(blocklist::read_lists(path).error().why, HasSubstr("a.list: asks \"ip5\""));
}

TEST(BlocklistCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("blocklist"); }
