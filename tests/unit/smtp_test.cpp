#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/net/connect_to.hpp"
#include "lib/smtp/capabilities.hpp"
#include "lib/smtp/proxy_header.hpp"
#include "lib/smtp/reply.hpp"
#include "lib/smtp/transcript.hpp"

using namespace mailmedic;
using namespace mailmedic::smtp;
using testing::ElementsAre;
using testing::IsEmpty;
using State = ReplyParser::State;

namespace {
Reply parse(std::string_view bytes) {
  ReplyParser parser;
  EXPECT_EQ(parser.feed(bytes), bytes.size());
  EXPECT_EQ(parser.state(), State::complete);
  return parser.take();
}
State state_after(std::string_view bytes, ReplyLimits limits = {}) {
  ReplyParser parser(limits);
  parser.feed(bytes);
  return parser.state();
}
}  // namespace

TEST(ReplyParser, TakesOneAndManyLines) {
  EXPECT_EQ(parse("220 mx.example.org ESMTP\r\n"), (Reply{220, {"mx.example.org ESMTP"}}));
  EXPECT_EQ(parse("250-mx.example.org\r\n250-SIZE 1000\r\n250 HELP\r\n"), (Reply{250, {"mx.example.org", "SIZE 1000", "HELP"}}));
  EXPECT_EQ(parse("250\r\n"), (Reply{250, {""}}));
  EXPECT_EQ(parse("250-\r\n250 \r\n"), (Reply{250, {"", ""}}));
}

TEST(ReplyParser, TakesBytesAsTheyCome) {
  ReplyParser parser;
  for (const char byte : std::string_view("250-a\r\n250 b\r\n")) {
    EXPECT_EQ(parser.state(), State::incomplete);
    EXPECT_EQ(parser.feed(std::string_view(&byte, 1)), 1u);
  }
  EXPECT_EQ(parser.take().lines, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parser.feed("220 next\r\n250 other"), 10u);  // what belongs to the next reply stays
  EXPECT_EQ(parser.take().code, 220);
}

TEST(ReplyParser, RecordsBareLineFeedsAndStrangeBytes) {
  const Reply reply = parse(std::string_view("220 a\0b\x1b[31m<script>\n", 21));
  EXPECT_TRUE(reply.bare_lf);
  EXPECT_EQ(reply.lines[0], std::string_view("a\0b\x1b[31m<script>", 16));
  EXPECT_FALSE(parse("220 a\r\n").bare_lf);
}

// RFC 5321 section 4.2.1
TEST(ReplyParser, RecordsCodesThatDiffer) {
  const Reply reply = parse("250-a\r\n251-b\r\n250 c\r\n");
  EXPECT_EQ(reply.code, 250);
  EXPECT_THAT(reply.other_codes, ElementsAre(251));
  EXPECT_THAT(parse("220-a\r\n250 b\r\n").other_codes, ElementsAre(220));
  EXPECT_THAT(parse("250-a\r\n250 b\r\n").other_codes, IsEmpty());
}

TEST(ReplyParser, RefusesWhatIsNoReply) {
  for (const char* text : {"hello\r\n", "25\r\n", "\r\n", "2500 x\r\n", "250_x\r\n", "199 x\r\n", "650 x\r\n", "+OK\r\n", "250-a\r\nb\r\n"})
    EXPECT_EQ(state_after(text), State::malformed) << text;
}

TEST(ReplyParser, KeepsItsLimits) {
  EXPECT_EQ(state_after("220 " + std::string(10'000'000, 'x')), State::too_long);
  EXPECT_EQ(state_after(std::string(5000, '\x80')), State::too_long);
  EXPECT_EQ(state_after("220 123\r\n", {.line = 8}), State::complete);
  EXPECT_EQ(state_after("220 12345\r\n", {.line = 8}), State::too_long);
  std::string many;
  for (int i = 0; i < 300; ++i) many += "250-x\r\n";
  EXPECT_EQ(state_after(many), State::too_long);
  EXPECT_EQ(state_after("250-123456\r\n250-123456\r\n250 x\r\n", {.bytes = 20}), State::too_long);
}

TEST(ReplyParser, KnowsWhatCanNeverBecomeAReply) {
  ReplyParser parser;
  EXPECT_FALSE(parser.pending_is_foreign());
  parser.feed("22");
  EXPECT_FALSE(parser.pending_is_foreign());
  parser.feed("x");
  EXPECT_TRUE(parser.pending_is_foreign());
  EXPECT_EQ(parser.pending(), "22x");
}

// RFC 3463 section 2, RFC 2034 section 4
TEST(EnhancedCode, IsReadAtTheStartOnly) {
  EXPECT_EQ(enhanced_code("5.7.1 no"), (EnhancedCode{5, 7, 1}));
  EXPECT_EQ(enhanced_code("4.7.650"), (EnhancedCode{4, 7, 650}));
  for (const char* text : {"no 5.7.1", "5.7", "5.7.", "6.1.1 x", "5.7.1.2", "5.7.1234", "50.1.1", "3.0.0", ""})
    EXPECT_FALSE(enhanced_code(text)) << text;
  EXPECT_EQ(parse("550-5.1.1 a\r\n550 b\r\n").enhanced->text(), "5.1.1");
}

