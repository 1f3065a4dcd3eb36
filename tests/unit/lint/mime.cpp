// The MIME tree: what triggers each finding, and what does not.
#include "letters.hpp"

using namespace mailmedic;
using namespace mailmedic::lint_test;

namespace {

/// A letter with this MIME header and body.
std::string letter(const std::string& fields, const std::string& body) { return good_header + "MIME-Version: 1.0\r\n" + fields + "\r\n\r\n" + body; }
std::vector<std::string> plain(const std::string& fields, const std::string& body) { return ids(letter(fields, body)); }

const std::string text_part = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nWe lost the game.\r\n";
const std::string html_part = "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>We lost the game.</p></body></html>\r\n";
const std::string alternative = "Content-Type: multipart/alternative; boundary=b";
const std::string mixed = "Content-Type: multipart/mixed; boundary=\"b\"";

std::string file(const std::string& name, const std::string& type, const std::string& base64) {
  return "--b\r\nContent-Type: " + type + "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; " + name + "\r\n\r\n" + base64 + "\r\n";
}
std::vector<std::string> attached(const std::string& name, const std::string& type, const std::string& base64) { return plain(mixed, text_part + file(name, type, base64) + "--b--\r\n"); }

}  // namespace

TEST(LintMime, HasNothingAgainstGoodParts) {
  EXPECT_THAT(plain(alternative, text_part + html_part + "--b--\r\n"), IsEmpty());
  EXPECT_THAT(attached("filename=a.pdf", "application/pdf", "JVBERi0xLjQK"), IsEmpty());
  EXPECT_THAT(attached("filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf", "application/pdf", "JVBERi0xLjQK"), IsEmpty());
}

TEST(LintMime, WantsItsVersionAndSyntax) {
  EXPECT_THAT(ids(with("MIME-Version: 1.0\r\n", "")), UnorderedElementsAre("lint.mime-version-missing"));
  EXPECT_THAT(ids(good_header + "\r\nplain\r\n"), IsEmpty());
  EXPECT_THAT(plain("Content-Type: html", "<p>x</p>\r\n"), Contains("lint.content-type-syntax"));
  EXPECT_THAT(plain("Content-Type: text/plain; charset=klingon-8", "hello world\r\n"), UnorderedElementsAre("lint.charset-unknown"));
  EXPECT_THAT(plain("Content-Type: text/plain; charset=GB18030\r\nContent-Transfer-Encoding: base64", "zfe3ucHLwvA=\r\n"), IsEmpty());
  EXPECT_THAT(plain("Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit", "晚饭\r\n"), UnorderedElementsAre("lint.charset-missing", "lint.eight-bit"));
}

TEST(LintMime, WantsBoundaries) {
  EXPECT_THAT(plain("Content-Type: multipart/mixed", text_part), Contains("lint.boundary-syntax"));
  EXPECT_THAT(plain("Content-Type: multipart/mixed; boundary=\"" + std::string(71, 'b') + "\"", "x"), Contains("lint.boundary-syntax"));
  EXPECT_THAT(plain(mixed, "no such line\r\n"), Contains("lint.boundary-nowhere"));
  EXPECT_THAT(plain(mixed, text_part), UnorderedElementsAre("lint.multipart-open"));
  EXPECT_THAT(plain(mixed, text_part + "--b--\r\n"), IsEmpty());
  EXPECT_THAT(plain(mixed, text_part + "--b\r\n" + alternative + "\r\n\r\n" + text_part + "--b--\r\n"), Contains("lint.boundary-reused"));
}

TEST(LintMime, HoldsEncodingsAgainstTheData) {
  const std::string utf8 = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ";
  EXPECT_THAT(plain(utf8 + "7bit", "晚饭\r\n"), UnorderedElementsAre("lint.encoding-mismatch"));
  EXPECT_THAT(plain(utf8 + "8bit", "晚饭\r\n"), UnorderedElementsAre("lint.eight-bit"));
  EXPECT_THAT(plain(utf8 + "8bit", "dinner\r\n"), IsEmpty());
  EXPECT_THAT(plain(utf8 + "binary", "dinner\r\n"), UnorderedElementsAre("lint.binary"));
  EXPECT_THAT(plain(utf8 + "x-uuencode", "dinner\r\n"), UnorderedElementsAre("lint.encoding-unknown"));
  EXPECT_THAT(plain(utf8 + "quoted-printable", "=E6=99=9A " + std::string(67, 'a') + "\r\n"), UnorderedElementsAre("lint.encoded-line-long"));
  EXPECT_THAT(plain(utf8 + "quoted-printable", "=E6=99=9A " + std::string(66, 'a') + "\r\n"), IsEmpty());
  EXPECT_THAT(plain(utf8 + "base64", "5pma6aWt!\r\n"), UnorderedElementsAre("lint.base64-broken"));
  EXPECT_THAT(plain(utf8 + "base64", "5pma6aW\r\n"), UnorderedElementsAre("lint.base64-broken"));
  EXPECT_THAT(plain(mixed + "\r\nContent-Transfer-Encoding: base64", text_part + "--b--\r\n"), UnorderedElementsAre("lint.multipart-encoded"));
}

