#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "checks/signature/damage.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"

namespace mailmedic::signature {

namespace {
using message::RawField;

/// Verifications by Ed25519 that are made for one signature; the hashes that RSA needs cost next to nothing.
constexpr int most_tries = 20'000, most_ed25519_tries = 400;

/// Another form that a signed field may have had.
struct Candidate {
  const RawField* field = nullptr;  ///< null: it was not there
  std::string_view id;
  Args args;
  std::string seen;
};

bool is_named(const RawField& field, std::string_view name) { return text::equals_ignoring_case(field.name, name); }

/// Looks for the change of one header.
class Search {
 public:
  Search(const Verified& one, const message::RawMessage& message, dkim::Hasher& hasher) : one_(one), tags_(*one.tags), message_(message), hasher_(hasher), key_(*one.key.published->key) {
    if (key_.is_rsa()) wanted_ = key_.signed_hash(tags_.signature);
    picked_ = dkim::FieldPicker(message.fields).pick(tags_.names);
  }

  std::optional<Damage> run() {
    if (key_.is_rsa() && !wanted_) return std::nullopt;
    using enum dkim::Canonicalization;
    const auto other = tags_.header == simple ? relaxed : simple;
    if (fits(other)) return Damage{"signature.canonicalization-wrong", {{"said", std::string(dkim::canonicalization_text(tags_.header))}, {"used", std::string(dkim::canonicalization_text(other))}}, ""};
    if (tags_.header == simple && is_refolded()) return Damage{"signature.refolded", {}, ""};
    if (tags_.copied)
      if (auto found = by_copies()) return found;
    for (std::size_t i = 0; i < picked_.size(); ++i) candidates_.push_back(candidates_for(i));
    for (std::size_t i = 0; i < picked_.size(); ++i)
      for (const Candidate& one : candidates_[i])
        if (with(i, one, [&] { return fits(tags_.header); })) return Damage{one.id, one.args, one.seen};
    return two_changes();
  }

 private:
  bool fits(dkim::Canonicalization form) {
    if (++tries_ > (wanted_ ? most_tries : most_ed25519_tries)) return false;
    const std::string hash = hasher_.header(picked_, one_.field->whole, tags_.value_begin, tags_.value_end, form);
    return wanted_ ? hash == *wanted_ : key_.verifies(hash, tags_.signature);
  }

  /// Only the simple form sees folds: do the fields fit in one line each?
  bool is_refolded() {
    const std::vector<const RawField*> kept = picked_;
    for (const RawField*& field : picked_)
      if (field) field = made(field->name, message::in_one_line(field->value));
    const bool yes = fits(dkim::Canonicalization::simple);
    picked_ = kept;
    return yes;
  }

  template <typename Ask>
  bool with(std::size_t place, const Candidate& candidate, Ask ask) {
    const RawField* kept = picked_[place];
    picked_[place] = candidate.field;
    const bool yes = ask();
    picked_[place] = kept;
    return yes;
  }

  std::optional<Damage> two_changes() {
    for (std::size_t i = 0; i < picked_.size(); ++i)
      for (const Candidate& one : candidates_[i])
        for (std::size_t j = i + 1; j < picked_.size(); ++j)
          for (const Candidate& two : candidates_[j])
            if (with(i, one, [&] { return with(j, two, [&] { return fits(tags_.header); }); })) {
              // Signed once more than it was there, and now there once more.
              if (text::equals_ignoring_case(tags_.names[i], tags_.names[j])) return Damage{"signature.field-doubled", {{"field", tags_.names[i]}}, one.seen};
              return Damage{"signature.two-fields-changed", {{"first", tags_.names[i]}, {"second", tags_.names[j]}}, one.seen + " / " + two.seen};
            }
    return std::nullopt;
  }

  /// A field that lives as long as the search.
  const RawField* made(std::string_view name, const std::string& value) {
    std::string& whole = texts_.emplace_back(std::string(name) + ":" + value);
    RawField& field = fields_.emplace_back();
    field.whole = whole;
    field.name = std::string_view(whole).substr(0, name.size());
    field.value = std::string_view(whole).substr(name.size() + 1);
    return &field;
  }

  std::vector<Candidate> candidates_for(std::size_t place) {
    std::vector<Candidate> out;
    const std::string& name = tags_.names[place];
    const RawField* now = picked_[place];
    if (!now) return missing_before(name);
    const std::string seen = std::string(now->whole.substr(0, 300));
    // Another one of the same name is the signed one.
    for (const RawField& other : message_.fields)
      if (&other != now && is_named(other, name)) out.push_back({&other, "signature.field-doubled", {{"field", name}}, seen});
    out.push_back({nullptr, "signature.field-added", {{"field", name}}, seen});
    if (text::equals_ignoring_case(name, "Subject")) subjects(*now, out, seen);
    if (text::equals_ignoring_case(name, "From") || text::equals_ignoring_case(name, "Reply-To")) authors(*now, out, seen);
    if (text::equals_ignoring_case(name, "Content-Transfer-Encoding"))
      for (const char* encoding : {"7bit", "8bit", "quoted-printable", "base64", "binary", "7BIT", "8BIT"}) out.push_back({made(now->name, fmt::format(" {}", encoding)), "signature.field-changed", {{"field", name}}, seen});
    if (text::equals_ignoring_case(name, "Content-Type")) content_types(*now, out, seen);
    if (text::equals_ignoring_case(name, "Message-ID") || text::equals_ignoring_case(name, "To") || text::equals_ignoring_case(name, "Cc")) {
      const std::string value(text::trimmed(now->value));
      if (value.starts_with('<') && value.ends_with('>')) out.push_back({made(now->name, " " + value.substr(1, value.size() - 2)), "signature.field-changed", {{"field", name}}, seen});
      else out.push_back({made(now->name, " <" + value + ">"), "signature.field-changed", {{"field", name}}, seen});
    }
    // The case of the name counts in the simple form.
    if (name != now->name) out.push_back({made(name, std::string(now->value)), "signature.field-changed", {{"field", name}}, seen});
    return out;
  }

