#include "lib/message/charset.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::message {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
constexpr char escape = '\x1b';

/// One direction of iconv(3). Opening one costs more than reading a report, so each thread keeps a few.
class Converter {
 public:
  explicit Converter(const std::string& charset) : handle_(iconv_open("UTF-8", charset.c_str())) {}
  ~Converter() {
    if (known()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool known() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  /// Nothing at the first bad byte if `strict`; otherwise each becomes U+FFFD.
  std::optional<std::string> run(std::string_view bytes, bool strict) {
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    std::string out(bytes.size() * 2 + 16, '\0');
    char* from = const_cast<char*>(bytes.data());  // iconv(3) does not write there; its type is older than const
    std::size_t left = bytes.size(), used = 0;
    while (left > 0) {
      char* to = out.data() + used;
      std::size_t room = out.size() - used;
      const bool done = iconv(handle_, &from, &left, &to, &room) != static_cast<std::size_t>(-1);
      used = out.size() - room;
      if (done) break;
      const bool bad = errno != E2BIG;
      if (bad && strict) return std::nullopt;
      // Only where there is no room: each byte may be a bad one.
      if (!bad || out.size() - used < replacement.size()) out.resize(out.size() + left * 2 + 16);
      if (!bad) continue;
      std::copy(replacement.begin(), replacement.end(), out.begin() + static_cast<std::ptrdiff_t>(used));
      used += replacement.size();
      ++from, --left;
    }
    out.resize(used);
    return out;
  }

 private:
  iconv_t handle_;
};

/// What senders write, and what reads it: the larger sets of the same family, as browsers do (WHATWG Encoding).
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> larger_sets = {
    { {"gb2312", "GB18030"}, {"gb_2312-80", "GB18030"}, {"x-gb2312", "GB18030"}, {"gbk", "GB18030"}, {"x-gbk", "GB18030"}, {"cp936", "GB18030"}, {"euc-cn", "GB18030"}, {"big5", "BIG5-HKSCS"}, {"x-x-big5", "BIG5-HKSCS"}, {"shift_jis", "CP932"}, {"shift-jis", "CP932"}, {"x-sjis", "CP932"}, {"ks_c_5601-1987", "CP949"}, {"euc-kr", "CP949"}, {"iso-8859-1", "CP1252"}, {"us-ascii", "CP1252"}, {"unicode-1-1-utf-7", "UTF-7"}, {"utf8", "UTF-8"}, }};

std::string iconv_name(std::string_view charset) {
  std::string name = text::lower(charset);
  for (const auto& [written, larger] : larger_sets)
    if (name == written) return std::string(larger);
  return name;
}

/// Nothing for a charset that iconv(3) does not know. The names come from the network.
Converter* converter(const std::string& name) {
  constexpr std::size_t longest_name = 40, most_kept = 24;
  const auto allowed = [](char c) { return text::is_alnum(c) || c == '-' || c == '_' || c == '.' || c == ':'; };
  if (name.empty() || name.size() > longest_name || !std::all_of(name.begin(), name.end(), allowed)) return nullptr;
  thread_local std::vector<std::pair<std::string, std::unique_ptr<Converter>>> kept;
  for (const auto& [known, one] : kept)
    if (known == name) return one->known() ? one.get() : nullptr;
  if (kept.size() == most_kept) kept.erase(kept.begin());
  kept.emplace_back(name, std::make_unique<Converter>(name));
  return kept.back().second->known() ? kept.back().second.get() : nullptr;
}

/// Double-byte Chinese comes in even runs of high bytes; single accented letters of Europe do not.
bool looks_double_byte(std::string_view bytes) {
  std::size_t pairs = 0, odd = 0, run = 0;
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      ++run;
    } else {
      pairs += run / 2;
      odd += run % 2;
      run = 0;
    }
  }
  pairs += run / 2;
  odd += run % 2;
  return pairs >= 2 && pairs > odd * 4;
}

/// Charsets in the order in which they are worth trying.
std::vector<std::string> candidates(std::string_view bytes, std::string_view charset) {
  const std::string declared = iconv_name(charset);
  std::vector<std::string> out;
  const bool shifts = bytes.find(escape) != bytes.npos;
  if (shifts && !declared.starts_with("iso-2022")) out.emplace_back("ISO-2022-JP");
  const bool vague = declared.empty() || declared == "CP1252" || declared == "UTF-8";
  if (!vague) out.push_back(declared);
  if (declared == "iso-2022-jp") {
    out.emplace_back("EUC-JP");
    out.emplace_back("CP932");
  }
  if (vague && looks_double_byte(bytes)) out.emplace_back("GB18030");
  out.emplace_back("CP1252");
  return out;
}

