#include "lib/maillog/scan.hpp"

#include "lib/text/ascii.hpp"

namespace mailmedic::maillog {

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin);
  if (from == text.npos) return {};
  text.remove_prefix(from + begin.size());
  const auto to = text.find(end);
  return to == text.npos ? std::string_view() : text.substr(0, to);
}

bool is_enhanced_code(std::string_view text) {
  if (text.size() < 5 || text.size() > 9 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return false;
  int dots = 0, digits = 0;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0) return false;
      ++dots, digits = 0;
    } else if (!text::is_digit(c) || ++digits > 3) {
      return false;
    }
  }
  return dots == 2 && digits > 0;
}

std::string_view reply_code_in(std::string_view reply) {
  const bool is_code = reply.size() >= 3 && reply[0] >= '2' && reply[0] <= '5' && text::is_digit(reply[1]) && text::is_digit(reply[2]) &&
                       (reply.size() == 3 || reply[3] == ' ' || reply[3] == '-');
  return is_code ? reply.substr(0, 3) : std::string_view();
}

std::string_view enhanced_code_in(std::string_view reply) {
  if (!reply_code_in(reply).empty()) reply.remove_prefix(reply.size() == 3 ? 3 : 4);
  const std::string_view word = reply.substr(0, reply.find_first_of(" :;,)"));
  if (is_enhanced_code(word)) return word;
  if (word.starts_with('(') || word.starts_with('#')) {
    const std::string_view inner = word.substr(1);
    if (is_enhanced_code(inner)) return inner;
  }
  return {};
}

}  // namespace mailmedic::maillog