  /// A signed field that is not there may have been taken away, with a value that can be guessed.
  std::vector<Candidate> missing_before(const std::string& name) {
    std::vector<Candidate> out;
    const auto gone = [&](const std::string& value) { out.push_back({made(name, " " + value), "signature.field-removed", {{"field", name}}, ""}); };
    if (text::equals_ignoring_case(name, "MIME-Version")) gone("1.0");
    if (text::equals_ignoring_case(name, "Content-Transfer-Encoding"))
      for (const char* encoding : {"7bit", "8bit", "quoted-printable", "base64"}) gone(encoding);
    return out;
  }

  void subjects(const RawField& now, std::vector<Candidate>& out, const std::string& seen) {
    std::string value(text::trimmed(now.value));
    for (int depth = 0; depth < 3; ++depth) {
      std::size_t end = std::string::npos;
      if (value.starts_with('[')) end = value.find(']');
      else if (value.starts_with("***")) end = value.find("***", 3) == value.npos ? value.npos : value.find("***", 3) + 2;
      else if (const auto colon = value.find(':'); colon != value.npos && colon < 20) end = colon;
      if (end == std::string::npos) break;
      const std::string tag = value.substr(0, end + 1);
      value = value.substr(end + 1);
      // With the space behind the tag and without: the simple form sees it.
      out.push_back({made(now.name, value.starts_with(' ') ? value : " " + value), "signature.subject-tagged", {{"tag", tag}}, seen});
      value = text::trimmed(value);
    }
    if (value.starts_with("=?") && value.find("?B?") != value.npos) {
      const auto begin = value.find("?B?") + 3, end = value.find("?=", begin);
      const auto plain = end == value.npos ? std::nullopt : text::from_base64(value.substr(begin, end - begin));
      if (plain) out.push_back({made(now.name, " " + *plain), "signature.field-changed", {{"field", "Subject"}}, seen});
    }
    // A word behind the subject, as spam filters and ticket systems put it.
    if (const auto open = value.rfind(" ["); open != value.npos && value.ends_with(']')) out.push_back({made(now.name, " " + value.substr(0, open)), "signature.subject-tagged", {{"tag", value.substr(open + 1)}}, seen});
  }

  /// Lists put their own address into From, and keep the author elsewhere.
  void authors(const RawField& now, std::vector<Candidate>& out, const std::string& seen) {
    for (const RawField& other : message_.fields)
      for (const char* keeper : {"X-Original-From", "X-Original-Sender", "Original-From", "X-From", "Reply-To", "Author", "Cc", "From"})
        if (is_named(other, keeper) && &other != &now) {
          out.push_back({made(now.name, std::string(other.value)), "signature.author-rewritten", {{"field", std::string(now.name)}, {"kept", std::string(other.name)}}, seen});
        }
  }

  void content_types(const RawField& now, std::vector<Candidate>& out, const std::string& seen) {
    const std::string value(text::trimmed(now.value));
    for (const char* type : {"text/plain", "text/plain; charset=us-ascii", "text/plain; charset=utf-8", "text/plain; charset=UTF-8", "text/plain; charset=\"utf-8\"", "text/plain; charset=\"us-ascii\"", "text/html; charset=utf-8",
                             "text/html; charset=\"utf-8\"", "text/plain; charset=iso-8859-1", "text/plain; charset=UTF-8; format=flowed"})
      if (value != type) out.push_back({made(now.name, fmt::format(" {}", type)), "signature.field-changed", {{"field", "Content-Type"}}, seen});
  }

  /// z= holds the fields as they were: each of them in turn, then all together. RFC 6376 section 3.5.
  std::optional<Damage> by_copies() {
    std::vector<std::string> changed;
    std::vector<const RawField*> kept = picked_;
    for (const std::string_view entry : text::split(*tags_.copied, '|')) {
      const auto colon = entry.find(':');
      if (colon == entry.npos) continue;
      const std::string name(text::trimmed(entry.substr(0, colon)));
      for (std::size_t i = 0; i < picked_.size(); ++i) {
        if (!text::equals_ignoring_case(tags_.names[i], name) || (picked_[i] && std::string(text::trimmed(picked_[i]->value)) == text::trimmed(entry.substr(colon + 1)))) continue;
        picked_[i] = made(name, std::string(entry.substr(colon + 1)));
        changed.push_back(name);
        break;
      }
    }
    const bool yes = !changed.empty() && fits(tags_.header);
    picked_ = kept;
    if (!yes) return std::nullopt;
    return Damage{"signature.field-changed", {{"field", text::joined(changed, ", ")}}, "z= holds another text"};
  }

  const Verified& one_;
  const dkim::SignatureField& tags_;
  const message::RawMessage& message_;
  dkim::Hasher& hasher_;
  dkim::VerifyKey& key_;
  std::optional<std::string> wanted_;
  std::vector<const RawField*> picked_;
  std::vector<std::vector<Candidate>> candidates_;
  std::deque<std::string> texts_;
  std::deque<RawField> fields_;
  int tries_ = 0;
};
}  // namespace

std::optional<Damage> header_damage(const Verified& one, const message::RawMessage& message, dkim::Hasher& hasher) {
  if (!one.tags || !one.key.published || !one.key.published->key || !one.field) return std::nullopt;
  return Search(one, message, hasher).run();
}

}  // namespace mailmedic::signature
