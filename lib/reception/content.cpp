#include "lib/reception/content.hpp"

#include <algorithm>

namespace mailmedic::reception {

namespace {
void append(Content& content, std::string_view bytes, std::uint64_t limit) {
  content.size += bytes.size();
  if (content.size <= limit) content.bytes += bytes;
  else std::string().swap(content.bytes);
}
}  // namespace

void DataReader::keep(std::string_view bytes) { append(content_, bytes, limit_); }

std::size_t DataReader::take(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && !is_done()) {
    if (place_ == Place::text) {
      const std::size_t end = std::min(bytes.find_first_of("\r\n", at), bytes.size());
      if (end > at) keep(bytes.substr(at, end - at));
      at = end;
      if (at == bytes.size()) break;
    }
    step(bytes[at++]);
  }
  return at;
}

void DataReader::step(char c) {
  const std::string_view one(&c, 1);
  if (place_ == Place::line_start && c == '.') {
    place_ = Place::dot;
    return;
  }
  if (place_ == Place::dot && c == '\r') {
    place_ = Place::dot_cr;
    return;
  }
  if (place_ == Place::dot_cr && c == '\n') {
    place_ = Place::done;
    return;
  }
  if (place_ == Place::dot_cr) {
    keep("\r");
    place_ = Place::cr;
  }
  if (place_ == Place::cr && c != '\n') ++content_.bare_cr;
  if (place_ != Place::cr && c == '\n') ++content_.bare_lf;
  const bool ends_line = place_ == Place::cr && c == '\n';
  keep(one);
  place_ = c == '\r' ? Place::cr : ends_line ? Place::line_start : Place::text;
}

std::size_t ChunkReader::take(std::string_view bytes) {
  bytes = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  for (const char c : bytes) {
    if (c == '\n' && !after_cr_) ++content_.bare_lf;
    if (c != '\n' && after_cr_) ++content_.bare_cr;
    after_cr_ = c == '\r';
  }
  append(content_, bytes, limit_);
  left_ -= bytes.size();
  return bytes.size();
}

}  // namespace mailmedic::reception
