// Messages composed from their parts, to the byte where the standards say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/composition/draft.hpp"
#include "lib/composition/encoding.hpp"
#include "lib/message/addresses.hpp"
#include "lib/message/raw_message.hpp"

using namespace mailmedic;
using namespace mailmedic::composition;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace {
Draft draft() {
  Draft out{.date = std::chrono::system_clock::time_point(std::chrono::seconds(1790000000))};
  out.from = {"Zoë Müller", "zoe@example.org"};
  out.to = {{"", "you@example.net"}, {"Doe, John", "john@example.com"}};
  out.subject = "Grüße aus München und ein sehr langer Betreff, der gefaltet werden muss, weil er nicht in eine Zeile passt";
  out.text = "Hello\n";
  out.message_id = "id@example.org";
  return out;
}
std::string composed(const Draft& one) {
  const auto out = compose(one);
  EXPECT_TRUE(out) << (out ? "" : out.error().why);
  return out ? *out : "";
}
std::size_t longest_line(const std::string& message) { return message::line_ends_of(message).longest; }
}  // namespace

TEST(Encoding, WordsAreShortAndCutNoCharacter) {
  EXPECT_EQ(encoded_words("plain text"), "plain text");
  EXPECT_EQ(encoded_words("ü"), "=?UTF-8?B?w7w=?=");
  EXPECT_THAT(encoded_words("looks =?like?= one"), StartsWith("=?UTF-8?B?"));
  std::string many;
  for (int i = 0; i < 60; ++i) many += "好";
  std::string rest = encoded_words(many) + ' ';
  for (std::size_t end; (end = rest.find(' ')) != rest.npos; rest.erase(0, end + 1)) {
    EXPECT_LE(end, 75u);
    EXPECT_EQ((end - 12) % 4, 0u);  // whole characters of three bytes: no padding inside
  }
}

TEST(Encoding, PhrasesAndParameters) {
  EXPECT_EQ(phrase("John Doe"), "John Doe");
  EXPECT_EQ(phrase("Doe, \"J\""), "\"Doe, \\\"J\\\"\"");
  EXPECT_EQ(parameter("name", "report.pdf"), "; name=report.pdf");
  EXPECT_EQ(parameter("name", "my report.pdf"), "; name=\"my report.pdf\"");
  EXPECT_EQ(parameter("filename", "发票.pdf"), "; filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf");
  const std::string long_name = parameter("filename", "一二三四五六七八九十一二三四五六七八九十.pdf");
  EXPECT_THAT(long_name, StartsWith("; filename*0*=UTF-8''%E4%B8%80"));
  EXPECT_THAT(long_name, HasSubstr("; filename*1*=%"));
}

