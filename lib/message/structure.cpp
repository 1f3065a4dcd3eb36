#include "lib/message/structure.hpp"

#include <algorithm>

#include "lib/message/charset.hpp"
#include "lib/message/lines.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

class Walk {
 public:
  Structure run(const Header& header) {
    visit(header, 0, 0);
    return std::move(out_);
  }

 private:
  void visit(const Header& header, std::size_t parent, std::size_t depth) {
    if (out_.entities.size() == max_entities) {
      out_.cut = true;
      return;
    }
    Entity one{.parent = parent, .depth = depth, .content_type = header["Content-Type"], .encoding = header["Content-Transfer-Encoding"], .disposition = header["Content-Disposition"], .content_id = header["Content-ID"], .body = header.body(), .boundary = {}};
    const auto words = text::words(one.content_type.substr(0, std::min(one.content_type.find(';'), one.content_type.size())));
    if (!words.empty()) one.type = text::lower(words.front());
    if (one.is_multipart()) one.boundary = parameter(one.content_type, "boundary");
    const std::size_t self = out_.entities.size();
    out_.entities.push_back(std::move(one));
    if (out_.entities[self].boundary.empty()) return;
    if (depth == max_entity_depth) out_.cut = true;
    else split(self, depth);
  }

  void split(std::size_t self, std::size_t depth) {
    const std::string delimiter = "--" + std::string(out_.entities[self].boundary);
    const std::string_view body = out_.entities[self].body;
    std::size_t at = find_delimiter(body, delimiter, 0);
    while (at != body.npos) {
      out_.entities[self].found = true;
      const std::string_view line = line_at(body, at);
      if (text::trimmed(line.substr(delimiter.size())).starts_with("--")) {
        out_.entities[self].closed = true;
        return;
      }
      if (out_.cut) return;
      const std::size_t begin = at + line.size(), next = find_delimiter(body, delimiter, begin);
      std::string_view content = body.substr(begin, next == body.npos ? body.npos : next - begin);
      if (next != body.npos) content = without_end(content);  // RFC 2046 section 5.1.1
      visit(Header(content), self, depth + 1);
      at = next;
    }
  }

  Structure out_;
};

/// "name*=UTF-8''..." and "name*0=...; name*1=...". RFC 2231 sections 3 and 4.
std::string extended_parameter(std::string_view value, const std::string& name) {
  std::string out, charset;
  bool encoded = false;
  for (int i = -1; i < 50; ++i) {
    const std::string key = i < 0 ? name : name + "*" + std::to_string(i);
    const std::string_view plain = i < 0 ? std::string_view() : parameter(value, key), escaped = parameter(value, key + "*");
    if (plain.empty() && escaped.empty()) {
      if (i >= 0) break;
      continue;
    }
    if (escaped.empty()) {
      out += plain;
      continue;
    }
    std::string_view rest = escaped;
    const auto first = rest.find('\'');
    if (const auto second = first == rest.npos ? first : rest.find('\'', first + 1); i <= 0 && second != rest.npos) {
      charset = rest.substr(0, first);
      rest.remove_prefix(second + 1);
    }
    std::string percent(rest);
    std::replace(percent.begin(), percent.end(), '=', '_');
    std::replace(percent.begin(), percent.end(), '%', '=');
    out += from_quoted_printable(percent);
    encoded = true;
    if (i < 0) break;
  }
  return encoded ? to_utf8(out, charset) : out;
}

}  // namespace

bool Entity::is_attached() const { return text::starts_with_ignoring_case(disposition, "attachment"); }

Structure structure_of(const Header& header) { return Walk().run(header); }

std::string_view decoded(const Entity& entity, std::string& storage, std::size_t limit) {
  Part part;
  part.encoding = entity.encoding;
  part.body = entity.body;
  return decoded(part, storage, limit);
}

std::string file_name(const Entity& entity) {
  constexpr std::size_t longest = 500;
  for (const auto& [field, name] : {std::pair{entity.disposition, "filename"}, std::pair{entity.content_type, "name"}}) {
    const std::string_view value = field.substr(0, 4000);
    std::string found = extended_parameter(value, name);
    if (found.empty()) found = decoded_words(parameter(value, name));
    if (!found.empty()) return std::string(utf8_prefix(found, longest));
  }
  return {};
}

}  // namespace mailmedic::message