int hex(char c) {
  if (text::is_digit(c)) return c - '0';
  const char l = text::lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/// "=?charset?B?text?=" at the start of `value`: its bytes, its charset and its length.
struct EncodedWord {
  std::string bytes;
  std::string_view charset;
  std::size_t length;
};
std::optional<EncodedWord> encoded_word(std::string_view value) {
  if (!value.starts_with("=?")) return std::nullopt;
  const auto first = value.find('?', 2);
  if (first == value.npos || first + 2 >= value.size() || value[first + 2] != '?') return std::nullopt;
  const auto end = value.find("?=", first + 3);
  if (end == value.npos) return std::nullopt;
  const std::string_view content = value.substr(first + 3, end - first - 3);
  std::string_view charset = value.substr(2, first - 2);
  charset = charset.substr(0, charset.find('*'));  // language, RFC 2231 section 5
  const char kind = text::lower(value[first + 1]);
  if (kind == 'b') return EncodedWord{from_mime_base64(content), charset, end + 2};
  if (kind != 'q') return std::nullopt;
  std::string spaced(content);
  std::replace(spaced.begin(), spaced.end(), '_', ' ');
  return EncodedWord{from_quoted_printable(spaced), charset, end + 2};
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

bool is_known_charset(std::string_view charset) { return converter(iconv_name(charset)) != nullptr; }

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

bool is_plain_ascii(std::string_view bytes) {
  return text::ascii_length(bytes) == bytes.size() && bytes.find(escape) == bytes.npos;
}

std::string to_utf8(std::string_view bytes, std::string_view charset) {
  const bool utf7 = charset.size() >= 5 && text::lower(charset).find("utf-7") != std::string::npos;
  if (is_plain_ascii(bytes) && !utf7) return std::string(bytes);
  if (bytes.find(escape) == bytes.npos && !utf7 && text::is_utf8(bytes)) return std::string(bytes);
  const auto names = candidates(bytes, charset);
  for (const bool strict : {true, false})
    for (const std::string& name : names)
      if (Converter* one = converter(name))
        if (auto text = one->run(bytes, strict)) return std::move(*text);
  return std::string(bytes);
}

std::string from_quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t equals = std::min(text.find('=', at), text.size());
    out += text.substr(at, equals - at);
    at = equals;
    if (at == text.size()) break;
    const int high = at + 2 < text.size() ? hex(text[at + 1]) : -1, low = at + 2 < text.size() ? hex(text[at + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      at += 2;
      continue;
    }
    std::size_t end = at + 1;  // a soft line end, perhaps with white space that a relay put there
    while (end < text.size() && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r')) ++end;
    if (end == text.size()) break;
    if (text[end] == '\n')
      at = end;
    else
      out += '=';
  }
  return out;
}

std::string from_mime_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3 / 4);
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) {
      if (c == '=') bits = 0, count = 0;
      continue;
    }
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

std::string decoded_words(std::string_view value) {
  std::string out, pending, charset;
  const auto flush = [&] {
    out += to_utf8(pending, charset);
    pending.clear();
  };
  std::string_view rest = text::trimmed(value);
  bool after_word = false;
  while (!rest.empty()) {
    if (auto word = encoded_word(rest)) {
      // One character may be cut in two words: bytes of one charset are joined before they are converted.
      if (!text::equals_ignoring_case(charset, word->charset)) flush();
      charset = word->charset;
      pending += word->bytes;
      rest.remove_prefix(word->length);
      after_word = true;
      continue;
    }
    const auto next = rest.find("=?", rest.starts_with("=?") ? 2 : 0);
    const std::string_view plain = rest.substr(0, next);
    // White space between encoded words is none. RFC 2047 section 6.2
    if (!(after_word && text::trimmed(plain).empty() && next != rest.npos && encoded_word(rest.substr(next)))) {
      flush();
      out += to_utf8(plain, {});
    }
    after_word = false;
    rest.remove_prefix(std::min(next, rest.size()));
  }
  flush();
  return in_one_line(out);
}

}  // namespace mailmedic::message
