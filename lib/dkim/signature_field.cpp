#include "lib/dkim/signature_field.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace {

struct Tag {
  std::string_view name, value;    ///< white space at both ends removed
  std::size_t begin = 0, end = 0;  ///< the value with its white space
};

std::string without_space(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (!text::is_space(c)) out += c;
  return out;
}

bool is_tag_name(std::string_view name) {
  return !name.empty() && text::is_alpha(name.front()) && std::all_of(name.begin(), name.end(), [](char c) { return text::is_alnum(c) || c == '_'; });
}

/// Tags are at most what a header can hold, so that looking for a duplicate is kept short by this.
constexpr std::size_t max_tags = 100;

/// RFC 6376 section 3.2: an empty part may stand at the end only.
text::Parsed<std::vector<Tag>> tags_of(std::string_view text, std::size_t from) {
  std::vector<Tag> tags;
  tags.reserve(12);
  for (std::size_t at = from; at <= text.size();) {
    const std::size_t end = std::min(text.find(';', at), text.size());
    const std::string_view part = text.substr(at, end - at), body = text::trimmed(part);
    if (body.empty()) {
      if (end == text.size() && !tags.empty()) break;
      return text::ParseError{at, "an empty part in the list of tags"};
    }
    const std::size_t equals = text.find('=', at);
    const std::string_view name = text::trimmed(text.substr(at, std::min(equals, end) - at));
    if (equals >= end) return text::ParseError{at, "a tag without \"=\""};
    if (!is_tag_name(name)) return text::ParseError{at, "a tag name must be a letter, then letters, digits or \"_\""};
    if (std::any_of(tags.begin(), tags.end(), [&](const Tag& other) { return other.name == name; }))
      return text::ParseError{at, "the tag " + std::string(name) + " stands more than once"};
    if (tags.size() == max_tags) return text::ParseError{at, "more than 100 tags"};
    tags.push_back({name, text::trimmed(text.substr(equals + 1, end - equals - 1)), equals + 1, end});
    at = end + 1;
  }
  return tags;
}

/// One reading of a list of tags.
class Reader {
 public:
  Reader(const std::vector<Tag>& tags, FieldKind kind) : tags_(tags), kind_(kind) {}

  text::Parsed<SignatureField> run() {
    if (kind_ == FieldKind::signature) {
      const std::string version = required("v");
      if (error_.why.empty() && version != "1") fail("v", "v is not 1");
    }
    read_names_of_key();
    read_values();
    if (kind_ == FieldKind::signature) read_identity();
    else read_instance();
    if (kind_ == FieldKind::arc_seal) read_seal();
    else read_hashes();
    if (!error_.why.empty()) return error_;
    return std::move(out_);
  }

 private:
  const Tag* find(std::string_view name) const {
    const auto found = std::find_if(tags_.begin(), tags_.end(), [&](const Tag& tag) { return tag.name == name; });
    return found == tags_.end() ? nullptr : &*found;
  }

  /// Keeps the first error.
  void fail(std::string_view tag, std::string why) {
    const Tag* where = find(tag);
    if (error_.why.empty()) error_ = {where ? where->begin : 0, std::move(why)};
  }

  std::string required(std::string_view name) {
    const Tag* tag = find(name);
    std::string value = tag ? without_space(tag->value) : std::string();
    if (!tag) fail(name, "the tag " + std::string(name) + " is missing");
    else if (value.empty()) fail(name, "the tag " + std::string(name) + " is empty");
    return value;
  }

  std::string required_bytes(std::string_view name) {
    const std::string text = required(name);
    if (text.empty()) return {};
    auto bytes = decoded_base64(text);
    if (!bytes) fail(name, "the value of " + std::string(name) + " is not base64");
    return bytes ? std::move(*bytes) : std::string();
  }

