// Logos good and bad, and the readers behind: XML without entities, gzip with a limit.
#include "checks/bimi/svg.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/bimi/record.hpp"
#include "lib/gzip/inflate.hpp"
#include "lib/xml/element.hpp"

using namespace mailmedic;
using bimi::SvgFault;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::vector<SvgFault> faults(std::string_view svg) {
  std::vector<SvgFault> out;
  for (const bimi::SvgProblem& problem : bimi::judge_svg(svg)) out.push_back(problem.fault);
  return out;
}
/// A good logo with this instead of its parts.
std::string logo(std::string_view inside, std::string_view root = R"(version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64")") {
  return fmt::format(R"(<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}>{}</svg>)", root, inside);
}
const std::string title = "<title>Example</title>";

}  // namespace

TEST(BimiSvg, HasNothingAgainstAGoodLogo) {
  EXPECT_THAT(faults(logo(title + R"x(<desc>x</desc><defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs><g><use xlink:href="#g"/><path d="M0 0" fill="url(#g)"/></g>)x")), IsEmpty());
  EXPECT_THAT(faults(logo(title, R"(version="1.2" baseProfile="tiny-ps" viewBox="0,0,100.1,100")")), IsEmpty());
}

TEST(BimiSvg, FindsWhatTheProfileForbids) {
  EXPECT_THAT(faults(logo(title, R"(version="1.1" viewBox="0 0 64 64")")), ElementsAre(SvgFault::profile));
  EXPECT_THAT(faults(logo("")), ElementsAre(SvgFault::title));
  EXPECT_THAT(faults(logo("<title>  </title>")), ElementsAre(SvgFault::title));
  EXPECT_THAT(faults(logo(title, R"(version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 32")")), ElementsAre(SvgFault::not_square));
  EXPECT_THAT(faults(logo(title, R"(version="1.2" baseProfile="tiny-ps")")), ElementsAre(SvgFault::not_square));
  EXPECT_THAT(faults(logo(title, R"(version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64" x="0px")")), ElementsAre(SvgFault::position));
  EXPECT_THAT(faults(logo(title + "<g><g><script>alert(1)</script></g></g>")), ElementsAre(SvgFault::script));
  EXPECT_THAT(faults(logo(title + R"x(<rect onload="alert(1)"/>)x")), ElementsAre(SvgFault::script));
  EXPECT_THAT(faults(logo(title + R"x(<use xlink:href=" JavaScript:alert(1)"/>)x")), ElementsAre(SvgFault::script));
  EXPECT_THAT(faults(logo(title + "<rect><animate/></rect>")), ElementsAre(SvgFault::animation));
  EXPECT_THAT(faults(logo(title + R"(<use xlink:href="https://example.com/x.svg#a"/>)")), ElementsAre(SvgFault::external));
  EXPECT_THAT(faults(logo(title + R"x(<rect style="fill:url('http://example.com/x')"/>)x")), ElementsAre(SvgFault::external));
  EXPECT_THAT(faults(logo(title + "<image/>")), ElementsAre(SvgFault::bitmap));
  EXPECT_THAT(faults(logo(title + "<foreignObject/>")), ElementsAre(SvgFault::element));
  EXPECT_THAT(faults(logo(title + "<sodipodi:namedview/>")), ElementsAre(SvgFault::element));
  EXPECT_THAT(faults("<html/>"), ElementsAre(SvgFault::root, SvgFault::element));
  EXPECT_THAT(faults("<svg/>"), ElementsAre(SvgFault::root));
}

TEST(BimiSvg, ResolvesNoEntityAndReadsNoGarbage) {
  EXPECT_THAT(faults("<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + logo("<title>&x;</title>")), ElementsAre(SvgFault::doctype));
  EXPECT_THAT(faults(""), ElementsAre(SvgFault::unreadable));
  EXPECT_THAT(faults("<svg><title>"), ElementsAre(SvgFault::unreadable));
  EXPECT_THAT(faults(std::string("\0\xff\xfe\x1b", 4)), ElementsAre(SvgFault::unreadable));
  EXPECT_EQ(xml::parse("<a>&x;&amp;</a>").value().text, "&x;&");
}

TEST(Xml, StopsAtItsLimits) {
  std::string deep, wide = "<a>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  for (int i = 0; i < 100'000; ++i) deep += "</a>";
  for (int i = 0; i < 30'000; ++i) wide += "<b/>";
  EXPECT_FALSE(xml::parse(deep));
  EXPECT_FALSE(xml::parse(wide + "</a>"));
  EXPECT_THAT(faults(deep), ElementsAre(SvgFault::unreadable));
}

TEST(Gzip, UnpacksNoMoreThanItsLimit) {
  // gzip of 1000 bytes "a"
  const std::string packed("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00\x03\xda\x38\x9a\xe8\x03\x00\x00", 29);
  const auto whole = gzip::inflate(packed, 1000);
  ASSERT_TRUE(whole) << whole.error().why;
  EXPECT_EQ(*whole, std::string(1000, 'a'));
  EXPECT_FALSE(gzip::inflate(packed, 999));
  EXPECT_FALSE(gzip::inflate(packed.substr(0, packed.size() - 9), 1000));
  EXPECT_FALSE(gzip::inflate("<svg/>", 1000));
}

TEST(BimiRecord, IsReadAsTheDraftSays) {
  EXPECT_TRUE(bimi::is_record("v=BIMI1; l=https://example.org/a.svg"));
  EXPECT_TRUE(bimi::is_record("v = BIMI1 ;l="));
  EXPECT_FALSE(bimi::is_record("v=bimi1; l="));
  EXPECT_FALSE(bimi::is_record("l=; v=BIMI1"));
  EXPECT_TRUE(bimi::is_nearly_record("v=bimi1; l="));
  EXPECT_TRUE(bimi::is_nearly_record("\"v=BIMI1; l="));
  EXPECT_FALSE(bimi::is_nearly_record("v=spf1 -all"));
  const auto record = bimi::parse_record("v=BIMI1; l=https://example.org/a%2Cb.svg?x#y; a=self; avp=Personal; lps=a-1, b2; x=1;").value();
  EXPECT_THAT(record.problems, IsEmpty());
  EXPECT_EQ(record.logo->text(), "https://example.org/a%2Cb.svg?x");
  EXPECT_FALSE(record.has_certificate);
  EXPECT_EQ(record.preference, "personal");
  EXPECT_THAT(record.prefixes, ElementsAre("a-1", "b2"));
  EXPECT_THAT(record.extensions, ElementsAre("x"));
}
