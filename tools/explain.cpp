// mailmedic explain: the catalogue's page of a finding, or what an SMTP reply code says.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <fstream>
#include <iostream>

#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "lib/text/toml.hpp"
#include "reports/catalogue.hpp"
#include "reports/phrases.hpp"
#include "reports/report.hpp"
#include "reports/text.hpp"
#include "tools/cli/command_line.hpp"
#include "tools/cli/pretty_json.hpp"

using namespace mailmedic;
using boost::json::object;

namespace {

/// "5.7.26", or empty. RFC 3463 section 2: class 2, 4 or 5, then two numbers of at most three digits.
bool is_enhanced(std::string_view word) {
  const auto parts = text::split(word, '.');
  if (parts.size() != 3 || (parts[0] != "2" && parts[0] != "4" && parts[0] != "5")) return false;
  return std::all_of(parts.begin() + 1, parts.end(), [](std::string_view part) {
    return !part.empty() && part.size() <= 3 && std::all_of(part.begin(), part.end(), text::is_digit);
  });
}

bool is_reply(std::string_view word) {
  return word.size() == 3 && std::all_of(word.begin(), word.end(), text::is_digit) && word[0] >= '2' && word[0] <= '5';
}

std::string class_of(char digit, reports::Language language) {
  const bool zh = language == reports::Language::zh;
  switch (digit) {
    case '2': return zh ? "成功" : "success";
    case '3': return zh ? "等待后续输入" : "waiting for more";
    case '4': return zh ? "暂时失败：发件方会重试" : "failed for now: the sender tries again";
    default: return zh ? "永久失败：发件方会退信" : "failed for good: the sender bounces the message";
  }
}

/// RFC 3463 section 3: what the second number is about.
std::string subject_of(std::string_view number, reports::Language language) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> subjects{{
      {"other or undefined", "其他"}, {"the address", "地址"}, {"the mailbox", "邮箱"}, {"the mail system", "邮件系统"},
      {"the network or routing", "网络或路由"}, {"the mail protocol", "邮件协议"}, {"the content or its conversion", "内容或转换"},
      {"security or policy", "安全或策略"}}};
  if (number.size() != 1 || number[0] > '7') return {};
  const auto& [en, zh] = subjects[static_cast<std::size_t>(number[0] - '0')];
  return std::string(language == reports::Language::zh ? zh : en);
}

struct Registered {
  std::string title, reference;
};

/// The row "X.7.26" of IANA's registry of enhanced status codes.
std::optional<Registered> registered(std::string_view code) {
  std::ifstream file(cli::data_directory() + "/enhanced-status-codes.tsv");
  std::string line;
  while (std::getline(file, line)) {
    const auto fields = text::split(line, '\t');
    if (fields.size() >= 3 && fields[0].size() > 1 && fields[0].substr(1) == code.substr(1))
      return Registered{std::string(text::trimmed(fields[1])), std::string(text::trimmed(fields[2]))};
  }
  return std::nullopt;
}

object code_page(std::string_view word, reports::Language language) {
  object page{{"code", word}, {"class", class_of(word[0], language)}};
  if (!is_enhanced(word)) return page;
  page["subject"] = subject_of(text::split(word, '.')[1], language);
  if (const auto row = registered(word)) {
    page["title"] = row->title;
    page["reference"] = row->reference;
  }
  return page;
}

object finding_page(const reports::Entry& entry, reports::Language language) {
  const reports::Words& words = entry.words(language);
  object page{{"id", entry.id}, {"severity", entry.severity ? reports::severity_word(*entry.severity) : "unknown"}, {"title", words.title},
              {"why", words.why}, {"fix", words.fix}, {"spec", entry.spec}};
  if (!entry.publish.empty()) page["publish"] = entry.publish;
  boost::json::array references;
  for (const std::string& reference : entry.references) references.push_back(boost::json::value(reference));
  page["references"] = std::move(references);
  return page;
}

void print_text(const object& page, const reports::Phrases& say) {
  const auto get = [&](const char* key) { return text::string_of(page, key); };
  const auto row = [&](std::string_view label, const std::string& body) {
    if (body.empty()) return;
    constexpr int columns = 11;
    const std::string padding(std::max(1, columns - text::display_width(label)), ' ');
    std::cout << label << padding << reports::wrapped(body, 100, columns).substr(columns) << '\n';
  };
  if (page.contains("code")) {
    row(get("code"), get("title").empty() ? get("class") : get("title"));
    if (!get("title").empty()) row("", get("class"));
    row("", get("subject"));
    row(say.see, get("reference"));
    return;
  }
  row(get("severity"), get("title"));
  row("", fmt::format("[{}]", get("id")));
  row(say.why, get("why"));
  row(say.fix, get("fix"));
  row(say.publish, get("publish"));
  for (const std::string& reference : text::strings_of(page, "references")) row(say.see, reference);
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "explain",
      "[OPTIONS] FINDING-OR-CODE...",
      "Tells what a finding means and how to mend it, or what an SMTP reply code or enhanced status code says.",
      {{"a finding of a report", "mailmedic explain spf.lookup-limit"},
       {"the code of a bounce", "mailmedic explain 550 5.7.26"},
       {"all findings of a check, in Chinese", "mailmedic explain dmarc --lang zh"},
       {"every finding that there is", "mailmedic explain --all"}},
  });
  line.options().add_options()("all", cli::po::bool_switch(), "every finding of the catalogue");
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty() && !line.flag("all")) return line.fail("explain what? Give a finding's id or a code");
  const cli::Common& common = line.common();
  if (common.format != cli::Format::text && common.format != cli::Format::json && common.format != cli::Format::ndjson)
    return line.fail("explain prints text, json or ndjson");

  reports::Catalogue catalogue(cli::data_directory() + "/findings");
  std::vector<object> pages;
  const auto add_all = [&](std::string_view subject) {
    const std::size_t before = pages.size();
    for (const reports::Entry* entry : catalogue.all())
      if (subject.empty() || entry->id.starts_with(std::string(subject) + ".")) pages.push_back(finding_page(*entry, common.language));
    return pages.size() > before;
  };
  if (line.flag("all")) add_all("");
  for (const std::string& word : line.arguments()) {
    if (is_reply(word) || is_enhanced(word)) {
      pages.push_back(code_page(word, common.language));
    } else if (const reports::Entry* entry = word.find('.') == std::string::npos ? nullptr : catalogue.find(word)) {
      pages.push_back(finding_page(*entry, common.language));
    } else if (word.find('.') != std::string::npos || !add_all(word)) {
      return line.fail(fmt::format("there is no finding, check or code \"{}\"; mailmedic explain --all lists them", text::shown(word, 100)));
    }
  }
  if (!catalogue.error().empty()) return line.fail("the catalogue is broken: " + catalogue.error());
  bool first = true;
  for (const object& page : pages) {
    if (common.format != cli::Format::text) {
      std::cout << (common.format == cli::Format::json ? cli::pretty(page) : boost::json::serialize(page)) << '\n';
      continue;
    }
    if (!std::exchange(first, false)) std::cout << '\n';
    print_text(page, reports::phrases(common.language));
  }
  return 0;
}
