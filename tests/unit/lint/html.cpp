// HTML and links: what triggers each finding, and what does not.
#include "letters.hpp"

#include "checks/lint/links.hpp"
#include "checks/lint/scripts.hpp"

using namespace mailmedic;
using namespace mailmedic::lint_test;

namespace {

/// A letter with both forms, which say the same.
std::string letter(const std::string& body) {
  return good_header + "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nWe lost the game.\r\n"
         "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html><body>\r\n" + body + "\r\n</body></html>\r\n--b--\r\n";
}
std::vector<std::string> page(const std::string& body) {
  auto out = ids(letter(body));
  std::erase(out, "lint.eight-bit");
  std::erase(out, "lint.line-over-78");
  return out;
}
std::vector<std::string> linked(const std::string& url, const std::string& text = "here") { return page("<p>We lost the game. Read it</p><a href=\"" + url + "\">" + text + "</a>"); }
std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST(LintHtml, HasNothingAgainstPlainHtml) { EXPECT_THAT(page("<p style=\"color:#333;font-size:14px\">We lost <b>the</b> game.<br><a href=\"https://example.org/a\">more</a></p>"), IsEmpty()); }

TEST(LintHtml, FindsActiveContent) {
  for (const char* active : {"<script>x()</script>", "<form action=\"/x\"></form>", "<iframe src=\"x\"></iframe>", "<object data=\"x\"></object>", "<meta http-equiv=\"refresh\" content=\"0\">"}) EXPECT_THAT(page(std::string("<p>Game</p>") + active), UnorderedElementsAre("lint.html-active")) << active;
  EXPECT_THAT(page("<p>Game</p><script type=\"application/ld+json\">{}</script>"), IsEmpty());
  EXPECT_THAT(page("<link rel=\"stylesheet\" href=\"https://example.org/a.css\"><p>Game</p>"), UnorderedElementsAre("lint.html-style-sheet"));
  EXPECT_THAT(page("<style>p { color: red }</style><p>Game</p>"), IsEmpty());
}

TEST(LintHtml, FindsWhatIsNotClosed) {
  EXPECT_THAT(page("<div><p>Game<table><tr><td>x"), UnorderedElementsAre("lint.html-unbalanced"));
  EXPECT_THAT(page("<ul><li>one<li>two</ul><p>Game<p>again<hr>"), IsEmpty());
}

TEST(LintHtml, WeighsPicturesAndWords) {
  EXPECT_THAT(page("<a href=\"https://example.org/\"><img src=\"https://example.org/a.png\" alt=\"\"></a>"), UnorderedElementsAre("lint.image-only"));
  EXPECT_THAT(page("<p>We lost the game yesterday, and we will tell you everything about it at dinner tonight.</p><img src=\"cid:a\" alt=\"us\">"), IsEmpty());
  EXPECT_THAT(page("<p>We lost the game yesterday, and we will tell you everything about it at dinner tonight.</p><img src=\"cid:a\">"), UnorderedElementsAre("lint.image-without-alt"));
  EXPECT_THAT(page("<p>Game</p><img src=\"https://example.org/open\" width=\"1\" height=\"1\">"), IsEmpty());  // a counter
}

TEST(LintHtml, FindsHiddenText) {
  const std::string words = repeated("hidden words ", 40), line = "What the message is about, in one line";
  for (const char* style : {"display:none", "font-size:0px", "visibility: hidden", "opacity:0", "color:#ffffff;background-color:#fff", "COLOR: white; background: rgb(255, 255, 255)"})
    EXPECT_THAT(page("<p>Game</p><div style=\"" + std::string(style) + "\">" + words + "</div>"), UnorderedElementsAre("lint.hidden-text")) << style;
  EXPECT_THAT(page("<div style=\"display:none\">" + line + "</div><p>Game</p>"), UnorderedElementsAre("lint.hidden-preheader"));
  EXPECT_THAT(page("<div style=\"color:#fff;background-color:#06c\">" + words + "</div>"), IsEmpty());
  EXPECT_THAT(page("<div style=\"color:#fff;background:#fff url(a.png)\">" + words + "</div>"), IsEmpty());
  EXPECT_THAT(page("<div style=\"font-size:2px\">" + words + "</div><p>Game</p>"), UnorderedElementsAre("lint.tiny-text"));
  EXPECT_THAT(page("<div style=\"font-size:9px\">" + words + "</div>"), IsEmpty());
}

TEST(LintHtml, FindsSplitWords) {
  EXPECT_THAT(page("<p>Pay\u200bPal account</p>"), UnorderedElementsAre("lint.split-word"));
  EXPECT_THAT(page("<p>Game &zwnj; &zwnj; &zwnj; over</p>"), IsEmpty());
}

TEST(LintLinks, AreRead) {
  const auto one = lint::read_url("https://joe:secret@WWW.Example.org:8443/a?b#c").value();
  EXPECT_EQ(one.user_info, "joe:secret");
  EXPECT_EQ(one.port, "8443");
  EXPECT_EQ(one.name->text(), "www.example.org");
  EXPECT_TRUE(lint::read_url("http://[2001:db8::1]/")->address);
  for (const char* none : {"mailto:joe@example.org", "javascript:alert(1)", "/a/b", "#top", "", "https://"}) EXPECT_FALSE(lint::read_url(none)) << none;
}

TEST(LintLinks, LeadWhereTheySay) {
  EXPECT_THAT(linked("https://example.com/"), IsEmpty());
  EXPECT_THAT(linked("http://192.0.2.1/a"), UnorderedElementsAre("lint.link-address"));
  EXPECT_THAT(linked("https://bit.ly/3xyz"), UnorderedElementsAre("lint.link-shortener"));
  EXPECT_THAT(linked("https://evil.example/", "https://bank.example/login"), UnorderedElementsAre("lint.link-mismatch"));
  EXPECT_THAT(linked("https://evil.example/", "www.bank.example"), UnorderedElementsAre("lint.link-mismatch"));
  EXPECT_THAT(linked("https://www.bank.example/login", "bank.example"), IsEmpty());
  EXPECT_THAT(linked("https://click.example.org/x", "www.bank.example"), IsEmpty());  // the author's own counter
  EXPECT_THAT(linked("http://bank.example/", "https://bank.example/"), UnorderedElementsAre("lint.link-http"));
  EXPECT_THAT(linked("https://bank.example:8080/"), UnorderedElementsAre("lint.link-port"));
  EXPECT_THAT(linked("https://bank.example:443/"), IsEmpty());
  EXPECT_THAT(linked("https://bank.example@evil.example/"), UnorderedElementsAre("lint.link-user"));
  EXPECT_THAT(linked("https://b\u00fccher.example/"), UnorderedElementsAre("lint.link-idn"));
  EXPECT_THAT(linked("https://\u0440aypal.example/"), UnorderedElementsAre("lint.mixed-scripts"));
  EXPECT_THAT(linked("https://example.org/a\u200bb"), UnorderedElementsAre("lint.invisible-characters"));
  EXPECT_THAT(ids(good + "See http://192.0.2.1/a, please.\r\n"), UnorderedElementsAre("lint.link-address"));
}

TEST(LintLinks, TellMixedScripts) {
  for (const char* mixed : {"\u0440aypal.example", "gооgle.example", "αpple.example"}) EXPECT_TRUE(lint::mixes_scripts(mixed)) << mixed;
  for (const char* fine : {"example.org", "пример.example", "例え.example", "例子abc.example", "münchen.example", "παράδειγμα.example", "한국abc.example"}) EXPECT_FALSE(lint::mixes_scripts(fine)) << fine;
}
