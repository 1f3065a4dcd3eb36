#pragma once
// The catalogue: the words of every finding, in English and Chinese, from checks/*/findings.toml.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/finding.hpp"
#include "lib/text/toml.hpp"
#include "reports/phrase_book.hpp"

namespace mailmedic::reports {

enum class Language { en, zh };

/// "en" or "zh" (also "zh-CN", "zh_CN.UTF-8" and the like); nothing for any other.
std::optional<Language> parse_language(std::string_view text);

/// The sentences of one finding in one language; {name} stands for Finding::args.
struct Words {
  std::string title;  ///< what was seen, one sentence
  std::string why;    ///< why it matters
  std::string fix;    ///< what to change
};

struct Entry {
  std::string id;                        ///< "spf.lookup-limit"
  std::string spec;                      ///< requirement numbers, "SPF-040"
  std::optional<Severity> severity;      ///< nothing for what says that something could not be told
  std::vector<std::string> references;   ///< "RFC 7208 section 4.6.4"
  std::vector<std::string> caused_by;    ///< ids of findings that explain this one when they are about the same thing; "bounce.*": all of a subject
  std::string publish;                   ///< the record to publish; {name} as in the sentences
  Words en, zh;

  const Words& words(Language language) const { return language == Language::zh ? zh : en; }
};

/// `template_text` with each {name} replaced by its argument; a name without argument stays as it is.
std::string filled(std::string_view template_text, const Args& args);

/// Opens DIR/SUBJECT.toml when the first id of that subject is wanted, and parses the table of an id when it is wanted: a tool
/// pays only for what it says.
class Catalogue {
 public:
  explicit Catalogue(std::string directory) : directory_(std::move(directory)) {}

  /// The entry, or null when there is none, or when its file is missing or broken: error() then says why.
  const Entry* find(std::string_view id);
  /// A check's name for people, "Sender policy (SPF)"; its id where the catalogue has none.
  std::string title(std::string_view subject, Language language);
  /// What a check said in English as a value of a sentence, a source or a reason: in Chinese by the subject's phrases, then
  /// by those of all checks (checks/check/findings.toml); as it is where no phrase fits, and in English.
  std::string said(std::string_view subject, std::string_view english, Language language);
  /// All entries of all subjects, by id.
  std::vector<const Entry*> all();
  /// The first thing that went wrong while reading: file, line and cause. Empty when all was well.
  const std::string& error() const { return error_; }

 private:
  struct Subject {
    text::TomlTables tables;
    std::optional<boost::json::object> about;
    std::optional<PhraseBook> phrases;
    std::map<std::string, Entry, std::less<>> entries;  ///< those that were wanted
  };
  Subject& subject(std::string_view name);
  boost::json::object table(const Subject& subject, std::string_view name);
  const PhraseBook& phrases(std::string_view name);
  void fail(std::string why);

  std::string directory_, error_;
  std::map<std::string, Subject, std::less<>> subjects_;
};

}  // namespace mailmedic::reports
