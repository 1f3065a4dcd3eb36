// What the readers stand on: charsets, MIME parts, the words of replies.
#include <gmock/gmock.h>

#include "lib/message/charset.hpp"
#include "lib/message/html_text.hpp"
#include "lib/message/mime.hpp"
#include "lib/message/reply_words.hpp"
#include "lib/text/shown.hpp"

using namespace mailmedic;
using testing::HasSubstr;

TEST(Charset, ReadsWhatAsiaWrites) {
  EXPECT_EQ(message::to_utf8("\xd3\xca\xbc\xfe", "gb2312"), "邮件");
  EXPECT_EQ(message::to_utf8("\x82\x31\xa2\x36", "GB18030").empty(), false);  // four bytes: in no smaller set
  EXPECT_EQ(message::to_utf8("\xb6\x6c\xa5\xf3", "big5"), "郵件");
  EXPECT_EQ(message::to_utf8("\x1b$B%a!<%k\x1b(B", "iso-2022-jp"), "メール");
  EXPECT_EQ(message::to_utf8("\xa5\xe1\xa1\xbc\xa5\xeb", "euc-jp"), "メール");
  EXPECT_EQ(message::to_utf8("\x83\x81\x81\x5b\x83\x8b", "Shift_JIS"), "メール");
  EXPECT_EQ(message::to_utf8("\xd0\xd2\xd3", "koi8-r"), "прс");
}

TEST(Charset, GuessesWhereTheLabelIsWrong) {
  EXPECT_EQ(message::to_utf8("\xd3\xca\xbc\xfe\xcd\xcb\xd0\xc5", ""), "邮件退信");
  EXPECT_EQ(message::to_utf8("\xa5\xe1\xa1\xbc\xa5\xeb", "iso-2022-jp"), "メール");
  EXPECT_EQ(message::to_utf8("\x1b$B%a!<%k\x1b(B", ""), "メール");
  EXPECT_EQ(message::to_utf8("r\xe9sum\xe9", "us-ascii"), "résumé");
  EXPECT_EQ(message::to_utf8("邮件", "iso-8859-1"), "邮件");
  EXPECT_EQ(message::to_utf8("abc", "no-such-charset"), "abc");
  EXPECT_EQ(message::to_utf8("caf\xe9", "../../etc/passwd"), "café");
  for (const char* charset : {"gb18030", "big5", "iso-2022-jp", "utf-8", "utf-7", "x", ""}) {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    EXPECT_TRUE(text::is_utf8(message::to_utf8(all, charset))) << charset;
  }
}

/// A file of any bytes is read as text too: what no charset knows must not take more memory than there is of it.
TEST(Charset, BytesThatFitNowhereTakeLittleMemory) {
  std::string bytes(64 * 1024, '\0');
  std::uint32_t state = 1;
  for (char& c : bytes) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  bytes += "\x1b$B";  // it may be ISO-2022-JP
  for (const char* charset : {"", "iso-2022-jp", "utf-8", "gb18030", "big5", "us-ascii"}) {
    const std::string text = message::to_utf8(bytes, charset);
    EXPECT_TRUE(text::is_utf8(text)) << charset;
    EXPECT_LT(text.capacity(), bytes.size() * 10) << charset;
  }
}

// RFC 2047 section 6.2, RFC 2231 section 5
TEST(Charset, DecodesEncodedWords) {
  EXPECT_EQ(message::decoded_words("=?utf-8?Q?Undelivered_=E2=82=AC?= mail"), "Undelivered € mail");
  EXPECT_EQ(message::decoded_words("=?utf-8?B?4oI=?=\r\n =?utf-8?B?rA==?="), "€");  // a character cut in two
  EXPECT_EQ(message::decoded_words("=?iso-8859-1*en?q?a?= =?gb2312?B?08q8/g==?= x"), "a邮件 x");
  EXPECT_EQ(message::decoded_words("=?broken? =?utf-8?X?a?= =?="), "=?broken? =?utf-8?X?a?= =?=");
}