  /// Decimal digits, as many as fit. Sections 3.5 (l=, t=, x=).
  std::optional<std::uint64_t> number(std::string_view name) {
    const Tag* tag = find(name);
    if (!tag) return std::nullopt;
    std::uint64_t value = 0;
    const std::string_view digits = tag->value;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      fail(name, "the value of " + std::string(name) + " is no number");
      return std::nullopt;
    }
    return value;
  }

  void read_names_of_key() {
    out_.algorithm_text = [&] {
      const Tag* tag = find("a");
      if (!tag || tag->value.empty()) fail("a", tag ? "the tag a is empty" : "the tag a is missing");
      return std::string(tag ? tag->value : std::string_view());
    }();
    constexpr std::pair<std::string_view, Algorithm> known[] = {
        {"rsa-sha256", Algorithm::rsa_sha256}, {"ed25519-sha256", Algorithm::ed25519_sha256}, {"rsa-sha1", Algorithm::rsa_sha1}};
    for (const auto& [text, algorithm] : known)
      if (out_.algorithm_text == text) out_.algorithm = algorithm;
    out_.domain = required("d");
    out_.selector = required("s");
  }

  void read_values() {
    out_.signature = required_bytes("b");
    if (const Tag* tag = find("b")) {
      out_.value_begin = tag->begin;
      out_.value_end = tag->end;
    }
    out_.time = number("t");
    if (const Tag* tag = find("q")) out_.query = without_space(tag->value);
  }

  /// i= is the domain of d= or one below it. Section 3.5.
  void read_identity() {
    const Tag* tag = find("i");
    out_.has_identity = tag != nullptr;
    out_.identity = tag ? without_space(tag->value) : "@" + out_.domain;
    const auto at = out_.identity.rfind('@');
    if (at == std::string::npos) return fail("i", "i has no domain");
    const std::string domain = text::lower(std::string_view(out_.identity).substr(at + 1)), signer = text::lower(out_.domain);
    const bool within = domain == signer || (domain.size() > signer.size() && domain.ends_with(signer) && domain[domain.size() - signer.size() - 1] == '.');
    if (!within) fail("i", "i is not within d");
    out_.expiry = number("x");
    out_.length = number("l");
    if (const Tag* z = find("z")) out_.copied = without_space(z->value);
  }

  void read_instance() {
    const auto instance = number("i");
    if (!find("i")) fail("i", "the tag i is missing");
    else if (instance && (*instance < 1 || *instance > 50)) fail("i", "the instance is not between 1 and 50");
    if (instance) out_.instance = static_cast<int>(*instance);
  }

  void read_seal() {
    out_.chain = required("cv");
    if (!out_.chain.empty() && out_.chain != "none" && out_.chain != "pass" && out_.chain != "fail") fail("cv", "cv is none of none, pass and fail");
    for (const std::string_view tag : {"h", "bh"})
      if (find(tag)) fail(tag, "a seal must not have the tag " + std::string(tag));  // RFC 8617 section 4.1.3
  }

  void read_canonicalization() {
    const Tag* tag = find("c");
    if (!tag) return;
    out_.has_canonicalization = true;
    const auto slash = tag->value.find('/');
    const auto read = [&](std::string_view word, Canonicalization& into) {
      if (word != "simple" && word != "relaxed") return fail("c", "c names no canonicalization that is known");
      into = word == "simple" ? Canonicalization::simple : Canonicalization::relaxed;
    };
    read(tag->value.substr(0, slash), out_.header);
    if (slash != std::string_view::npos) read(tag->value.substr(slash + 1), out_.body);
  }

  void read_hashes() {
    read_canonicalization();
    out_.body_hash = required_bytes("bh");
    const Tag* tag = find("h");
    if (!tag) return fail("h", "the tag h is missing");
    std::string_view rest = tag->value;
    while (!rest.empty()) {
      const auto colon = std::min(rest.find(':'), rest.size());
      if (out_.names.size() == max_signed_names) return fail("h", "h names more than 1000 fields");
      if (const auto name = text::trimmed(rest.substr(0, colon)); !name.empty()) out_.names.emplace_back(name);
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    if (out_.names.empty() && kind_ == FieldKind::signature) fail("h", "the tag h is empty");
  }

  const std::vector<Tag>& tags_;
  FieldKind kind_;
  SignatureField out_;
  text::ParseError error_;
};

}  // namespace

std::size_t SignatureField::times_signed(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [&](const std::string& one) { return text::equals_ignoring_case(one, name); }));
}

text::Parsed<SignatureField> parse_signature_field(std::string_view whole, FieldKind kind) {
  // A colon in front of the first "=" ends the field's name; a list of tags has none there.
  const auto colon = whole.find(':');
  const std::size_t from = colon != whole.npos && colon < whole.find('=') ? colon + 1 : 0;
  const auto tags = tags_of(whole, from);
  if (!tags) return tags.error();
  return Reader(*tags, kind).run();
}

std::optional<std::string> decoded_base64(std::string_view text) {
  std::string digits = without_space(text);
  const std::size_t padding = digits.size() - std::min(digits.find_last_not_of('=') + 1, digits.size());
  if (digits.empty() || digits.size() % 4 != 0 || padding > 2) return std::nullopt;
  std::string out(digits.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(digits.data()), static_cast<int>(digits.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

std::string encoded_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace mailmedic::dkim
