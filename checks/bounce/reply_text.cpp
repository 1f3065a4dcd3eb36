#include "checks/bounce/reply_text.hpp"

#include <algorithm>
#include <array>

#include "lib/net/address.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

bool is_code(std::string_view word) {
  return word.size() == 3 && (word[0] == '4' || word[0] == '5') && word[1] >= '0' && word[1] <= '7' && text::is_digit(word[2]);
}

/// A code at the start of a word, by itself or before '-', which goes on with text or status: "550", "550-5.1.1", "554-No".
std::string_view code_of(std::string_view word) {
  const std::string_view code = word.substr(0, 3);
  return is_code(code) && (word.size() == 3 || word[3] == '-') ? code : std::string_view();
}

/// Does the whole word name a status: "5.1.1", "#5.1.1", "(#5.1.1)", "5.1.1:"? Then without its dress.
std::string_view status_of(std::string_view word) {
  while (!word.empty() && !text::is_alnum(word.front())) word.remove_prefix(1);
  while (!word.empty() && !text::is_alnum(word.back())) word.remove_suffix(1);
  const auto parts = text::split(word, '.');
  if (parts.size() != 3 || (parts[0] != "4" && parts[0] != "5")) return {};
  const auto is_number = [](std::string_view part) { return !part.empty() && part.size() <= 3 && std::all_of(part.begin(), part.end(), text::is_digit); };
  return is_number(parts[1]) && is_number(parts[2]) ? word : std::string_view();
}

/// The text between two marks, or empty.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const auto begin = text.find(before);
  if (begin == text.npos) return {};
  const std::string_view rest = text.substr(begin + before.size());
  const auto end = rest.find(after);
  return end == rest.npos ? std::string_view() : rest.substr(0, end);
}

std::size_t find_ignoring_case(std::string_view text, std::string_view wanted) {
  const auto same = [](char a, char b) { return text::lower(a) == text::lower(b); };
  const auto found = std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same);
  return found == text.end() ? text.npos : static_cast<std::size_t>(found - text.begin());
}

/// Behind which of these the server's own words stand, in the order of trust.
constexpr std::array<std::string_view, 7> introductions{" said: ", "Remote host said: ", "Remote server returned '", "smtp; ", "smtp;", " responded: ", "server response: "};

/// The reply within the quotation.
std::string_view quoted_reply(std::string_view text) {
  for (const std::string_view words : introductions)
    if (const auto at = find_ignoring_case(text, words); at != text.npos) return text::trimmed(text.substr(at + words.size()));
  // Exim: "host mx.example.net [192.0.2.1]: 550 ..."
  if (const auto at = text.find("]: "); at != text.npos && !code_of(text.substr(at + 3, 4).substr(0, 3)).empty()) return text.substr(at + 3);
  return text;
}

/// Who refused, in Postfix's and Exim's words.
void read_host(std::string_view text, message::RecipientReport& out) {
  for (const std::string_view words : {"host ", "connect to "}) {
    const auto at = text.find(words);
    if (at == text.npos || (at > 0 && text::is_alnum(text[at - 1]))) continue;
    const std::string_view rest = text.substr(at + words.size());
    const auto open = rest.find('['), close = rest.find(']');
    if (open == rest.npos || close == rest.npos || close < open || open > 256) continue;
    const std::string_view name = text::trimmed(rest.substr(0, open));
    if (name.empty() || name.find(' ') != name.npos || !net::parse_address(rest.substr(open + 1, close - open - 1))) continue;
    out.remote_mta = text::lower(name);
    out.remote_address = std::string(rest.substr(open + 1, close - open - 1));
    return;
  }
}

void read_command(std::string_view text, message::RecipientReport& out) {
  const std::string_view command = between(text, "(in reply to ", ")");
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> commands{{{"RCPT TO", "RCPT"}, {"MAIL FROM", "MAIL"}, {"end of DATA", "DATA"}, {"DATA", "DATA"}, {"EHLO", "EHLO"}, {"HELO", "EHLO"}, {"STARTTLS", "STARTTLS"}}};
  for (const auto& [words, name] : commands)
    if (command.starts_with(words)) {
      out.command = std::string(name);
      return;
    }
}

}  // namespace

std::string unfolded(std::string_view reply) {
  std::string out;
  out.reserve(reply.size());
  std::string_view code, status;
  bool at_line_start = false;  // just behind a code that was left out
  const auto put = [&](std::string_view word) {
    if (!out.empty()) out += ' ';
    out += word;
  };
  for (std::string_view word : text::words(reply)) {
    const std::string_view here = code_of(word);
    if (code.empty() && !here.empty()) {
      code = here;
      std::string_view rest = word.substr(std::min<std::size_t>(word.size(), 4));
      put(code);
      if (status = status_of(rest); !rest.empty()) put(rest);
      at_line_start = rest.empty();
      continue;
    }
    if (!code.empty() && here == code && (word.size() > 3 || !at_line_start)) {
      word.remove_prefix(std::min<std::size_t>(word.size(), 4));
      at_line_start = word.empty();
      if (!word.empty() && (status.empty() || status_of(word) != status)) put(word);
      continue;
    }
    if (at_line_start) {
      at_line_start = false;
      const std::string_view seen = status_of(word);
      if (!seen.empty() && seen == status) continue;
      if (status.empty()) status = seen;
    }
    put(word);
  }
  return out;
}

std::string status_in(std::string_view text) {
  for (const std::string_view word : text::words(text)) {
    if (const std::string_view found = status_of(word); !found.empty()) return std::string(found);
    if (const std::string_view code = code_of(word); !code.empty() && word.size() > 4)
      if (const std::string_view found = status_of(word.substr(4)); !found.empty()) return std::string(found);
  }
  return {};
}

message::RecipientReport read_reply(std::string_view given) {
  message::RecipientReport out;
  const std::string_view text = text::trimmed(given);
  read_host(text, out);
  read_command(text, out);
  if (const auto open = text.find('<'); open != text.npos && open < 12) {
    const std::string_view address = between(text, "<", ">");
    if (address.find('@') != address.npos && address.find(' ') == address.npos) out.recipient = std::string(address);
  }
  std::string_view reply = quoted_reply(text);
  if (const auto tail = reply.find(" (in reply to "); tail != reply.npos) reply = reply.substr(0, tail);
  out.diagnostic = unfolded(reply);
  const auto words = text::words(out.diagnostic);
  for (std::size_t i = 0; i < words.size() && out.reply_code.empty(); ++i) {
    const bool leads = i == 0, is_followed = i + 1 < words.size() && !status_of(words[i + 1]).empty();
    std::string_view word = words[i];
    if (!word.empty() && (word[0] == '#' || word[0] == '\'' || word[0] == '"' || word[0] == '(')) word.remove_prefix(1);
    if (is_code(word) && (leads || is_followed || i < 3)) out.reply_code = std::string(word);
  }
  out.status = status_in(out.diagnostic);
  return out;
}

}  // namespace mailmedic::bounce