TEST(LintMime, ComparesTheAlternatives) {
  EXPECT_THAT(plain(alternative, html_part + text_part + "--b--\r\n"), UnorderedElementsAre("lint.alternative-order"));
  EXPECT_THAT(plain("Content-Type: text/html; charset=utf-8", "<html><body><p>We lost.</p></body></html>\r\n"), UnorderedElementsAre("lint.html-only"));
  std::string one, other;
  for (int i = 0; i < 30; ++i) one += "alpha" + std::to_string(i) + "\r\n", other += "omega" + std::to_string(i) + "\r\n";
  const std::string plain_words = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + one;
  const auto html_of = [](const std::string& words) { return "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>" + words + "</p></body></html>\r\n"; };
  EXPECT_THAT(plain(alternative, plain_words + html_of(other) + "--b--\r\n"), UnorderedElementsAre("lint.alternative-differs"));
  EXPECT_THAT(plain(alternative, plain_words + html_of(one) + "--b--\r\n"), IsEmpty());
}

TEST(LintMime, CountsPartsAndBytes) {
  std::string many, nested;
  for (int i = 0; i < 101; ++i) many += text_part;
  EXPECT_THAT(plain(mixed, many + "--b--\r\n"), UnorderedElementsAre("lint.many-parts"));
  for (int i = 0; i < 1000; ++i) nested += "--b" + std::to_string(i) + "\r\nContent-Type: multipart/mixed; boundary=b" + std::to_string(i + 1) + "\r\n\r\n";
  EXPECT_THAT(plain("Content-Type: multipart/mixed; boundary=b0", nested), Contains("lint.many-parts"));
  std::string large;
  while (large.size() < 10'240'000) large += "This is one of many lines of a text that is very, very long.\r\n";
  EXPECT_THAT(plain("Content-Type: text/plain", large), UnorderedElementsAre("lint.large"));
}

TEST(LintMime, LooksAtAttachments) {
  EXPECT_THAT(attached("filename=setup.exe", "application/octet-stream", "TVqQAAMAAAAE"), UnorderedElementsAre("lint.blocked-attachment"));
  EXPECT_THAT(attached("filename=\"invoice.pdf.js\"", "application/octet-stream", "dmFyIGE9MTsK"), UnorderedElementsAre("lint.double-ending"));
  EXPECT_THAT(attached("filename=\"notes.v2.txt\"", "text/plain", "aGVsbG8K"), IsEmpty());
  EXPECT_THAT(attached("filename=a.zip", "application/zip", "UEsDBBQACQAI"), UnorderedElementsAre("lint.encrypted-archive"));
  EXPECT_THAT(attached("filename=a.zip", "application/zip", "UEsDBBQAAAAI"), IsEmpty());
  EXPECT_THAT(attached("filename=\"=?UTF-8?B?5oql5ZGKLnBkZg==?=\"", "application/pdf", "JVBERi0xLjQK"), UnorderedElementsAre("lint.attachment-name"));
  EXPECT_THAT(attached("filename=a.pdf", "application/pdf", "R0lGODlhAQAB"), UnorderedElementsAre("lint.attachment-type"));
  EXPECT_THAT(attached("filename=winmail.dat", "application/ms-tnef", "eJ8+IgAA"), UnorderedElementsAre("lint.tnef"));
}

TEST(LintMime, WantsSomethingToRead) {
  EXPECT_THAT(plain("Content-Type: text/plain", "\r\n \r\n"), UnorderedElementsAre("lint.empty-body"));
  EXPECT_THAT(plain("Content-Type: text/plain", "https://example.org/a\r\n"), UnorderedElementsAre("lint.link-only"));
  EXPECT_THAT(plain("Content-Type: text/plain", "See https://example.org/a\r\n"), IsEmpty());
}