TEST(Charset, DecodesWhatRelaysDamaged) {
  EXPECT_EQ(message::from_quoted_printable("a=3Db=\r\nc= \nd=zz=4"), "a=bcd=zz=4");
  EXPECT_EQ(message::from_quoted_printable("caf=C3=A9"), "café");
  EXPECT_EQ(message::from_mime_base64("aGVs\r\nbG8=!! d29ybGQ"), "helloworld");
}

TEST(Html, IsWhatPeopleRead) {
  EXPECT_EQ(message::html_text("<p>a&lt;b &amp; c&#x4e2d;&#0;</p><style>x{}</style><!-- no --><b>d</b>"), "\na<b & c中&#0;\nd");
  EXPECT_EQ(message::html_text("to <ann@example.com>: <br>x"), "to <ann@example.com>: \nx");
  EXPECT_EQ(message::html_text("<script>never"), "");
  EXPECT_EQ(message::html_text("1 < 2 <"), "1 < 2 <");
}

TEST(MimeParts, AreFoundWithoutCopies) {
  const std::string text =
      "Content-Type: multipart/mixed; boundary=\"a b\"\n\npreamble\n--a b\nContent-Type: multipart/alternative; "
      "boundary=in\n\n--in\n\nplain\n--in\nContent-Type: text/HTML; charset=\"utf-8\"\n\n<p>\n--in--\n"
      "--a b\r\nContent-Type: MESSAGE/rfc822\r\nContent-Disposition: Attachment\r\n\r\nSubject: x\r\n--a b--\nepilogue\n";
  const message::Header header(text);
  const auto parts = message::parts_of(header);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].type, "text/plain");
  EXPECT_EQ(parts[0].body, "plain");
  EXPECT_TRUE(parts[0].alternative);
  EXPECT_EQ(parts[1].type, "text/html");
  EXPECT_EQ(parts[1].charset, "utf-8");
  EXPECT_EQ(parts[2].type, "message/rfc822");
  EXPECT_TRUE(parts[2].attached);
  EXPECT_EQ(parts[2].body, "Subject: x");
}

TEST(MimeParts, OfBrokenMessages) {
  const auto types = [](const std::string& text) {
    std::string out;
    for (const auto& part : message::parts_of(message::Header(text))) out += part.type + " " + std::string(part.body) + "|";
    return out;
  };
  EXPECT_EQ(types("Content-Type: multipart/report; boundary=gone\n\nall of it"), "text/plain all of it|");
  EXPECT_EQ(types("Content-Type: multipart/report\n\nx"), "text/plain x|");
  EXPECT_EQ(types("Content-Type: multipart/report; boundary=b\n\n--b\n\nnever closed"), "text/plain never closed|");
  EXPECT_EQ(types("Content-Type: multipart/mixed; boundary=b\n\n--bb\n--b \n\nx\n--b--"), "text/plain x|");
  EXPECT_EQ(types("Content-Type: text/plain\n   charset=\"iso-2022-jp\"\n\nx"), "text/plain x|");
  EXPECT_EQ(types(""), "text/plain |");
  std::string deep, many = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 1000; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" + std::to_string(i) + "\n";
  EXPECT_EQ(message::parts_of(message::Header(deep)).size(), 1u);
  for (int i = 0; i < 1000; ++i) many += "--b\n\nx\n";
  EXPECT_EQ(message::parts_of(message::Header(many)).size(), message::max_parts);
}

