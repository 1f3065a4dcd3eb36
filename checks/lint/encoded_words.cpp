// Encoded words: RFC 2047.
#include <algorithm>

#include "checks/lint/parts.hpp"
#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

struct Word {
  std::string_view whole, charset, text;
  char kind = 'q';
  bool complete = false;  ///< ends with "?="
};

/// The next "=?charset?x?" of `value` from `at` on; what only looks so, in a tracking code, is none.
std::optional<Word> next_word(std::string_view value, std::size_t& at) {
  for (; (at = value.find("=?", at)) != value.npos; at += 2) {
    const auto second = value.find('?', at + 2);
    if (second == value.npos || second == at + 2 || second + 2 >= value.size() || value[second + 2] != '?') continue;
    Word word;
    word.kind = text::lower(value[second + 1]);
    word.charset = value.substr(at + 2, second - at - 2);
    word.charset = word.charset.substr(0, word.charset.find('*'));  // language: RFC 2231 section 5
    if ((word.kind != 'b' && word.kind != 'q') || word.charset.find_first_of(" \t\r\n<>@") != word.charset.npos) continue;
    const auto end = value.find("?=", second + 3), space = value.find_first_of(" \t\r\n", second + 3);
    word.complete = end != value.npos && end < space;
    const std::size_t stop = word.complete ? end + 2 : std::min({space, end == value.npos ? end : end + 2, value.size()});
    word.whole = value.substr(at, stop - at);
    word.text = value.substr(second + 3, (word.complete ? end : stop) - second - 3);
    at = stop;
    return word;
  }
  return std::nullopt;
}

/// Which fields are people's text: in the others "=?" is somebody's own code.
bool may_hold_words(std::string_view name) {
  for (const std::string_view one : {"Subject", "Comments", "Keywords", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Content-Description", "Organization"})
    if (text::equals_ignoring_case(name, one)) return true;
  return false;
}
bool holds_addresses(std::string_view name) {
  for (const std::string_view one : {"From", "Sender", "Reply-To", "To", "Cc", "Bcc"})
    if (text::equals_ignoring_case(name, one)) return true;
  return false;
}

/// RFC 2047 section 5: not in a quoted string, not within an address.
bool is_in_wrong_place(std::string_view value, std::string_view word) {
  const auto at = static_cast<std::size_t>(word.data() - value.data());
  bool quoted = false, angle = false;
  for (std::size_t i = 0; i < at; ++i) {
    if (value[i] == '\\') ++i;
    else if (value[i] == '"') quoted = !quoted;
    else if (!quoted && value[i] == '<') angle = true;
    else if (!quoted && value[i] == '>') angle = false;
  }
  const std::size_t end = at + word.size();
  return quoted || angle || (end < value.size() && value[end] == '@');
}

class Judge {
 public:
  Judge(const message::RawField& field, CheckReport& report) : field_(field), report_(report) {}

  void run() {
    constexpr std::size_t most_words = 1000, longest = 75;  // RFC 2047 section 2
    std::size_t at = 0;
    for (std::size_t i = 0; i < most_words; ++i) {
      const auto word = next_word(field_.value, at);
      if (!word) break;
      ++words_;
      if (!word->complete) once(broken_, "lint.encoded-word-broken", *word);
      else if (!message::is_known_charset(word->charset)) once(charset_, "lint.encoded-word-charset", *word);
      if (word->whole.size() > longest) once(long_, "lint.encoded-word-long", *word);
      if (holds_addresses(field_.name) && is_in_wrong_place(field_.value, word->whole)) once(place_, "lint.encoded-word-place", *word);
      needless_ = needless_ && word->kind == 'b' && word->complete && message::is_plain_ascii(message::from_mime_base64(word->text)) && !text::equals_ignoring_case(word->charset, "utf-7");
    }
    if (words_ > 0 && needless_) say("lint.encoded-word-needless", message::in_one_line(field_.value.substr(0, 300)), "");
  }

 private:
  void say(std::string_view id, std::string_view seen, std::string_view charset) {
    add(report_, id, {{"field", std::string(field_.name)}, {"word", std::string(seen)}, {"charset", std::string(charset)}, {"bytes", std::to_string(seen.size())}}, std::string(field_.name), seen);
  }
  void once(bool& said, std::string_view id, const Word& word) {
    if (!said) say(id, word.whole, word.charset);
    said = true;
  }

  const message::RawField& field_;
  CheckReport& report_;
  std::size_t words_ = 0;
  bool broken_ = false, charset_ = false, long_ = false, place_ = false, needless_ = true;
};

}  // namespace

void judge_encoded_words(const Letter& letter, CheckReport& report) {
  constexpr std::size_t most_fields = 100;
  std::size_t seen = 0;
  for (const message::RawField& field : letter.fields)
    if (may_hold_words(field.name) && ++seen <= most_fields) Judge(field, report).run();
}

}  // namespace mailmedic::lint
