#include "lib/spam/verdict.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "lib/text/ascii.hpp"

namespace mailmedic::spam {

namespace {
constexpr std::size_t most_rules = 500;

text::ParseError wrong(std::string why) { return {0, std::move(why)}; }

std::optional<double> number_of(std::string_view text) {
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(out)) return std::nullopt;
  return out;
}

/// Header and body, at the first empty line.
std::optional<std::pair<std::string_view, std::string_view>> parts_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return std::pair(answer.substr(0, end), answer.substr(end + 4));
}

void sort_rules(Verdict& verdict) {
  std::stable_sort(verdict.rules.begin(), verdict.rules.end(), [](const Rule& a, const Rule& b) { return a.points > b.points; });
}

/// "Spam: True ; 15.0 / 5.0"
bool read_score(std::string_view value, Verdict& verdict) {
  const auto words = text::words(value);
  if (words.size() != 5 || words[1] != ";" || words[3] != "/") return false;
  const auto score = number_of(words[2]), threshold = number_of(words[4]);
  if (!score || !threshold) return false;
  verdict.is_spam = text::equals_ignoring_case(words[0], "True") || text::equals_ignoring_case(words[0], "Yes");
  verdict.score = *score;
  verdict.threshold = *threshold;
  return true;
}

/// The table behind the line of dashes: points, name, description, which goes on in indented lines.
void read_table(std::string_view body, Verdict& verdict) {
  bool inside = false;
  for (std::string_view line : text::split(body, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("----") || line.starts_with(" ----")) {
      inside = true;
      continue;
    }
    if (!inside) continue;
    const auto words = text::words(line);
    if (words.empty()) continue;
    const auto points = number_of(words[0]);
    const bool is_rule = points && words.size() >= 2 && line.find(words[0]) < 8;
    if (is_rule && verdict.rules.size() < most_rules) {
      const std::size_t behind = static_cast<std::size_t>(words[1].data() - line.data()) + words[1].size();
      verdict.rules.push_back({std::string(words[1]), *points, std::string(text::trimmed(line.substr(behind)))});
    } else if (!is_rule && line.starts_with("        ") && !verdict.rules.empty() && verdict.rules.back().description.size() < 1000) {
      verdict.rules.back().description += " " + std::string(text::trimmed(line));
    }
  }
}

double number_at(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value && value->is_number() ? value->to_number<double>() : 0;
}
std::string text_at(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}
}  // namespace

text::Parsed<Verdict> read_spamd(std::string_view answer) {
  const auto parts = parts_of(answer);
  if (!parts || !answer.starts_with("SPAMD/")) return wrong("the answer is not SPAMD's");
  const auto lines = text::split(parts->first, '\n');
  const auto status = text::words(lines.front());
  if (status.size() < 2 || status[1] != "0") return wrong("spamd refused: " + std::string(text::trimmed(lines.front())).substr(0, 200));
  Verdict out;
  bool scored = false;
  for (const std::string_view line : lines)
    if (text::starts_with_ignoring_case(line, "Spam:")) scored = read_score(line.substr(5), out);
  if (!scored) return wrong("the answer has no score");
  read_table(parts->second, out);
  sort_rules(out);
  return out;
}

text::Parsed<Verdict> read_rspamd(std::string_view answer) {
  const auto parts = parts_of(answer);
  if (!parts || !answer.starts_with("HTTP/1.")) return wrong("the answer is not HTTP");
  const auto status = text::words(parts->first.substr(0, parts->first.find("\r\n")));
  if (status.size() < 2 || status[1] != "200") return wrong("rspamd refused: " + std::string(parts->first.substr(0, std::min<std::size_t>(parts->first.find("\r\n"), 200))));
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(boost::json::string_view(parts->second.data(), parts->second.size()), error);
  const boost::json::object* object = value.if_object();
  if (error || !object || !object->contains("score")) return wrong("the answer has no score");
  Verdict out;
  out.score = number_at(*object, "score");
  out.threshold = number_at(*object, "required_score");
  out.action = text_at(*object, "action").substr(0, 100);
  out.is_spam = out.action == "reject" || out.action == "add header" || out.action == "rewrite subject";
  const boost::json::value* symbols = object->if_contains("symbols");
  if (symbols && symbols->is_object()) {
    for (const auto& [name, symbol] : symbols->get_object()) {
      if (!symbol.is_object() || out.rules.size() == most_rules) continue;
      out.rules.push_back({std::string(name), number_at(symbol.get_object(), "score"), text_at(symbol.get_object(), "description").substr(0, 1000)});
    }
  }
  sort_rules(out);
  return out;
}

}  // namespace mailmedic::spam
