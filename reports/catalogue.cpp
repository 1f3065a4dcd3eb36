#include "reports/catalogue.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"

namespace mailmedic::reports {

std::optional<Language> parse_language(std::string_view text) {
  if (text == "en" || text.starts_with("en-") || text.starts_with("en_")) return Language::en;
  if (text == "zh" || text.starts_with("zh-") || text.starts_with("zh_")) return Language::zh;
  return std::nullopt;
}

std::string filled(std::string_view text, const Args& args) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    out += text.substr(0, open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const auto arg = std::find_if(args.begin(), args.end(), [&](const auto& pair) { return pair.first == name; });
    if (arg != args.end())
      out += arg->second;
    else
      out += text.substr(open, close - open + 1);
    text.remove_prefix(close + 1);
  }
  out += text;
  return out;
}

namespace {

using boost::json::object;

Words words(const object& entry, std::string_view language) {
  const boost::json::value* value = entry.if_contains(language);
  const object* table = value ? value->if_object() : nullptr;
  if (!table) return {};
  return {text::string_of(*table, "title"), text::string_of(*table, "why"), text::string_of(*table, "fix")};
}

/// An error text, or empty.
std::string read_severity(std::string_view text, std::optional<Severity>& severity) {
  if (text == "info") severity = Severity::info;
  else if (text == "warning") severity = Severity::warning;
  else if (text == "error") severity = Severity::error;
  else if (text == "critical") severity = Severity::critical;
  else if (text != "unknown") return fmt::format("severity \"{}\" is none of info, warning, error, critical, unknown", text);
  return {};
}

}  // namespace

void Catalogue::fail(std::string why) {
  if (error_.empty()) error_ = std::move(why);
}

Catalogue::Subject& Catalogue::subject(std::string_view name) {
  if (const auto found = subjects_.find(name); found != subjects_.end()) return found->second;
  Subject& subject = subjects_[std::string(name)];
  auto tables = text::TomlTables::open(fmt::format("{}/{}.toml", directory_, name));
  if (tables)
    subject.tables = std::move(*tables);
  else
    fail(tables.error().why);
  return subject;
}

object Catalogue::table(const Subject& subject, std::string_view name) {
  auto parsed = subject.tables.read(name);
  if (parsed) return std::move(*parsed);
  fail(parsed.error().why);
  return {};
}

const Entry* Catalogue::find(std::string_view id) {
  const auto dot = id.find('.');
  if (dot == std::string_view::npos || id.find('/') != std::string_view::npos) return nullptr;
  const std::string_view name = id.substr(0, dot), key = id.substr(dot + 1);
  if (key == "about" || key == "phrases") return nullptr;
  Subject& entries = subject(name);
  if (const auto found = entries.entries.find(id); found != entries.entries.end()) return &found->second;
  const object table = this->table(entries, key);
  if (table.empty()) return nullptr;
  Entry entry;
  entry.id = id;
  entry.spec = text::string_of(table, "spec");
  if (entry.spec.empty()) entry.spec = text::joined(text::strings_of(table, "spec"), " ");
  entry.references = text::strings_of(table, "references");
  entry.caused_by = text::strings_of(table, "caused-by");
  entry.publish = text::string_of(table, "publish");
  entry.en = words(table, "en");
  entry.zh = words(table, "zh");
  if (const auto why = read_severity(text::string_of(table, "severity"), entry.severity); !why.empty())
    fail(fmt::format("{}/{}.toml: [{}]: {}", directory_, name, key, why));
  return &entries.entries.emplace(entry.id, std::move(entry)).first->second;
}

std::string Catalogue::title(std::string_view name, Language language) {
  Subject& subject = this->subject(name);
  if (!subject.about) subject.about = table(subject, "about");
  const std::string text = text::string_of(*subject.about, language == Language::zh ? "zh" : "en");
  return text.empty() ? std::string(name) : text;
}

const PhraseBook& Catalogue::phrases(std::string_view name) {
  Subject& subject = this->subject(name);
  if (!subject.phrases) {
    subject.phrases.emplace();
    for (const object table = this->table(subject, "phrases"); const auto& phrase : table)
      subject.phrases->add(phrase.key(), text::string_of(table, phrase.key()));
  }
  return *subject.phrases;
}

std::string Catalogue::said(std::string_view name, std::string_view english, Language language) {
  if (language == Language::en || english.empty()) return std::string(english);
  return phrases(name).chinese(english, &phrases("check")).value_or(std::string(english));
}

std::vector<const Entry*> Catalogue::all() {
  std::error_code failed;
  for (const auto& file : std::filesystem::directory_iterator(directory_, failed)) {
    if (file.path().extension() == ".toml") {
      const std::string name = file.path().stem().string();
      for (const std::string& key : subject(name).tables.names()) find(fmt::format("{}.{}", name, key));
      title(name, Language::en);
      phrases(name);
    }
  }
  if (failed) fail(fmt::format("{}: {}", directory_, failed.message()));
  std::vector<const Entry*> out;
  for (const auto& [name, subject] : subjects_)
    for (const auto& [id, entry] : subject.entries) out.push_back(&entry);
  return out;
}

}  // namespace mailmedic::reports