TEST(Capabilities, ReadsKeywords) {
  const auto c = capabilities_of(parse("250-mx.example.org greets you\r\n250-size 35882577\r\n250-STARTTLS\r\n250-AUTH PLAIN login\r\n"
                                       "250-AUTH=LOGIN XOAUTH2\r\n250-LIMITS RCPTMAX=100 MAILMAX=5\r\n250-8BITMIME\r\n250-\r\n250 SMTPUTF8\r\n"));
  EXPECT_EQ(c.domain, "mx.example.org");
  EXPECT_EQ(c.size, 35882577u);
  EXPECT_TRUE(c.starttls());
  EXPECT_TRUE(c.eight_bit_mime());
  EXPECT_TRUE(c.smtputf8());
  EXPECT_FALSE(c.pipelining());
  EXPECT_THAT(c.auth, ElementsAre("PLAIN", "LOGIN", "XOAUTH2"));
  EXPECT_EQ(c.limits.at("RCPTMAX"), "100");
  EXPECT_EQ(c.lines.size(), 9u);
}

TEST(Capabilities, BearsNonsense) {
  const auto c = capabilities_of(parse("250-\r\n250-SIZE -1\r\n250-SIZE 99999999999999999999999\r\n250 LIMITS =\r\n"));
  EXPECT_EQ(c.domain, "");
  EXPECT_FALSE(c.size);
  EXPECT_FALSE(capabilities_of({}).starttls());
}

TEST(Transcript, HoldsNoSecret) {
  Transcript transcript;
  transcript.sent(Line::secret("AUTH PLAIN AGEAYg==", "AUTH PLAIN ********"), true);
  transcript.received("235 fine", true);
  transcript.note("a note");
  ASSERT_EQ(transcript.entries().size(), 3u);
  EXPECT_EQ(transcript.entries()[0].text, "AUTH PLAIN ********");
  EXPECT_EQ(transcript.entries()[0].mark(), "~>");
  EXPECT_EQ(transcript.entries()[1].mark(), "<~");
  EXPECT_EQ(transcript.entries()[2].mark(), "~~");
}

TEST(Transcript, IsBounded) {
  Transcript transcript;
  for (int i = 0; i < 2000; ++i) transcript.received(std::string(10000, 'x'), false);
  EXPECT_EQ(transcript.entries().size(), 1000u);
  EXPECT_EQ(transcript.entries()[0].text.size(), 4096u);
}

TEST(ConnectTo, ReadsCurlsForm) {
  const auto rule = *net::ConnectTo::parse("mx.example.org:25:127.0.0.1:2525");
  EXPECT_EQ(rule.host, "mx.example.org");
  EXPECT_EQ(rule.port, 25);
  EXPECT_EQ(rule.address, net::parse_address("127.0.0.1"));
  EXPECT_EQ(rule.new_port, 2525);
  EXPECT_EQ(net::ConnectTo::parse("::[::1]:26")->address, net::parse_address("::1"));
  EXPECT_TRUE(net::ConnectTo::parse("[2001:db8::1]:25::2525"));
  for (const char* text : {"", "a", "a:b:c:d", "a:25:host.example:25", "a:25:127.0.0.1:0", "a:25:127.0.0.1:99999", "a:25::"})
    EXPECT_FALSE(net::ConnectTo::parse(text)) << text;
}

TEST(ConnectTo, TheFirstRuleThatFitsApplies) {
  const std::vector<net::ConnectTo> rules = {*net::ConnectTo::parse("MX1.example.org:25:127.0.0.1:2525"),
                                             *net::ConnectTo::parse("192.0.2.2:::26"), *net::ConnectTo::parse(":465:127.0.0.9:")};
  const auto to = [&](std::string_view host, const char* endpoint) {
    return net::redirected(rules, host, *net::parse_endpoint(endpoint, 25)).text();
  };
  EXPECT_EQ(to("mx1.example.org", "192.0.2.1:25"), "127.0.0.1:2525");
  EXPECT_EQ(to("mx1.example.org", "192.0.2.1:587"), "192.0.2.1:587");
  EXPECT_EQ(to("mx2.example.org", "192.0.2.2:25"), "192.0.2.2:26");
  EXPECT_EQ(to("mx3.example.org", "192.0.2.3:465"), "127.0.0.9:465");
}

// "The PROXY protocol, versions 1 & 2", sections 2.1 and 2.2
TEST(ProxyHeader, BothVersions) {
  const net::Endpoint from = *net::parse_endpoint("192.0.2.7:1234", 0), to = *net::parse_endpoint("198.51.100.25:25", 0);
  EXPECT_EQ(proxy_bytes(1, from, to), "PROXY TCP4 192.0.2.7 198.51.100.25 1234 25\r\n");
  EXPECT_EQ(proxy_bytes(2, from, to), std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x19\x04\xd2\0\x19", 28));
  const net::Endpoint six = *net::parse_endpoint("[2001:db8::1]:25", 0);
  EXPECT_EQ(proxy_bytes(1, from, six), "PROXY UNKNOWN\r\n");
  EXPECT_EQ(proxy_bytes(2, six, six).size(), 16u + 36u);
}
