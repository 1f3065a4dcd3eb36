#include "lib/message/mime.hpp"

#include <algorithm>
#include <cstring>

#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/message/lines.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/byte_set.hpp"

namespace mailmedic::message {

namespace {

/// Length of the field's name at the start of `line`, 0 if it is no field.
std::size_t name_length(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && line[at] > ' ' && line[at] < 127 && line[at] != ':') ++at;
  std::size_t colon = at;
  while (colon < line.size() && (line[colon] == ' ' || line[colon] == '\t')) ++colon;
  return colon < line.size() && line[colon] == ':' ? at : 0;
}

class Walk {
 public:
  std::vector<Part> run(const Header& header) {
    visit(header, 0, false);
    return std::move(parts_);
  }

 private:
  void visit(const Header& header, std::size_t depth, bool alternative) {
    if (parts_.size() == max_parts) return;
    const std::string_view content_type = header["Content-Type"];
    Part part;
    const auto end = std::min(content_type.find(';'), content_type.size());
    // Some forget the semicolon: the type is one word
    const auto words = text::words(content_type.substr(0, end));
    if (!words.empty() && words[0].find('/') != words[0].npos) part.type = text::lower(words[0]);
    if (part.type.starts_with("multipart/") && depth < max_part_depth) {
      const std::string_view boundary = parameter(content_type, "boundary");
      if (!boundary.empty() && split(header.body(), "--" + std::string(boundary), depth, part.type == "multipart/alternative"))
        return;
    }
    if (part.type.starts_with("multipart/")) part.type = "text/plain";
    part.charset = parameter(content_type, "charset");
    part.encoding = header["Content-Transfer-Encoding"];
    part.body = header.body();
    part.attached = text::starts_with_ignoring_case(header["Content-Disposition"], "attachment");
    part.alternative = alternative;
    parts_.push_back(std::move(part));
  }

  bool split(std::string_view body, const std::string& delimiter, std::size_t depth, bool alternative) {
    std::size_t at = find_delimiter(body, delimiter, 0);
    if (at == body.npos) return false;
    while (at != body.npos && parts_.size() < max_parts) {
      const std::string_view line = line_at(body, at);
      if (text::trimmed(line.substr(delimiter.size())).starts_with("--")) break;
      const std::size_t begin = at + line.size(), next = find_delimiter(body, delimiter, begin);
      std::string_view content = body.substr(begin, next == body.npos ? body.npos : next - begin);
      // The line end in front of a delimiter is the delimiter's own. RFC 2046 section 5.1.1
      if (next != body.npos) content = without_end(content);
      visit(Header(content), depth + 1, alternative);
      at = next;
    }
    return true;
  }

  std::vector<Part> parts_;
};

}  // namespace

Header::Header(std::string_view text) {
  fields_.reserve(20);
  std::size_t at = 0;
  if (text.starts_with("From ") || text.starts_with(">From ")) at = line_at(text, 0).size();
  const std::size_t begin = at;
  for (; at < text.size() && at - begin < max_header_bytes;) {
    const std::string_view line = line_at(text, at), bare = without_end(line);
    if (bare.empty()) {
      at += line.size();
      break;
    }
    const std::size_t name = bare.front() == ' ' || bare.front() == '\t' ? 0 : name_length(bare);
    if (name > 0) {
      if (fields_.size() == max_fields) break;
      fields_.push_back({bare, bare.substr(0, name), bare.substr(bare.find(':', name) + 1)});
    } else {
      const bool folded = bare.front() == ' ' || bare.front() == '\t';
      if (!folded || fields_.empty()) break;
      RawField& field = fields_.back();
      const char* end = bare.data() + bare.size();
      field.whole = std::string_view(field.whole.data(), static_cast<std::size_t>(end - field.whole.data()));
      field.value = std::string_view(field.value.data(), static_cast<std::size_t>(end - field.value.data()));
    }
    at += line.size();
  }
  body_ = text.substr(std::min(at, text.size()));
}

std::string_view Header::operator[](std::string_view name) const {
  for (const RawField& field : fields_)
    if (text::equals_ignoring_case(field.name, name)) return text::trimmed(field.value);
  return {};
}

std::size_t find_delimiter(std::string_view text, std::string_view delimiter, std::size_t at) {
  // As find(), which stops at each dash.
  const auto next = [&](std::size_t from) {
    const void* found = from >= text.size() ? nullptr : ::memmem(text.data() + from, text.size() - from, delimiter.data(), delimiter.size());
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : text.npos;
  };
  for (; (at = next(at)) != text.npos; ++at)
    if (at == 0 || text[at - 1] == '\n') {
      const std::string_view rest = text::trimmed(without_end(line_at(text, at)).substr(delimiter.size()));
      if (rest.empty() || rest == "--") return at;
    }
  return text.npos;
}

std::vector<Part> parts_of(const Header& header) {
  return Walk().run(header);
}

std::string_view decoded(const Part& part, std::string& storage, std::size_t limit) {
  const std::string_view body = part.body.substr(0, limit);
  if (text::equals_ignoring_case(part.encoding, "quoted-printable")) return storage = from_quoted_printable(body);
  if (text::equals_ignoring_case(part.encoding, "base64")) return storage = from_mime_base64(body);
  return body;
}

std::string_view parameter(std::string_view value, std::string_view name) {
  for (std::size_t at = 0; at + name.size() < value.size(); ++at) {
    if (text::lower(value[at]) != text::lower(name.front())) continue;
    const bool begins = at == 0 || value[at - 1] == ';' || text::is_space(value[at - 1]);
    if (!begins || !text::starts_with_ignoring_case(value.substr(at), name)) continue;
    std::string_view rest = text::trimmed(value.substr(at + name.size()));
    if (!rest.starts_with('=')) continue;
    rest = text::trimmed(rest.substr(1));
    if (rest.starts_with('"')) return rest.substr(1, rest.find('"', 1) == rest.npos ? rest.npos : rest.find('"', 1) - 1);
    constexpr text::ByteSet ends("; \t\r\n");
    return rest.substr(0, ends.first_in(rest));
  }
  return {};
}

}  // namespace mailmedic::message
