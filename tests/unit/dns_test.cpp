#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/dns/name.hpp"
#include "lib/dns/wire.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using dns::Name;
using dns::Status;
using dns::Type;
using testing::ElementsAre;

namespace {
Name name(std::string_view text) { return Name::parse(text).value(); }
}  // namespace

TEST(Name, IsLowerCaseWithoutTrailingDot) {
  EXPECT_EQ(name("Mail.Example.ORG.").text(), "mail.example.org");
  EXPECT_EQ(name(".").text(), ".");
  EXPECT_EQ(name("example.org"), name("EXAMPLE.org."));
}

TEST(Name, TurnsULabelsIntoALabels) {
  EXPECT_EQ(name("bücher.example").text(), "xn--bcher-kva.example");
  EXPECT_EQ(name("例子.example").text(), "xn--fsqu00a.example");
  EXPECT_EQ(name("xn--bcher-kva.example").display(), "bücher.example");
}

TEST(Name, RefusesWhatNoQuestionCanCarry) {
  EXPECT_FALSE(Name::parse(""));
  EXPECT_FALSE(Name::parse("a..b"));
  EXPECT_FALSE(Name::parse(".a"));
  EXPECT_FALSE(Name::parse(std::string(64, 'a') + ".org"));
  EXPECT_TRUE(Name::parse(std::string(63, 'a') + ".org"));
  std::string longest;
  while (longest.size() < 300) longest += "abcdefghi.";
  EXPECT_FALSE(Name::parse(longest));
}

TEST(Name, CarriesAnyByte) {
  const Name odd = Name::from_bytes("a b\\c.example").value();
  EXPECT_EQ(odd.text(), "a\\032b\\\\c.example");
  EXPECT_EQ(Name::parse(odd.text()).value(), odd);
  EXPECT_EQ(Name::from_wire(odd.wire()).value(), odd);
  EXPECT_THAT(odd.labels(), ElementsAre("a\\032b\\\\c", "example"));
}

TEST(Name, KnowsItsAncestors) {
  EXPECT_EQ(name("a.b.c").parent(), name("b.c"));
  EXPECT_EQ(name("c").parent(), Name());
  EXPECT_EQ(name("a.b.c").last_labels(2), name("b.c"));
  EXPECT_TRUE(name("a.b.c").is_within(name("b.c")));
  EXPECT_FALSE(name("ab.c").is_within(name("b.c")));
  EXPECT_EQ(name("b.c").prefixed("_dmarc").value(), name("_dmarc.b.c"));
  EXPECT_TRUE(name("mx-1.example.org").is_host_name());
  EXPECT_FALSE(name("_dmarc.example.org").is_host_name());
}

namespace {
constexpr std::string_view zone_text = R"(
example.org.       MX   10 mx1.example.org.
example.org.       TXT  "v=spf1 mx" " -all"
mx1.example.org.   A    192.0.2.1
mx1.example.org.   AAAA 2001:db8::1
www.example.org.   CNAME web.example.org.
web.example.org.   A    192.0.2.2
loop.example.org.  CNAME loop.example.org.
*.wild.example.org. TXT "any"
a.b.deep.example.org. A 192.0.2.3
null.example.org.  MX 0 .
)";
}  // namespace

TEST(Zone, AnswersAsAnOperatorExpects) {
  const auto zone = dns::Zone::parse(zone_text).value();
  const auto mx = zone.answer(name("example.org"), Type::mx);
  ASSERT_EQ(mx.status, Status::answered);
  EXPECT_EQ(mx.records[0].text(), "10 mx1.example.org.");
  const auto txt = zone.answer(name("example.org"), Type::txt).all<dns::Txt>();
  EXPECT_EQ(txt.at(0).text, "v=spf1 mx -all");
  EXPECT_THAT(txt.at(0).strings(), ElementsAre("v=spf1 mx", " -all"));
  EXPECT_EQ(zone.answer(name("mx1.example.org"), Type::aaaa).records[0].text(), "2001:db8::1");
  EXPECT_EQ(zone.answer(name("mx1.example.org"), Type::txt).status, Status::no_data);
  EXPECT_EQ(zone.answer(name("nothere.example.org"), Type::a).status, Status::nx_domain);
  EXPECT_EQ(zone.answer(name("deep.example.org"), Type::a).status, Status::no_data);  // empty non-terminal
  EXPECT_EQ(zone.answer(name("x.wild.example.org"), Type::txt).status, Status::answered);
  EXPECT_TRUE(zone.answer(name("null.example.org"), Type::mx).all<dns::Mx>().at(0).host.is_root());
}

TEST(Zone, FollowsAliasesAndStopsInLoops) {
  const auto zone = dns::Zone::parse(zone_text).value();
  const auto www = zone.answer(name("www.example.org"), Type::a);
  EXPECT_EQ(www.records[0].text(), "192.0.2.2");
  EXPECT_THAT(www.aliases, ElementsAre(name("web.example.org")));
  EXPECT_EQ(zone.answer(name("loop.example.org"), Type::a).status, Status::serv_fail);
}

TEST(Zone, FailsWhereItIsTold) {
  auto zone = dns::Zone::parse(zone_text).value();
  zone.fail(name("example.org"), Type::txt, Status::serv_fail);
  EXPECT_EQ(zone.answer(name("example.org"), Type::txt).status, Status::serv_fail);
  EXPECT_EQ(zone.answer(name("example.org"), Type::mx).status, Status::answered);
}

