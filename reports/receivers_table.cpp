#include "reports/receivers_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "lib/text/shown.hpp"
#include "lib/text/toml.hpp"

namespace mailmedic::reports {

namespace {

std::string padded(std::string_view text, int columns) {
  return std::string(text) + std::string(static_cast<std::size_t>(std::max(1, columns - text::display_width(text))), ' ');
}

std::string_view verdict(std::string_view result, Language language) {
  const bool zh = language == Language::zh;
  if (result == "pass") return zh ? "符合" : "pass";
  if (result == "fail") return zh ? "不符合" : "fail";
  return zh ? "无法检测" : "not measurable";
}

/// "Gmail: 9 pass, 1 fail, 5 not measurable"
std::string heading(const std::string& name, std::string_view id, const boost::json::array& rows, Language language) {
  const bool zh = language == Language::zh;
  std::string out;
  for (const std::string_view result : {"pass", "fail", "not-measurable"}) {
    const auto count = std::count_if(rows.begin(), rows.end(), [&](const boost::json::value& row) {
      return text::string_of(row.as_object(), "provider") == id && text::string_of(row.as_object(), "result") == result;
    });
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : zh ? "，" : ", ", count, zh ? fmt::format("项{}", verdict(result, language)) : std::string(verdict(result, language)));
  }
  return fmt::format("{}{}{}", name, zh ? "：" : ": ", out);
}

}  // namespace

Exhibit receivers_table(const CheckReport& receivers, Catalogue& catalogue, Language language) {
  const bool zh = language == Language::zh;
  Exhibit exhibit{zh ? "各收件方的要求" : "What receivers ask for", {}};
  const auto* value = receivers.facts.if_contains("rules");
  if (!value || !value->is_array()) return exhibit;
  std::string provider;
  for (const auto& item : value->get_array()) {
    const boost::json::object& row = item.as_object();
    if (const std::string name = text::string_of(row, zh ? "name_zh" : "name"); name != provider)
      exhibit.lines.push_back(heading(provider = name, text::string_of(row, "provider"), value->get_array(), language));
    std::string line = "  " + padded(verdict(text::string_of(row, "result"), language), 16) + text::string_of(row, zh ? "requirement_zh" : "requirement");
    if (text::string_of(row, "level") == "advised") line += zh ? "（建议）" : " (advised)";
    if (text::string_of(row, "result") != "pass") line += fmt::format("{}{}", zh ? "：" : ": ", catalogue.said("receivers", text::string_of(row, "why"), language));
    line += fmt::format("  [{}, {} {}]", text::string_of(row, "id"), zh ? "依据" : "as of", text::string_of(row, "read"));
    exhibit.lines.push_back(std::move(line));
  }
  return exhibit;
}

}  // namespace mailmedic::reports
