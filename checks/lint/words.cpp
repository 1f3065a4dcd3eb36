// Words and marks that filters know: template text left over, shouting, test strings, old mailers.
#include <algorithm>
#include <array>

#include "checks/lint/parts.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

constexpr std::string_view gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
constexpr std::string_view eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// What a subject says when it sells, by language.
constexpr std::array<std::string_view, 22> selling = {"100% free", "act now", "buy now", "cash bonus", "click here", "earn money", "free money", "limited time", "order now", "risk free", "winner!",
                                                      "免费领取", "限时抢购", "限时优惠", "点击领取", "恭喜您中奖", "代开发票", "最后机会", "立即购买", "特价", "kostenlos gewinnen", "gratis ahora"};

bool is_name_byte(char c) { return text::is_alnum(c) || c == '_' || c == '.' || c == '-' || c == ' ' || c == '|'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// "{{name}}", "<%= name %>", "*|FNAME|*", "${name}", "%%name%%": what stands between the marks of a template language.
std::string_view between_marks(std::string_view text) {
  struct Marks {
    std::string_view open, close;
  };
  constexpr std::array<Marks, 6> all = {{{"{{", "}}"}, {"<%=", "%>"}, {"*|", "|*"}, {"${", "}"}, {"%%", "%%"}, {"{%", "%}"}}};
  constexpr std::size_t longest = 60;
  for (const auto& [open, close] : all)
    for (std::size_t at = 0; (at = text.find(open, at)) != text.npos; at += open.size()) {
      const auto end = text.find(close, at + open.size());
      if (end == text.npos) break;
      const std::string_view inside = text::trimmed(text.substr(at + open.size(), end - at - open.size()));
      if (!inside.empty() && inside.size() <= longest && text::is_alpha(inside.front()) && std::all_of(inside.begin(), inside.end(), is_name_byte)) return text.substr(at, end + close.size() - at);
    }
  return {};
}

/// "%FIRST_NAME%", "[NAME]", "[FIRSTNAME]": upper case, and a word that stands for a person, as brackets alone are common.
std::string_view placeholder(std::string_view text) {
  constexpr std::array<std::string_view, 12> people = {"NAME", "FIRST", "FIRSTNAME", "FIRST_NAME", "FNAME", "LNAME", "LASTNAME", "LAST_NAME", "FULLNAME", "USERNAME", "EMAIL", "COMPANY"};
  for (std::size_t at = 0; (at = text.find_first_of("%[", at)) != text.npos; ++at) {
    const char close = text[at] == '%' ? '%' : ']';
    std::size_t end = at + 1;
    while (end < text.size() && end - at < 20 && (is_upper(text[end]) || text[end] == '_')) ++end;
    if (end < text.size() && text[end] == close && std::find(people.begin(), people.end(), text.substr(at + 1, end - at - 1)) != people.end()) return text.substr(at, end + 1 - at);
  }
  return {};
}

std::string_view left_over(std::string_view text) {
  const auto found = between_marks(text);
  return found.empty() ? placeholder(text) : found;
}

void judge_templates(const Letter& letter, CheckReport& report) {
  for (const std::string_view name : {"Subject", "From", "To", "Reply-To"}) {
    const std::string value = letter.shown(name);
    if (const auto found = left_over(value); !found.empty()) return add(report, "lint.template", {{"text", std::string(found)}, {"where", std::string(name)}}, std::string(name), value);
  }
  if (const auto found = left_over(letter.plain); !found.empty()) return add(report, "lint.template", {{"text", std::string(found)}, {"where", "text"}}, "text/plain", found);
  for (const html::Node& node : letter.document.nodes) {
    const std::string_view parent = letter.document.nodes[node.parent].tag;
    if (!node.is_text() || parent == "style" || parent == "script") continue;
    if (const auto found = left_over(node.text); !found.empty()) return add(report, "lint.template", {{"text", std::string(found)}, {"where", "HTML"}}, "text/html", found);
  }
}

void judge_subject(const Letter& letter, CheckReport& report) {
  const std::string subject = letter.shown("Subject"), lowered = text::lower(subject);
  const auto letters = std::count_if(subject.begin(), subject.end(), text::is_alpha), capitals = std::count_if(subject.begin(), subject.end(), is_upper);
  std::size_t marks = static_cast<std::size_t>(std::count(subject.begin(), subject.end(), '!'));
  for (std::size_t at = 0; (at = subject.find("！", at)) != subject.npos; ++at) ++marks;
  constexpr std::ptrdiff_t enough = 10;
  std::string what;
  if (letters >= enough && letters == capitals && text::words(subject).size() > 1) what = "capital letters alone";
  else if (marks >= 3) what = std::to_string(marks) + " exclamation marks";
  else if (subject.find("$$") != subject.npos || subject.find("￥￥") != subject.npos) what = "repeated currency signs";
  else
    for (const std::string_view words : selling)
      if (lowered.find(words) != lowered.npos) what = "\"" + std::string(words) + "\"";
  if (!what.empty()) add(report, "lint.subject-shouts", {{"subject", subject}, {"what", what}}, "Subject", subject);
}

void judge_mailer(const Letter& letter, CheckReport& report) {
  const std::string mailer = letter.shown("X-Mailer"), lowered = text::lower(mailer);
  if (letter.has("X-MSMail-Priority") && !letter.has("X-MimeOLE")) return add(report, "lint.old-mailer", {{"field", "X-MSMail-Priority"}}, "header", "X-MSMail-Priority without X-MimeOLE");
  if (lowered.find("outlook express") != lowered.npos || lowered.find("the bat!") != lowered.npos || lowered.find("foxmail 4") != lowered.npos)
    return add(report, "lint.old-mailer", {{"field", "X-Mailer"}}, "X-Mailer", mailer);
  const std::string priority = letter.shown("X-Priority");
  if (priority.starts_with('1') || priority.starts_with('2')) add(report, "lint.old-mailer", {{"field", "X-Priority"}}, "X-Priority", priority);
}

void judge_test_strings(const Letter& letter, CheckReport& report) {
  for (const auto& [name, words] : {std::pair{"GTUBE", gtube}, std::pair{"EICAR", eicar}})
    if (letter.body.find(words) != letter.body.npos || letter.plain.find(words) != letter.plain.npos || letter.raw("Subject").find(words) != std::string_view::npos)
      add(report, "lint.test-string", {{"name", name}}, "message", words);
}

}  // namespace

void judge_words(const Letter& letter, CheckReport& report) {
  judge_templates(letter, report);
  judge_subject(letter, report);
  judge_mailer(letter, report);
  judge_test_strings(letter, report);
}

}  // namespace mailmedic::lint