TEST(Zone, NamesTheLineOfAnError) {
  const auto bad = dns::Zone::parse("a.org. A 192.0.2.1\nb.org. A not-an-address\n");
  ASSERT_TRUE(bad.has_error());
  EXPECT_EQ(bad.error().offset, 2u);
}

TEST(Wire, AnswersOfTheServerSideDecode) {
  const auto zone = dns::Zone::parse(zone_text).value();
  const dns::Question question{name("www.example.org"), Type::a};
  const std::string reply = dns::respond(dns::encode_query(question, 4711), zone, true);
  const auto decoded = dns::decode_answer(reply, question, 4711);
  ASSERT_TRUE(decoded.ours);
  EXPECT_EQ(decoded.answer.status, Status::answered);
  EXPECT_EQ(decoded.answer.records[0].text(), "192.0.2.2");
  EXPECT_THAT(decoded.answer.aliases, ElementsAre(name("web.example.org")));
  EXPECT_FALSE(dns::decode_answer(reply, question, 4712).ours);
  EXPECT_FALSE(dns::decode_answer(reply, {name("www.example.org"), Type::aaaa}, 4711).ours);
}

// RFC 1035 section 4.1, RFC 6891 section 6.1.2: to the byte, as no part of ours reads all of it back.
TEST(Wire, WritesAQuestion) {
  using namespace std::string_literals;
  const std::string opt = "\0\0\x29\x04\xd0\0\0\0\0\0\0"s, opt_with_proof = "\0\0\x29\x04\xd0\0\0\x80\0\0\0"s;
  EXPECT_EQ(dns::encode_query({name("a.org"), Type::mx}, 0x1267), "\x12\x67\x01\x20\0\1\0\0\0\0\0\1\1a\3org\0\0\x0f\0\1"s + opt);
  EXPECT_EQ(dns::encode_query({name("a.org"), Type::caa}, 0xfffe, true), "\xff\xfe\x01\x30\0\1\0\0\0\0\0\1\1a\3org\0\1\1\0\1"s + opt_with_proof);
  EXPECT_EQ(dns::encode_query({dns::Name(), Type::ns}, 1), "\0\1\x01\x20\0\1\0\0\0\0\0\1\0\0\2\0\1"s + opt);
}

TEST(Wire, TruncatesWhatDoesNotFit) {
  dns::Zone zone;
  for (int i = 0; i < 40; ++i)
    zone.add({name("big.org"), Type::txt, 60, dns::Txt{std::string(200, 'a' + i % 26), {200}}});
  const dns::Question question{name("big.org"), Type::txt};
  const auto udp = dns::decode_answer(dns::respond(dns::encode_query(question, 1), zone, true), question, 1);
  EXPECT_TRUE(udp.ours);
  EXPECT_TRUE(udp.truncated);
  const auto tcp = dns::decode_answer(dns::respond(dns::encode_query(question, 1), zone, false), question, 1);
  EXPECT_FALSE(tcp.truncated);
  EXPECT_EQ(tcp.answer.records.size(), 40u);
}

// RFC 2308 section 2.2: a server that does not recurse says where to ask. That is no word about the record.
TEST(Wire, AReferralIsNoAbsence) {
  const dns::Question question{name("a.org"), Type::txt};
  const std::string query = dns::encode_query(question, 9);
  const auto reply = [&](char flags, std::string authority) {
    std::string out = query.substr(0, 12 + question.name.wire().size() + 4);
    out[2] = flags;
    out[9] = authority.empty() ? 0 : 1;
    out[11] = 0;  // no OPT
    return out + authority;
  };
  const std::string ns{'\xc0', 12, 0, 2, 0, 1, 0, 0, 0, 60, 0, 5, 2, 'n', 's', '\xc0', 12};
  const std::string soa = std::string{'\xc0', 12, 0, 6, 0, 1, 0, 0, 0, 60, 0, 24, '\xc0', 12, '\xc0', 12} + std::string(20, '\1');
  const char authoritative = '\x85', not_authoritative = '\x81';
  const auto status = [&](char flags, const std::string& authority) { return dns::decode_answer(reply(flags, authority), question, 9).answer.status; };
  EXPECT_EQ(status(not_authoritative, ns), Status::serv_fail);
  EXPECT_EQ(status(authoritative, ns), Status::no_data);
  EXPECT_EQ(status(not_authoritative, soa), Status::no_data);
  EXPECT_EQ(status(not_authoritative, ""), Status::no_data);
}

TEST(Wire, ALoopOfPointersIsMalformed) {
  const dns::Question question{name("a.org"), Type::mx};
  std::string reply = dns::encode_query(question, 9);
  reply[2] = static_cast<char>(0x81);
  reply[7] = 1;  // one answer
  reply[11] = 0;  // no OPT
  reply.resize(12 + question.name.wire().size() + 4);
  const auto at = static_cast<char>(reply.size());
  reply += std::string{'\xc0', at, 0, 15, 0, 1, 0, 0, 0, 60, 0, 4, 0, 10, '\xc0', at};
  const auto decoded = dns::decode_answer(reply, question, 9);
  EXPECT_TRUE(decoded.ours);
  EXPECT_EQ(decoded.answer.status, Status::malformed);
}
