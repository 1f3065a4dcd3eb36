// The HTML report as a browser shows it. Pictures are kept in MAILMEDIC_ARTEFACTS.
#include <gmock/gmock.h>

#include <regex>

#include "tests/support/browser.hpp"
#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::HasSubstr;

std::size_t count(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  return static_cast<std::size_t>(std::distance(std::sregex_iterator(text.begin(), text.end(), expression), std::sregex_iterator()));
}

class Browser : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string why = test::content_of(folder() + "/no-browser");
    if (!std::filesystem::exists(test::chromium)) GTEST_SKIP() << "no browser: " << (why.empty() ? "run tests/lab/lab install browser" : why);
    pictures_ = std::getenv("MAILMEDIC_ARTEFACTS") ? std::getenv("MAILMEDIC_ARTEFACTS") : private_.file("pictures");
    std::filesystem::create_directories(pictures_);
  }

  Ran browse(const std::string& page, const Words& more) { return test::browse(page, more, private_.file("profile")); }

  /// The report of `domain` as a page, and as JSON.
  json::object make(const std::string& domain, const std::string& language = "en") {
    const Words words = in_lab({"audit", domain, "--ip", "127.0.66.1", "--selector", domain == "good.test" ? "s2048" : "weak", "--list", "ok.dnsbl.test", "--lang", language, "--timeout", "2"});
    Words page = words;
    page.insert(page.end(), {"--format", "html", "-o", pictures_ + "/" + domain + "-" + language + ".html"});
    EXPECT_GE(test::run_tool(page).status, 0);
    return report_of(words);
  }
  std::string page_of(const std::string& domain, const std::string& language = "en") const { return pictures_ + "/" + domain + "-" + language + ".html"; }

  void picture(const std::string& page, const std::string& name, const std::string& size, const Words& more = {}) {
    const std::string file = pictures_ + "/" + name + ".png";
    std::filesystem::remove(file);
    Words words = {"--screenshot=" + file, "--window-size=" + size};
    words.insert(words.end(), more.begin(), more.end());
    const Ran run = browse(page, words);
    EXPECT_EQ(run.status, 0) << run.told();
    EXPECT_GT(test::content_of(file).size(), 10000u) << run.told();
  }

  const test::Folder private_;
  std::string pictures_;
};

TEST_F(Browser, ShowsEveryFindingWithoutAnError) {
  for (const std::string domain : {"manyfaults.test", "good.test"}) {
    const json::object report = make(domain);
    const Ran run = browse(page_of(domain), {"--dump-dom"});
    ASSERT_EQ(run.status, 0) << run.told();
    EXPECT_THAT(run.out, HasSubstr("<title>" + domain + " - mailmedic</title>"));
    const std::size_t findings = report.at("findings").as_array().size() + report.at("unknowns").as_array().size();
    EXPECT_EQ(count(run.out, "<article class=\"finding ") + count(run.out, "<div class=\"also "), findings) << run.out.substr(0, 20000);
    EXPECT_EQ(count(run.err, "CONSOLE"), 0u) << run.err;
  }
}

TEST_F(Browser, Pictures) {
  make("manyfaults.test");
  make("manyfaults.test", "zh");
  make("good.test");
  picture(page_of("manyfaults.test"), "desktop", "1280,2400");
  picture(page_of("manyfaults.test"), "dark", "1280,2400", {"--blink-settings=preferredColorScheme=0"});
  picture(page_of("manyfaults.test", "zh"), "chinese", "1280,2400");
  picture(page_of("good.test"), "good", "1280,1000");
  // a window is at least 500 wide; a phone is an iframe of its width
  const std::string phone = pictures_ + "/phone.html";
  std::ofstream(phone) << "<body style='margin:0'><iframe src='manyfaults.test-en.html' style='border:0;width:390px;height:2800px'></iframe>";
  picture(phone, "phone", "500,2800");
}

}  // namespace
}  // namespace mailmedic::lab
