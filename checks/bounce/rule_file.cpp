#include "checks/bounce/rule_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json/array.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"

namespace mailmedic::bounce {

namespace {

using boost::json::object;

/// The lines on which the headings of rules and of tickets stand: TOML's reader keeps no places.
struct HeadingLines {
  std::vector<int> rules, tickets;
};

HeadingLines lines_of_headings(const std::string& path) {
  HeadingLines out;
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view heading = text::trimmed(line);
    if (heading == "[[rule]]") out.rules.push_back(number);
    if (heading == "[[ticket]]") out.tickets.push_back(number);
  }
  return out;
}

bool is_status(std::string_view word) {
  const auto parts = text::split(word, '.');
  if (parts.size() != 3 || (parts[0] != "4" && parts[0] != "5" && parts[0] != "x")) return false;
  return std::all_of(parts.begin() + 1, parts.end(), [](std::string_view part) {
    return !part.empty() && part.size() <= 3 && std::all_of(part.begin(), part.end(), text::is_digit);
  });
}

bool is_reply(std::string_view word) {
  return word.size() == 3 && (word[0] == '4' || word[0] == '5') && (word.substr(1) == "xx" || (text::is_digit(word[1]) && text::is_digit(word[2])));
}

std::optional<Retry> parse_retry(std::string_view word) {
  for (const Retry retry : {Retry::later, Retry::after_change, Retry::never})
    if (word == retry_word(retry)) return retry;
  return std::nullopt;
}

bool flag(const object& table, std::string_view key) {
  const auto* value = table.if_contains(key);
  return value && value->is_bool() && value->get_bool();
}

constexpr std::array known_keys{"id", "match", "status", "reply", "reason", "retry", "only-here", "vague", "advice", "advice-zh", "samples", "source", "read"};

/// An error text, or empty.
std::string read_rule(const object& table, bool of_provider, Rule& out) {
  for (const auto& item : table)
    if (std::find(known_keys.begin(), known_keys.end(), item.key()) == known_keys.end()) return fmt::format("there is no key \"{}\"", std::string(item.key()));
  out.id = text::string_of(table, "id");
  out.match = text::strings_of(table, "match");
  out.status = text::strings_of(table, "status");
  out.reply = text::strings_of(table, "reply");
  out.advice = text::string_of(table, "advice");
  out.advice_zh = text::string_of(table, "advice-zh");
  out.samples = text::strings_of(table, "samples");
  if (table.contains("source")) out.source = text::string_of(table, "source");
  if (table.contains("read")) out.read = text::string_of(table, "read");
  out.only_here = flag(table, "only-here");
  out.vague = flag(table, "vague");
  if (out.id.empty()) return "it has no id";
  if (out.match.empty() && out.status.empty() && out.reply.empty()) return "it fits everything: give match, status or reply";
  for (const std::string& code : out.status)
    if (!is_status(code)) return fmt::format("status \"{}\" is no enhanced code as 5.7.26 or x.7.26", code);
  for (const std::string& code : out.reply)
    if (!is_reply(code)) return fmt::format("reply \"{}\" is no code as 550 or 5xx", code);
  out.reason = find_reason(text::string_of(table, "reason"));
  if (!out.reason) return fmt::format("there is no reason \"{}\"", text::string_of(table, "reason"));
  out.retry = out.reason->retry;
  if (table.contains("retry")) {
    const auto retry = parse_retry(text::string_of(table, "retry"));
    if (!retry) return fmt::format("retry = \"{}\" is none of later, after-change, never", text::string_of(table, "retry"));
    out.retry = *retry;
  }
  if (out.advice.empty() != out.advice_zh.empty()) return "advice and advice-zh belong together";
  if (out.only_here && !of_provider) return "only-here is for a provider's rules";
  if (out.vague && of_provider) return "vague is for rules that any server's reply may fit";
  if (out.source.empty() || out.read.empty()) return "it has no source and date (source, read)";
  return {};
}

std::string read_provider(const object& table, Provider& out) {
  out.id = text::string_of(table, "id");
  out.name = text::string_of(table, "name");
  out.name_zh = text::string_of(table, "name-zh");
  out.hosts = text::strings_of(table, "hosts");
  out.domains = text::strings_of(table, "domains");
  out.marks = text::strings_of(table, "marks");
  out.forms = text::strings_of(table, "forms");
  if (out.id.empty() || out.name.empty()) return "[provider] needs id and name";
  if (out.name_zh.empty()) out.name_zh = out.name;
  if (out.hosts.empty() && out.domains.empty() && out.marks.empty()) return "[provider] has no hosts, domains or marks: nothing would ever be known to come from it";
  return {};
}

/// An error text, or empty.
std::string read_ticket(const object& table, Ticket& out) {
  constexpr std::array known{"match", "samples", "source", "read"};
  for (const auto& item : table)
    if (std::find(known.begin(), known.end(), item.key()) == known.end()) return fmt::format("there is no key \"{}\"", std::string(item.key()));
  out.match = text::string_of(table, "match");
  if (table.contains("source")) out.source = text::string_of(table, "source");
  if (table.contains("read")) out.read = text::string_of(table, "read");
  if (out.match.empty()) return "it has no match";
  if (out.source.empty() || out.read.empty()) return "it has no source and date (source, read)";
  const auto* value = table.if_contains("samples");
  const boost::json::array* samples = value ? value->if_array() : nullptr;
  for (const auto& sample : samples ? *samples : boost::json::array()) {
    const auto* pair = sample.if_array();
    if (!pair || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) return "a sample is a reply and what is in it: [\"550 no, ticket 12345\", \"12345\"]";
    out.samples.emplace_back(std::string((*pair)[0].get_string()), std::string((*pair)[1].get_string()));
  }
  return {};
}

/// The files' tables, in their order. To read them takes longer than all else about rules: two threads do it.
std::vector<text::Parsed<object>> read_tables(const std::vector<std::string>& files) {
  std::vector<text::Parsed<object>> out(files.size(), text::ParseError{});
  std::atomic<std::size_t> next = 0;
  const auto read = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) out[i] = text::read_toml(files[i]);
  };
  const std::jthread other(read);
  read();
  return out;
}