TEST(Encoding, QuotedPrintable) {
  EXPECT_EQ(quoted_printable("a=b ü\n"), "a=3Db =C3=BC\r\n");
  EXPECT_EQ(quoted_printable("ends in a space \nnext"), "ends in a space=20\r\nnext");
  EXPECT_EQ(quoted_printable(".dot\nFrom me"), "=2Edot\r\n=46rom me");
  const std::string long_line = quoted_printable(std::string(300, 'x'));
  EXPECT_LE(message::line_ends_of(long_line + "\r\n").longest, 76u);
  EXPECT_EQ(with_crlf("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd");
}

TEST(Draft, IsAMessageThatReadersTakeApart) {
  const std::string message = composed(draft());
  const auto raw = message::parse_raw(message);
  ASSERT_TRUE(raw);
  EXPECT_LE(longest_line(message), 78u);
  EXPECT_THAT(message, HasSubstr("Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n"));
  EXPECT_THAT(message, HasSubstr("\r\nTo: you@example.net, \"Doe, John\" <john@example.com>\r\n"));
  for (const message::RawField& field : raw->fields) {
    if (field.name == "From") EXPECT_THAT(message::addresses_of(field.value), ElementsAre("zoe@example.org"));
    for (const char c : field.whole) EXPECT_LT(static_cast<unsigned char>(c), 128) << field.name;
  }
  EXPECT_EQ(raw->body, "Hello\r\n");
  EXPECT_FALSE(needs_smtputf8(draft()));
}

TEST(Draft, TreeOfParts) {
  Draft one = draft();
  one.html = "<p>Grüße <img src=\"cid:logo\">";
  one.files = {{.name = "发票.pdf", .type = {}, .content = "%PDF-1.4 ...", .content_id = {}}, {.name = "logo.png", .type = {}, .content = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0"s, .content_id = "logo"}};
  const std::string message = composed(one);
  const auto at = [&](std::string_view part) { return message.find(part); };
  EXPECT_LT(at("multipart/mixed"), at("multipart/alternative"));
  EXPECT_LT(at("multipart/alternative"), at("text/plain"));
  EXPECT_LT(at("text/plain"), at("multipart/related"));
  EXPECT_LT(at("multipart/related"), at("text/html"));
  EXPECT_LT(at("text/html"), at("Content-Type: image/png"));
  EXPECT_LT(at("Content-Type: image/png"), at("Content-Type: application/pdf"));
  EXPECT_THAT(message, HasSubstr("Content-ID: <logo>"));
  EXPECT_THAT(message, HasSubstr("filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf"));
  EXPECT_LE(longest_line(message), 100u);
  // Each boundary is closed once.
  for (const std::string_view kind : {"mixed", "alternative", "related"}) {
    const std::string end = "--=_" + std::string(kind) + "_";
    EXPECT_NE(message.find(end), message.npos);
  }
}

TEST(Draft, UnsubscribingTakesOneClick) {
  Draft one = draft();
  one.unsubscribe_url = "https://example.org/u/1";
  one.unsubscribe_mail = "leave@example.org";
  EXPECT_THAT(composed(one), HasSubstr("List-Unsubscribe: <https://example.org/u/1>, <mailto:leave@example.org>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

TEST(Draft, AddressesBeyondAsciiNeedSmtputf8) {
  Draft one = draft();
  one.to = {{"", "用户@例子.测试"}};
  EXPECT_TRUE(needs_smtputf8(one));
  EXPECT_THAT(composed(one), HasSubstr("To: 用户@例子.测试\r\n"));
}

TEST(Draft, NothingBecomesAFieldThatWasNone) {
  for (const auto& spoil : std::vector<std::function<void(Draft&)>>{[](Draft& d) { d.subject = "x\r\nBcc: a@b"; }, [](Draft& d) { d.fields = {{"X-A", "y\nZ: 1"}}; }, [](Draft& d) { d.fields = {{"X A", "y"}}; },
                                                                    [](Draft& d) { d.unsubscribe_url = "https://x\r\n"; }, [](Draft& d) { d.text.clear(); },
                                                                    [](Draft& d) { d.files = {{.name = "a\nb", .type = {}, .content = "x", .content_id = {}}}; }}) {
    Draft one = draft();
    spoil(one);
    EXPECT_FALSE(compose(one));
  }
}

TEST(Mailbox, FormsAndWhatIsNone) {
  EXPECT_EQ(parse_mailbox("a@b")->address, "a@b");
  EXPECT_EQ(parse_mailbox(" Zoë <zoe@example.org> ")->name, "Zoë");
  EXPECT_EQ(parse_mailbox("\"Doe, \\\"J\\\"\" <j@example.org>")->name, "Doe, \"J\"");
  for (const char* bad : {"", "me", "@b", "a@", "a b@c", "<>", "a@b>\r\nRCPT", "x <a@b> y"}) EXPECT_FALSE(parse_mailbox(bad)) << bad;
}

TEST(MediaType, ByContentThenByName) {
  EXPECT_EQ(media_type("%PDF-1.4\n", "x.bin"), "application/pdf");
  EXPECT_EQ(media_type("a,b\n1,2\n", "t.csv"), "text/csv");
  EXPECT_EQ(media_type("", "empty"), "application/octet-stream");
  EXPECT_EQ(media_type("plain words\n", "notes"), "text/plain");
}
