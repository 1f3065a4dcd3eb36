#include "reports/receivers_table.hpp"

#include <fmt/format.h>

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

/// The reasons that stand in most tables; what names an address or a list stays as it is.
std::string in_chinese(const std::string& why) {
  static constexpr std::pair<std::string_view, std::string_view> table[] = {
      {"shows only in a message", "只能从具体邮件中看出"},
      {"only the sender knows", "只有发件方自己知道"},
      {"shows only when mail is sent", "只有实际发信时才能看出"},
      {"no sending address given (--ip)", "没有给出发信 IP（--ip）"},
      {"DNS did not answer", "DNS 没有应答"},
      {"no such lists gave a verdict", "相关名单都没有给出结论"},
      {"no key was found; name the selector in use with --selector", "没有找到密钥，请用 --selector 指定正在使用的选择器"},
      {"a record is published; whether it passes needs the sending address (--ip)", "已发布记录，是否通过需要给出发信 IP（--ip）"},
      {"neither SPF nor a DKIM key of the domain could be confirmed; a message shows it", "SPF 和 DKIM 都未能确认，需要具体邮件才能判断"},
      {"there is no SPF record that can be read", "没有可读取的 SPF 记录"},
      {"SPF does not pass", "SPF 未通过"},
      {"no DMARC policy applies", "没有生效的 DMARC 策略"},
      {"no key that receivers take is published", "没有发布收件方认可的密钥"},
      {"none of the lists exists for this resolver: it answers for a world of its own", "当前解析器查不到任何名单（独立的实验环境）"},
      {"no lists were chosen", "没有选择名单"},
  };
  for (const auto& [en, zh] : table)
    if (why == en) return std::string(zh);
  return why;
}

}  // namespace

Exhibit receivers_table(const CheckReport& receivers, Language language) {
  const bool zh = language == Language::zh;
  Exhibit exhibit{zh ? "各收件方的要求" : "What receivers ask for", {}};
  const auto* value = receivers.facts.if_contains("rules");
  if (!value || !value->is_array()) return exhibit;
  std::string provider;
  for (const auto& item : value->get_array()) {
    const boost::json::object& row = item.as_object();
    if (const std::string name = text::string_of(row, zh ? "name_zh" : "name"); name != provider) exhibit.lines.push_back(provider = name);
    std::string line = "  " + padded(verdict(text::string_of(row, "result"), language), 16) + text::string_of(row, zh ? "requirement_zh" : "requirement");
    if (text::string_of(row, "level") == "advised") line += zh ? "（建议）" : " (advised)";
    if (text::string_of(row, "result") != "pass") line += fmt::format("{}{}", zh ? "：" : ": ", zh ? in_chinese(text::string_of(row, "why")) : text::string_of(row, "why"));
    line += fmt::format("  [{}, {} {}]", text::string_of(row, "id"), zh ? "依据" : "as of", text::string_of(row, "read"));
    exhibit.lines.push_back(std::move(line));
  }
  return exhibit;
}

}  // namespace mailmedic::reports