/// Puts what one file says behind what is there.
std::optional<text::ParseError> take_file(const std::string& path, const text::Parsed<object>& file, RuleSet& out) {
  if (!file) return file.error();
  const HeadingLines lines = lines_of_headings(path);
  const auto wrong = [&](int line, const std::string& why) { return text::ParseError{static_cast<std::size_t>(line), fmt::format("{}:{}: {}", path, line, why)}; };
  Rule pattern;
  pattern.source = text::string_of(*file, "source");
  pattern.read = text::string_of(*file, "read");
  if (const auto* table = file->if_contains("provider")) {
    Provider provider;
    const std::string why = table->is_object() ? read_provider(table->get_object(), provider) : "[provider] is no table";
    if (!why.empty()) return wrong(1, why);
    const auto known = std::find_if(out.providers.begin(), out.providers.end(), [&](const Provider& one) { return one.id == provider.id; });
    pattern.provider = static_cast<int>(known - out.providers.begin());
    if (known == out.providers.end()) out.providers.push_back(std::move(provider));
    else *known = std::move(provider);
  }
  const auto array_of = [&](std::string_view key) {
    const auto* value = file->if_contains(key);
    return value ? value->if_array() : nullptr;
  };
  const boost::json::array *rules = array_of("rule"), *tickets = array_of("ticket");
  if (!rules && !tickets) return wrong(1, "there is no [[rule]] in it");
  for (std::size_t i = 0; tickets && i < tickets->size(); ++i) {
    Ticket ticket{.match = {}, .samples = {}, .source = pattern.source, .read = pattern.read, .file = {}};
    const int line = i < lines.tickets.size() ? lines.tickets[i] : 1;
    const std::string why = (*tickets)[i].is_object() ? read_ticket((*tickets)[i].get_object(), ticket) : "it is no table";
    if (!why.empty()) return wrong(line, "ticket: " + why);
    ticket.file = fmt::format("{}:{}", path, line);
    out.tickets.push_back(std::move(ticket));
  }
  if (!rules) return std::nullopt;
  for (std::size_t i = 0; i < rules->size(); ++i) {
    Rule rule = pattern;
    const int line = i < lines.rules.size() ? lines.rules[i] : 1;
    const auto& entry = (*rules)[i];
    const std::string why = entry.is_object() ? read_rule(entry.get_object(), rule.provider >= 0, rule) : "it is no table";
    if (!why.empty()) return wrong(line, rule.id.empty() ? why : fmt::format("rule {}: {}", rule.id, why));
    if (out.find(rule.id)) return wrong(line, fmt::format("there is a rule {} already, at {}", rule.id, out.find(rule.id)->file));
    rule.file = fmt::format("{}:{}", path, line);
    out.rules.push_back(std::move(rule));
  }
  return std::nullopt;
}

std::optional<text::ParseError> read_folder(const std::string& folder, RuleSet& out) {
  std::error_code failed;
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(folder, failed))
    if (file.path().extension() == ".toml") files.push_back(file.path().string());
  if (failed) return text::ParseError{0, fmt::format("{}: {}", folder, failed.message())};
  std::sort(files.begin(), files.end());
  const std::vector<text::Parsed<object>> tables = read_tables(files);
  for (std::size_t i = 0; i < files.size(); ++i)
    if (auto wrong = take_file(files[i], tables[i], out)) return wrong;
  return std::nullopt;
}

/// Puts the rules of `later` before those of `earlier` and instead of those with the same id.
void lay_over(RuleSet& later, RuleSet&& earlier) {
  for (Rule& rule : earlier.rules)
    if (!later.find(rule.id)) later.rules.push_back(std::move(rule));
  later.tickets.insert(later.tickets.end(), std::make_move_iterator(earlier.tickets.begin()), std::make_move_iterator(earlier.tickets.end()));
}

}  // namespace

const Rule* RuleSet::find(std::string_view id) const {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& one) { return one.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

text::Parsed<RuleSet> read_rules(const std::vector<std::string>& folders) {
  RuleSet all;
  for (const std::string& folder : folders) {
    RuleSet fresh;
    fresh.providers = all.providers;  // a user's rule may be for a known provider
    if (auto wrong = read_folder(folder, fresh)) return *wrong;
    lay_over(fresh, std::move(all));
    all = std::move(fresh);
  }
  return all;
}

}  // namespace mailmedic::bounce
