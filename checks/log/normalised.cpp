#include <algorithm>

#include "checks/log/cause.hpp"
#include "lib/maillog/scan.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::log {

namespace {

constexpr std::string_view opening = "<([\"'{", closing = ">)]\"'},.;:!?";

bool is_address_byte(char c) { return text::is_alnum(c) || c == '.' || c == ':'; }

/// An IPv4 or IPv6 address, perhaps with a port or prefix behind it.
bool is_address(std::string_view word) {
  const auto digits = std::count_if(word.begin(), word.end(), text::is_digit), dots = std::count(word.begin(), word.end(), '.');
  const bool only = std::all_of(word.begin(), word.end(), [](char c) { return is_address_byte(c) || c == '/'; });
  if (!only) return false;
  const bool is_ipv4 = dots == 3 && digits >= 4 && std::all_of(word.begin(), word.end(), [](char c) { return !text::is_alpha(c); });
  const bool hexadecimal = std::all_of(word.begin(), word.end(), [](char c) { return text::is_digit(c) || (text::lower(c) >= 'a' && text::lower(c) <= 'f') || c == ':' || c == '.'; });
  return is_ipv4 || (hexadecimal && std::count(word.begin(), word.end(), ':') >= 2);
}

bool is_host(std::string_view word) {
  const auto dot = word.rfind('.');
  if (dot == word.npos || dot == 0 || word.size() - dot < 3) return false;
  const auto host_byte = [](char c) { return text::is_alnum(c) || c == '-' || c == '.' || c == '_' || static_cast<unsigned char>(c) > 127; };
  return std::all_of(word.begin(), word.end(), host_byte) && std::all_of(word.begin() + static_cast<std::ptrdiff_t>(dot) + 1, word.end(), text::is_alpha);
}

/// "qYyyBMsl9FRuZQAAA15QOA", "98e67ed59e1d1-3-gsmtp": letters and digits mixed, and long.
bool is_id(std::string_view word) {
  if (word.size() < 7) return false;
  const auto digits = std::count_if(word.begin(), word.end(), text::is_digit);
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) { return text::is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '+' || c == '/' || c == '='; });
  return plain && digits >= 2 && std::any_of(word.begin(), word.end(), text::is_alpha);
}

/// Numbers within a word become "#".
void add_without_numbers(std::string_view word, std::string& out) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (!text::is_digit(word[i])) out += word[i];
    else if (i == 0 || !text::is_digit(word[i - 1])) out += '#';
  }
}

void add_word(std::string_view word, std::string_view before, std::string& out) {
  if (word.empty()) return;
  if (maillog::is_enhanced_code(word)) {
    out += word;
  } else if (const auto scheme = word.find("://"); scheme != word.npos) {
    const auto path = word.find('/', scheme + 3);
    out += word.substr(0, path);
    if (path != word.npos) out += "/...";
  } else if (word.find('@') != word.npos) {
    out += "<address>";
  } else if (const auto bracket = word.find('['); bracket != word.npos && word.find('.') != word.npos) {
    out += "<host>";  // "mx.example.org[192.0.2.1]:25"
  } else if (const auto equals = word.find('='); equals != word.npos && equals > 0 && equals + 1 < word.size()) {
    out += word.substr(0, equals + 1);
    add_word(word.substr(equals + 1), {}, out);
  } else if (is_address(word)) {
    out += "<ip>";
  } else if (is_host(word)) {
    const bool names_a_list = before == "using" || before == "by" || before == "at" || before == "in" || before == "on";
    if (names_a_list) out += word;
    else out += "<host>";
  } else if (is_id(word)) {
    out += "<id>";
  } else {
    add_without_numbers(word, out);
  }
}

}  // namespace

std::string normalised(std::string_view text) {
  constexpr std::size_t longest = 600;
  text = text.substr(0, longest);
  std::string out;
  out.reserve(text.size());
  const std::string_view code = maillog::reply_code_in(text);
  if (!code.empty()) {
    out += code;
    text.remove_prefix(code.size());
    // "550-5.1.1 " of replies in several lines
    if (text.starts_with('-')) out += ' ', text.remove_prefix(1);
  }
  std::string_view before;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == '\t') {
      if (!out.ends_with(' ')) out += ' ';
      ++at;
      continue;
    }
    auto end = text.find(' ', at);
    if (end == text.npos) end = text.size();
    std::string_view word = text.substr(at, end - at);
    at = end;
    // The code again in front of each further line of a reply.
    if (!code.empty() && word.size() > 4 && word.starts_with(code) && word[3] == '-') word.remove_prefix(4);
    std::size_t front = 0, back = word.size();
    while (front < back && opening.find(word[front]) != opening.npos) ++front;
    while (back > front && closing.find(word[back - 1]) != closing.npos) --back;
    const std::string_view core = word.substr(front, back - front);
    // "<joe@example.org>:" becomes "<address>:", not "<<address>>:".
    const bool replaced = core.find('@') != core.npos || is_address(core);
    const bool bracketed = replaced && front > 0 && back < word.size() && (word[back] == '>' || word[back] == ']');
    out += word.substr(0, bracketed ? front - 1 : front);
    add_word(core, before, out);
    out += word.substr(bracketed ? back + 1 : back);
    before = core;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace mailmedic::log
