#include "lib/composition/encoding.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"

namespace mailmedic::composition {

namespace {
constexpr std::size_t line_length = 76;
/// Bytes in an encoded word: with "=?UTF-8?B?" and "?=" it makes 64 characters, so that a line with it and a field's name stays
/// within the 76 that RFC 2047 section 2 allows.
constexpr std::size_t word_bytes = 39;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool is_atom(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return text::is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~ ").find(c) != std::string_view::npos; });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}
}  // namespace

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7e || (static_cast<unsigned char>(c) < 0x20 && c != '\t'); });
}

std::string encoded_words(std::string_view text) {
  // What looks like an encoded word would be read as one.
  if (is_ascii(text) && text.find("=?") == text.npos) return std::string(text);
  std::string out;
  while (!text.empty()) {
    std::size_t size = std::min(word_bytes, text.size());
    while (size < text.size() && size > 1 && continues(text[size])) --size;
    if (!out.empty()) out += ' ';
    out += "=?UTF-8?B?" + text::to_base64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

std::string phrase(std::string_view name) {
  if (!is_ascii(name) || name.find("=?") != name.npos) return encoded_words(name);
  return is_atom(name) ? std::string(name) : quoted(name);
}

std::string parameter(std::string_view name, std::string_view value) {
  if (is_ascii(value)) {
    const bool is_token = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos; });
    return fmt::format("; {}={}", name, is_token ? std::string(value) : quoted(value));
  }
  std::string coded;
  for (const char c : value) coded += text::is_alnum(c) || c == '.' || c == '-' || c == '_' ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  // RFC 2231 section 3: in pieces where one line would be too long.
  if (coded.size() <= 60) return fmt::format("; {}*=UTF-8''{}", name, coded);
  std::string out;
  for (int piece = 0; !coded.empty(); ++piece) {
    std::size_t size = std::min<std::size_t>(60, coded.size());
    if (const auto percent = coded.rfind('%', size - 1); percent != coded.npos && percent + 3 > size && size < coded.size()) size = percent;
    out += fmt::format("; {}*{}*={}{}", name, piece, piece == 0 ? "UTF-8''" : "", coded.substr(0, size));
    coded.erase(0, size);
  }
  return out;
}

std::string field(std::string_view name, std::string_view value) {
  std::string out = std::string(name) + ':';
  std::size_t column = out.size();
  bool first = true;
  for (const std::string_view word : text::split(value, ' ')) {
    // The first word stays on the first line: some readers stumble over an empty one.
    if (!first && column + 1 + word.size() > 77) {
      out += "\r\n";
      column = 0;
    }
    first = false;
    out += ' ';
    out += word;
    column += 1 + word.size();
  }
  return out + "\r\n";
}

std::string base64_body(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() / 57 * 78 + 80);
  for (std::size_t at = 0; at < bytes.size(); at += 57) out += text::to_base64(bytes.substr(at, 57)) + "\r\n";
  return out;
}

std::string quoted_printable(std::string_view text) {
  const std::string lines = with_crlf(text);
  std::string out;
  std::size_t column = 0;
  const auto put = [&](const std::string& piece) {
    if (column + piece.size() > line_length - 1) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const char c = lines[i];
    if (c == '\r' && i + 1 < lines.size() && lines[i + 1] == '\n') {
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const bool ends_line = i + 1 == lines.size() || lines[i + 1] == '\r';
    const bool is_plain = (c >= '!' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !ends_line);
    // A dot and "From " at the start of a line are changed on the way by careless programs.
    const bool is_endangered = column == 0 && (c == '.' || (c == 'F' && lines.compare(i, 5, "From ") == 0));
    put(is_plain && !is_endangered ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c)));
  }
  return out;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\n' || text[i] == '\r') out += "\r\n";
    else out += text[i];
  }
  return out;
}

}  // namespace mailmedic::composition
