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

const Catalogue::Subject& Catalogue::subject(std::string_view name) {
  if (const auto found = subjects_.find(name); found != subjects_.end()) return found->second;
  Subject& subject = subjects_[std::string(name)];
  const std::string path = fmt::format("{}/{}.toml", directory_, name);
  const auto parsed = text::read_toml(path);
  if (!parsed) {
    fail(parsed.error().why);
    return subject;
  }
  for (const auto& item : *parsed) {
    const object* table = item.value().if_object();
    const std::string key(item.key());
    if (!table) continue;
    if (key == "about") {
      subject.en = text::string_of(*table, "en");
      subject.zh = text::string_of(*table, "zh");
      continue;
    }
    if (key == "phrases") {
      for (const auto& phrase : *table) subject.phrases.add(phrase.key(), text::string_of(*table, phrase.key()));
      continue;
    }
    Entry entry;
    entry.id = fmt::format("{}.{}", name, key);
    entry.spec = text::string_of(*table, "spec");
    if (entry.spec.empty()) entry.spec = text::joined(text::strings_of(*table, "spec"), " ");
    entry.references = text::strings_of(*table, "references");
    entry.caused_by = text::strings_of(*table, "caused-by");
    entry.publish = text::string_of(*table, "publish");
    entry.en = words(*table, "en");
    entry.zh = words(*table, "zh");
    if (const auto why = read_severity(text::string_of(*table, "severity"), entry.severity); !why.empty())
      fail(fmt::format("{}: [{}]: {}", path, key, why));
    subject.entries.emplace(entry.id, std::move(entry));
  }
  return subject;
}

const Entry* Catalogue::find(std::string_view id) {
  const auto dot = id.find('.');
  if (dot == std::string_view::npos || id.find('/') != std::string_view::npos) return nullptr;
  const Subject& entries = subject(id.substr(0, dot));
  const auto found = entries.entries.find(id);
  return found == entries.entries.end() ? nullptr : &found->second;
}

std::string Catalogue::title(std::string_view name, Language language) {
  const Subject& about = subject(name);
  const std::string& text = language == Language::zh ? about.zh : about.en;
  return text.empty() ? std::string(name) : text;
}

std::string Catalogue::said(std::string_view name, std::string_view english, Language language) {
  if (language == Language::en || english.empty()) return std::string(english);
  const PhraseBook& common = subject("check").phrases;
  return subject(name).phrases.chinese(english, &common).value_or(std::string(english));
}

std::vector<const Entry*> Catalogue::all() {
  std::error_code failed;
  for (const auto& file : std::filesystem::directory_iterator(directory_, failed))
    if (file.path().extension() == ".toml") subject(file.path().stem().string());
  if (failed) fail(fmt::format("{}: {}", directory_, failed.message()));
  std::vector<const Entry*> out;
  for (const auto& [name, subject] : subjects_)
    for (const auto& [id, entry] : subject.entries) out.push_back(&entry);
  return out;
}

}  // namespace mailmedic::reports
