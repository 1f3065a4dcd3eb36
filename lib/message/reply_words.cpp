#include "lib/message/reply_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/message/charset.hpp"
#include "lib/message/phrases.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/byte_set.hpp"

namespace mailmedic::message {

namespace {

constexpr auto npos = std::string_view::npos;

char byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

/// A byte of a character beyond ASCII: "原因：550" needs no space.
bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool is_word_byte(char c) {
  return text::is_alnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// Three digits as a reply code has them, with its end.
bool is_reply_at(std::string_view words, std::size_t at) {
  const char first = byte_at(words, at);
  if ((first != '2' && first != '4' && first != '5') || !text::is_digit(byte_at(words, at + 1)) ||
      !text::is_digit(byte_at(words, at + 2)))
    return false;
  // "222" is a number of something, rarely a reply: of the positive replies those of RFC 5321 section 4.2.3
  constexpr std::array<std::string_view, 6> positive = {"250", "251", "252", "220", "221", "235"};
  if (first == '2' && std::find(positive.begin(), positive.end(), words.substr(at, 3)) == positive.end()) return false;
  const char after = byte_at(words, at + 3);
  if (after == '.') return !text::is_digit(byte_at(words, at + 4));
  return after == '\0' || text::is_space(after) || std::string_view("-:,;])'\"<(").find(after) != npos;
}

/// Words behind which a number is a reply code.
constexpr std::array<std::string_view, 19> announcers = {
    "error", "code", "responsecode", "problem", "said", "returned", "response", "responded", "failure", "status", "smtp",
    "reply", "was", "errno", "with", "deferred", "rejected", "result", "server"};

/// A number that stands where a code stands: at the start, behind punctuation, behind a word that announces it.
bool in_place(std::string_view words, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && text::is_space(words[before - 1])) --before;
  if (before == 0) return true;
  const char c = words[before - 1];
  if (is_wide(c)) return true;
  if (before == at)
    return std::string_view("[('\"#>:").find(c) != npos && !(c == ':' && before > 1 && text::is_digit(words[before - 2]));
  if (std::string_view(":><[('\"#,;!").find(c) != npos) return true;
  if (words.substr(0, before).ends_with("...")) return true;
  std::size_t begin = before;
  while (begin > 0 && is_word_byte(words[begin - 1])) --begin;
  const std::string_view word = words.substr(begin, before - begin);
  if (word.size() == 3 && is_reply_at(words, begin)) return true;  // "550 550 5.1.1"
  return std::any_of(announcers.begin(), announcers.end(),
                     [&](std::string_view known) { return text::equals_ignoring_case(word, known); });
}

/// Whether an enhanced code may begin here: not within a number, a version, an address or a name.
bool may_begin_status(std::string_view words, std::size_t at) {
  if (at == 0) return true;
  const char c = words[at - 1];
  if ((is_word_byte(c) && !is_wide(c)) || c == '.' || c == '/' || c == '@') return false;
  if (c == '-') return at >= 4 && is_reply_at(words, at - 4);
  constexpr std::string_view version = "version ";
  return at < version.size() || !text::equals_ignoring_case(words.substr(at - version.size(), version.size()), version);
}

std::string_view find_status(std::string_view words, std::size_t from) {
  for (auto dot = words.find('.', from + 1); dot != npos; dot = words.find('.', dot + 1)) {
    const std::size_t at = dot - 1;
    if (!text::is_digit(words[at]) || !may_begin_status(words, at)) continue;
    if (const auto status = status_at(words.substr(at)); !status.empty()) return status;
  }
  return {};
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 20> commands = {
    { {"rcpt", "RCPT"}, {"mail from", "MAIL"}, {"mail_from", "MAIL"}, {"mail command", "MAIL"}, {"end of data", "DATA"}, {"end-of-data", "DATA"}, {"data", "DATA"}, {"bdat", "DATA"}, {"dot", "DATA"}, {"message body", "DATA"}, {"ehlo", "EHLO"}, {"helo", "EHLO"}, {"lhlo", "EHLO"}, {"starttls", "STARTTLS"}, {"auth", "AUTH"}, {"initial connection", "CONN"}, {"initial server greeting", "CONN"}, {"connect", "CONN"}, {"server greeting", "CONN"}, {"mail ", "MAIL"}, }};

/// Behind these a command is named.
constexpr std::array<std::string_view, 13> introductions = {
    "in reply to ", "response to ", "following ", "smtp error, ", "did not like our ", ">>> ", "<<< ", "while sending ",
    "while performing the ", "while receiving the ", "error after ", "server after ", "["};
/// These may stand between.
constexpr std::array<std::string_view, 6> fillers = {"pipelined ", "final ", "sending ", "the ", "end of ", "sending end of "};

/// Whole sentences that say it otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> sentences = {
    { {"refused to talk to me", "CONN"}, {"does not like recipient", "RCPT"}, {"does not like sender", "MAIL"}, {"sender was rejected", "MAIL"}, {"name was rejected", "EHLO"}, {"failed after i sent the message", "DATA"}, {"failed on data command", "DATA"}, {"rejected by the server during data", "DATA"}, {"tls is required, but", "STARTTLS"}, {"cannot start tls", "STARTTLS"}, {"tls handshake", "STARTTLS"}, {"tls session", "STARTTLS"}, {"server certificate", "STARTTLS"}, {"connect to ", "CONN"}, {"connection refused", "CONN"}, {"connection timed out", "CONN"}, {"smtp connection", "CONN"}, {"requests to connect", "CONN"}, {"could not connect", "CONN"}, {"unable to connect", "CONN"}, {"socket error", "CONN"}, {"no route to host", "CONN"}, }};

std::string command_behind(std::string_view lower) {
  for (int taken = 0; taken < 2; ++taken)
    for (const std::string_view filler : fillers)
      if (lower.starts_with(filler) && !lower.starts_with("end of data")) lower.remove_prefix(filler.size());
  for (const auto& [written, command] : commands)
    if (lower.starts_with(written)) return std::string(command);
  return {};
}

std::string_view ip_address_at(std::string_view words, std::size_t at) {
  std::string_view rest = words.substr(at);
  if (text::starts_with_ignoring_case(rest, "IPv6:")) rest.remove_prefix(5);
  const auto end = std::find_if_not(rest.begin(), rest.end(), [](char c) { return text::is_alnum(c) || c == '.' || c == ':'; });
  std::string_view address(rest.data(), static_cast<std::size_t>(end - rest.begin()));
  while (address.ends_with('.') || address.ends_with(':')) address.remove_suffix(1);
  if (is_ip_address(address)) return address;
  const auto port = address.rfind(':');  // "192.0.2.1:25"
  if (port == npos || !is_ip_address(address.substr(0, port)) || address.find('.') == npos) return {};
  return address.substr(0, port);
}

bool is_name_byte(char c) {
  return text::is_alnum(c) || c == '.' || c == '-' || c == '_';
}

/// The host name that ends at `end`: "mx.example.org" of "host mx.example.org.".
std::string_view name_before(std::string_view words, std::size_t end) {
  while (end > 0 && (text::is_space(words[end - 1]) || words[end - 1] == '[' || words[end - 1] == '(')) --end;
  std::size_t begin = end;
  while (begin > 0 && is_name_byte(words[begin - 1])) --begin;
  std::string_view name = words.substr(begin, end - begin);
  while (name.ends_with('.')) name.remove_suffix(1);
  return name.find('.') == npos || is_ip_address(name) ? std::string_view() : name;
}

/// Behind these a server is named.
constexpr std::array<std::string_view, 7> talked_to = {
    "while talking to ", "host: ", "host ", "connected to ", "smtp server <", "server for the domain ", "by "};

std::string_view name_at(std::string_view words) {
  std::size_t end = 0;
  while (end < words.size() && is_name_byte(words[end])) ++end;
  std::string_view name = words.substr(0, end);
  while (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

std::string_view status_at(std::string_view text) {
  const char first = byte_at(text, 0);
  if ((first != '2' && first != '4' && first != '5') || byte_at(text, 1) != '.' || !text::is_digit(byte_at(text, 2)) ||
      byte_at(text, 3) != '.')
    return {};
  std::size_t end = 4;
  while (end < text.size() && end < 8 && text::is_digit(text[end])) ++end;
  if (end == 4 || end == 8) return {};
  const char after = byte_at(text, end);
  if (is_word_byte(after) || (after == '.' && text::is_digit(byte_at(text, end + 1)))) return {};
  return text.substr(0, end);
}

Codes codes_of(std::string_view words) {
  Codes out;
  out.at = words.size();
  for (std::size_t at = 0; at + 3 <= words.size(); ++at) {
    if (!text::is_digit(words[at]) || !is_reply_at(words, at) ||
        (at > 0 && ((is_word_byte(words[at - 1]) && !is_wide(words[at - 1])) || std::string_view(".-/@+").find(words[at - 1]) != npos)))
      continue;
    const std::size_t behind = words.find_first_not_of(" -\t:#", at + 3);
    const std::string_view status = behind == npos ? std::string_view() : status_at(words.substr(behind));
    if (status.empty() && !in_place(words, at)) continue;
    out.reply = words.substr(at, 3);
    out.at = at;
    out.status = status;
    break;
  }
  if (out.status.empty()) out.status = find_status(words, out.reply.empty() ? 0 : out.at);
  if (out.status.empty() && !out.reply.empty()) out.status = find_status(words.substr(0, out.at), 0);
  if (!out.status.empty()) out.at = std::min(out.at, static_cast<std::size_t>(out.status.data() - words.data()));
  return out;
}

std::string command_of(std::string_view words) {
  // What occurs at all is found in one pass; "[", the last introduction, is too short for that.
  constexpr std::size_t long_ones = introductions.size() - 1;
  static const Phrases known = [] {
    std::vector<std::string> out(introductions.begin(), introductions.begin() + long_ones);
    for (const auto& [sentence, command] : sentences) out.emplace_back(sentence);
    return Phrases(std::move(out));
  }();
  const std::string lower = text::lower(words.substr(0, 4000));
  std::vector<int> said = known.in(lower);
  const auto first_sentence = std::lower_bound(said.begin(), said.end(), static_cast<int>(long_ones));
  std::vector<std::string_view> introduced;
  for (auto it = said.begin(); it != first_sentence; ++it) introduced.push_back(introductions[static_cast<std::size_t>(*it)]);
  introduced.push_back(introductions.back());
  std::string found;
  std::size_t first = npos;
  for (const std::string_view introduction : introduced)
    for (std::size_t at = 0; (at = lower.find(introduction, at)) != npos; at += introduction.size()) {
      if (at >= first) break;
      if (auto command = command_behind(std::string_view(lower).substr(at + introduction.size())); !command.empty()) {
        first = at;
        found = std::move(command);
      }
    }
  if (!found.empty()) return found;
  return first_sentence == said.end() ? std::string() : std::string(sentences[static_cast<std::size_t>(*first_sentence) - long_ones].second);
}

Server server_of(std::string_view words) { return server_of(words, codes_of(words)); }

Server server_of(std::string_view words, const Codes& codes) {
  Server out;
  // What the server itself said may name others: "Client host [192.0.2.1] blocked"
  const std::string_view ours = words.substr(0, codes.at);
  for (std::size_t at = 0; at < ours.size(); ++at) {
    const bool starts = text::is_digit(ours[at]) || (text::is_alnum(ours[at]) && at > 0 && ours[at - 1] == '[');
    if (!starts || (at > 0 && (is_name_byte(ours[at - 1]) || ours[at - 1] == '@'))) continue;
    const std::string_view address = ip_address_at(ours, at);
    if (address.empty()) continue;
    out.address = address;
    out.name = name_before(ours, at);
    if (!out.name.empty()) return out;
    break;
  }
  const std::string lower = text::lower(ours.substr(0, 2000));
  for (const std::string_view introduction : talked_to) {
    const auto at = lower.find(introduction);
    if (at == npos || (at > 0 && is_word_byte(lower[at - 1]))) continue;
    const std::string_view name = name_at(ours.substr(at + introduction.size()));
    const std::string_view rest = std::string_view(lower).substr(std::min(at + introduction.size() + name.size(), lower.size()));
    if (name.find('.') == npos || is_ip_address(name) || rest.starts_with(" not found")) continue;
    out.name = name;
    break;
  }
  return out;
}

bool is_ip_address(std::string_view text) {
  if (text.find(':') != npos) {
    // "23:34:45" is a time
    const auto colons = std::count(text.begin(), text.end(), ':');
    return text.size() <= 45 && (colons == 7 || (colons >= 2 && text.find("::") != npos)) &&
           text.find_first_not_of("0123456789abcdefABCDEF:.") == npos;
  }
  const auto pieces = text::split(text, '.');
  return pieces.size() == 4 && std::all_of(pieces.begin(), pieces.end(), [](std::string_view piece) {
           return !piece.empty() && piece.size() <= 3 && piece.find_first_not_of("0123456789") == npos &&
                  (piece.size() < 3 || piece <= "255");
         });
}

std::string reply_in_one(std::string_view words, std::size_t longest) {
  std::string out;
  out.reserve(std::min(words.size(), longest));
  std::string_view reply, status;
  bool several = false;
  std::string_view rest = utf8_prefix(words, longest * 2);
  for (std::string_view word = text::take_word(rest); !word.empty(); word = text::take_word(rest)) {
    std::string_view kept = word;
    if (out.empty() && is_reply_at(word, 0)) {
      reply = word.substr(0, 3);
      several = byte_at(word, 3) == '-';
      if (several) {
        out = reply;
        kept.remove_prefix(4);
        status = status_at(kept);
        if (kept.empty()) continue;
      }
    } else if (!reply.empty() && out == reply && word == reply) {
      continue;  // "550 550 5.1.1"
    } else if (several && word.starts_with(reply) && (word.size() == 3 || word[3] == '-')) {
      // the code of the next line, perhaps with the enhanced one
      kept = word.substr(std::min<std::size_t>(word.size(), 4));
      if (kept == status) kept = {};
      if (kept.empty()) continue;
    } else if (several && !status.empty() && word == status && out.size() > 12) {
      continue;
    }
    if (!out.empty()) out += ' ';
    out += kept;
    if (out.size() > longest) break;
  }
  out.resize(utf8_prefix(out, longest).size());
  return out;
}

bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == npos || at == 0 || at + 1 == text.size() || text.size() > 1000) return false;
  const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  if (domain.starts_with('[')) return domain.ends_with(']') && domain.size() > 2;
  const auto domain_byte = [](char c) { return is_name_byte(c) || static_cast<unsigned char>(c) >= 0x80; };
  if (!std::all_of(domain.begin(), domain.end(), domain_byte) || domain.starts_with('.') || domain.find("..") != npos)
    return false;
  if (local.size() >= 2 && local.starts_with('"') && local.ends_with('"')) return true;
  constexpr text::ByteSet outside(" \t\r\n<>()[],;:\"\\@");
  return outside.first_in(local) == local.size();
}

std::string_view address_in(std::string_view words) {
  constexpr text::ByteSet ends(" \t\r\n<>()[],;:\"'|*");
  for (std::size_t at = 0; (at = words.find('@', at)) != npos; ++at) {
    std::size_t end = at + 1;
    while (end < words.size() && (is_name_byte(words[end]) || static_cast<unsigned char>(words[end]) >= 0x80)) ++end;
    // Chinese and full-width punctuation may touch the address
    const std::string_view domain = words.substr(at + 1, end - at - 1);
    for (const std::string_view mark : {"\xef\xbc", "\xe3\x80", "\xef\xbb", "\xe2\x80"})
      if (const auto found = domain.find(mark); found != npos) end = std::min(end, at + 1 + found);
    while (end > at + 1 && (words[end - 1] == '.' || words[end - 1] == '-' || words[end - 1] == '_')) --end;
    std::size_t begin = at;
    if (at > 0 && words[at - 1] == '"') {
      const auto quote = at < 2 ? npos : words.rfind('"', at - 2);
      if (quote == npos) continue;
      begin = quote;
    } else {
      while (begin > 0 && !ends.has(words[begin - 1]) && at - begin < 300) --begin;
      for (const std::string_view mark : {"\xef\xbc\x88", "\xef\xbc\x9a", "\xe3\x80\x8c", "\xe3\x80\x90", "\xe2\x80\x9c"})
        if (const auto found = words.substr(begin, at - begin).rfind(mark); found != npos) begin += found + mark.size();
    }
    const std::string_view found = words.substr(begin, end - begin);
    if (is_address(found)) return found;
  }
  return {};
}

}  // namespace mailmedic::message
