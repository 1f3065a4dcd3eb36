#include "lib/dns/name.hpp"

#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <memory>

#include "lib/text/ascii.hpp"

namespace mailmedic::dns {

namespace {
constexpr std::size_t max_label = 63;  // RFC 1035 section 2.3.4
constexpr std::size_t max_wire = 255;

/// Builds the escaped text of a name label by label, with the limits of RFC 1035.
class Builder {
 public:
  void byte(unsigned char c) {
    c = static_cast<unsigned char>(text::lower(static_cast<char>(c)));
    if (c == '.' || c == '\\' || c == '"' || c == ';' || c == '(' || c == ')' || c == '@' || c == '$')
      out_ += {'\\', static_cast<char>(c)};
    else if (c > 0x20 && c < 0x7f)
      out_ += static_cast<char>(c);
    else
      out_ += fmt::format("\\{:03}", c);
    ++label_;
  }
  bool end_label() {
    if (label_ == 0) return fail("an empty label");
    if (label_ > max_label) return fail("a label of more than 63 bytes");
    wire_ += label_ + 1;
    if (wire_ + 1 > max_wire) return fail("a name of more than 253 bytes");
    label_ = 0;
    out_ += '.';
    return true;
  }
  std::string take() {
    if (!out_.empty()) out_.pop_back();
    return out_.empty() ? "." : std::move(out_);
  }
  const char* why() const { return why_; }

 private:
  bool fail(const char* why) {
    why_ = why;
    return false;
  }
  std::string out_;
  std::size_t label_ = 0, wire_ = 0;
  const char* why_ = "";
};

/// A master file name's next byte, escapes undone; `literal_dot` tells "\." from ".".
bool next_byte(std::string_view text, std::size_t& at, unsigned char& c, bool& literal) {
  literal = false;
  c = static_cast<unsigned char>(text[at++]);
  if (c != '\\') return true;
  literal = true;
  if (at >= text.size()) return false;
  if (text::is_digit(text[at])) {
    if (at + 3 > text.size() || !text::is_digit(text[at + 1]) || !text::is_digit(text[at + 2])) return false;
    const int value = (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
    if (value > 255) return false;
    c = static_cast<unsigned char>(value);
    at += 3;
    return true;
  }
  c = static_cast<unsigned char>(text[at++]);
  return true;
}
}  // namespace

text::Parsed<Name> Name::parse(std::string_view text) {
  if (text == ".") return Name();
  if (text.empty()) return text::ParseError{0, "an empty name"};
  if (text.size() > 4 * max_wire) return text::ParseError{4 * max_wire, "a name of more than 253 bytes"};
  std::string ascii;
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    char* mapped = nullptr;
    const std::string source(text);
    const int failed = idn2_to_ascii_8z(source.c_str(), &mapped, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<char, void (*)(void*)> owner(mapped, idn2_free);
    if (failed != IDN2_OK) return text::ParseError{0, idn2_strerror(failed)};
    ascii = mapped;
    text = ascii;
  }
  Builder builder;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t here = at;
    unsigned char c = 0;
    bool literal = false;
    if (!next_byte(text, at, c, literal)) return text::ParseError{here, "a broken \\ escape"};
    if (c != '.' || literal) {
      builder.byte(c);
      continue;
    }
    if (!builder.end_label()) return text::ParseError{here, builder.why()};
    if (at == text.size()) return Name(builder.take());
  }
  if (!builder.end_label()) return text::ParseError{text.size(), builder.why()};
  return Name(builder.take());
}

text::Parsed<Name> Name::from_bytes(std::string_view bytes) {
  if (!bytes.empty() && bytes.back() == '.') bytes.remove_suffix(1);
  if (bytes.empty()) return text::ParseError{0, "an empty name"};
  Builder builder;
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    if (at < bytes.size() && bytes[at] != '.')
      builder.byte(static_cast<unsigned char>(bytes[at]));
    else if (!builder.end_label())
      return text::ParseError{at, builder.why()};
  }
  return Name(builder.take());
}

text::Parsed<Name> Name::from_wire(std::string_view wire, std::size_t* size) {
  Builder builder;
  std::size_t at = 0;
  for (;;) {
    if (at >= wire.size()) return text::ParseError{at, "a name cut off"};
    const std::size_t length = static_cast<unsigned char>(wire[at++]);
    if (length == 0) break;
    if (length > max_label) return text::ParseError{at - 1, "a compression pointer or a bad label type"};
    if (at + length > wire.size()) return text::ParseError{at, "a label cut off"};
    for (std::size_t i = 0; i < length; ++i) builder.byte(static_cast<unsigned char>(wire[at + i]));
    if (!builder.end_label()) return text::ParseError{at, builder.why()};
    at += length;
  }
  if (size) *size = at;
  return Name(builder.take());
}

std::string Name::wire() const {
  std::string out;
  if (is_root()) return std::string(1, '\0');
  std::size_t length_at = 0;
  out.push_back('\0');
  for (std::size_t at = 0; at < text_.size();) {
    unsigned char c = 0;
    bool literal = false;
    next_byte(text_, at, c, literal);
    if (c == '.' && !literal) {
      out[length_at] = static_cast<char>(out.size() - length_at - 1);
      length_at = out.size();
      out.push_back('\0');
    } else {
      out.push_back(static_cast<char>(c));
    }
  }
  out[length_at] = static_cast<char>(out.size() - length_at - 1);
  out.push_back('\0');
  return out;
}

std::vector<std::string_view> Name::labels() const {
  std::vector<std::string_view> out;
  if (is_root()) return out;
  const std::string_view text = text_;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '.') {
      out.push_back(text.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  out.push_back(text.substr(begin));
  return out;
}

text::Parsed<Name> Name::prefixed(std::string_view labels) const {
  return parse(is_root() ? std::string(labels) : fmt::format("{}.{}", labels, text_));
}

Name Name::parent() const {
  const auto all = labels();
  if (all.size() < 2) return Name();
  return Name(text_.substr(static_cast<std::size_t>(all[1].data() - text_.data())));
}

Name Name::last_labels(std::size_t count) const {
  const auto all = labels();
  if (count >= all.size()) return *this;
  if (count == 0) return Name();
  return Name(text_.substr(static_cast<std::size_t>(all[all.size() - count].data() - text_.data())));
}

bool Name::is_within(const Name& other) const {
  if (other.is_root() || *this == other) return true;
  return last_labels(other.labels().size()) == other;
}

bool Name::is_host_name() const {
  if (is_root()) return false;
  for (const std::string_view label : labels()) {
    if (label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return text::is_alnum(c) || c == '-'; })) return false;
  }
  return true;
}

std::string Name::display() const {
  if (text_.find("xn--") == std::string::npos) return text_;
  char* decoded = nullptr;
  const int failed = idn2_to_unicode_8z8z(text_.c_str(), &decoded, 0);
  const std::unique_ptr<char, void (*)(void*)> owner(decoded, idn2_free);
  return failed == IDN2_OK ? std::string(decoded) : text_;
}

}  // namespace mailmedic::dns