TEST(ReplyWords, FindCodesWhereCodesStand) {
  const auto codes = [](std::string_view words) {
    const auto found = message::codes_of(words);
    return std::string(found.reply) + " " + std::string(found.status);
  };
  EXPECT_EQ(codes("550 5.1.1 No such user"), "550 5.1.1");
  EXPECT_EQ(codes("550-5.1.1 No"), "550 5.1.1");
  EXPECT_EQ(codes("host mx.example.com[192.0.2.1] said: 451 4.7.1 Try later"), "451 4.7.1");
  EXPECT_EQ(codes("501 not accepted: 5.7.1 This system is not configured to relay"), "501 5.7.1");
  EXPECT_EQ(codes("Sorry, no mailbox here by that name. (#5.1.1)"), " 5.1.1");
  EXPECT_EQ(codes("554 554 5.7.1 blocked"), "554 5.7.1");
  EXPECT_EQ(codes("Remote Server returned '550 5.4.1 Access denied'"), "550 5.4.1");
  EXPECT_EQ(codes("It responded as follows: [552 5.3.4 too big]"), "552 5.3.4");
  EXPECT_EQ(codes("原因：550 5.1.1 使用者不存在"), "550 5.1.1");
  EXPECT_EQ(codes("服务器返回(#5.2.2)"), " 5.2.2");
  // Numbers that are none
  EXPECT_EQ(codes("delayed for more than 450 seconds, see port 587 and 5.7.1.2 or v5.2.1"), " ");
  EXPECT_EQ(codes("SIZE=552 and 192.0.2.1 and user5.1.1@example.org"), " ");
  EXPECT_EQ(codes("error 255"), " ");
}

TEST(ReplyWords, FindTheCommand) {
  EXPECT_EQ(message::command_of("(in reply to end of DATA command)"), "DATA");
  EXPECT_EQ(message::command_of("SMTP error from remote mail server after pipelined MAIL FROM:<a@example.org>"), "MAIL");
  EXPECT_EQ(message::command_of("SMTP error from remote mail server after initial connection"), "CONN");
  EXPECT_EQ(message::command_of("host refused to talk to me: 421 busy"), "CONN");
  EXPECT_EQ(message::command_of("while performing the EHLO handshake"), "EHLO");
  EXPECT_EQ(message::command_of("TLS is required, but was not offered"), "STARTTLS");
  EXPECT_EQ(message::command_of("No such user"), "");
}

TEST(ReplyWords, FindTheServerAndNotTheClient) {
  const auto server = [](std::string_view words) {
    const auto found = message::server_of(words);
    return found.name + " " + found.address;
  };
  EXPECT_EQ(server("host mx.example.com[192.0.2.1] said: 554 5.7.1 Client host [198.51.100.7] blocked"),
            "mx.example.com 192.0.2.1");
  EXPECT_EQ(server("mx.example.com [IPv6:2001:db8::25]: 550 no"), "mx.example.com 2001:db8::25");
  EXPECT_EQ(server("while talking to mx.example.com.: >>> DATA"), "mx.example.com ");
  EXPECT_EQ(server("554 Client host [198.51.100.7] blocked"), " ");
  EXPECT_EQ(server("at 23:34:45 nothing"), " ");
}

TEST(ReplyWords, JoinALongReply) {
  EXPECT_EQ(message::reply_in_one("550-5.7.1 one\n550-5.7.1 two\r\n  550 5.7.1 three"), "550 5.7.1 one two three");
  EXPECT_EQ(message::reply_in_one("550-no\n550 code 5.1.1"), "550 no code 5.1.1");
  EXPECT_EQ(message::reply_in_one("550 550 5.1.1 x"), "550 5.1.1 x");
  EXPECT_EQ(message::reply_in_one(std::string(500, 'x'), 100).size(), 100u);
  EXPECT_TRUE(text::is_utf8(message::reply_in_one("中中中中中中中中中中", 10)));
}

TEST(ReplyWords, FindAddresses) {
  EXPECT_EQ(message::address_in("to <ann@example.com>, please"), "ann@example.com");
  EXPECT_EQ(message::address_in("收件人：ann@example.com（不存在）"), "ann@example.com");
  EXPECT_EQ(message::address_in("\"odd name\"@example.com"), "\"odd name\"@example.com");
  EXPECT_EQ(message::address_in("jörg@例子.cn."), "jörg@例子.cn");
  EXPECT_EQ(message::address_in("@example.com a@ b@.com"), "");
  EXPECT_TRUE(message::is_address("ann@[192.0.2.1]"));
  EXPECT_FALSE(message::is_address("a b@example.com"));
  EXPECT_FALSE(message::is_address("ann"));
}
