// What is common to all readers: from the words of a refusal to the fields of a RecipientReport.
#include <algorithm>
#include <array>
#include <cstring>

#include "lib/message/charset.hpp"
#include "lib/message/reply_words.hpp"
#include "lib/message/report_readers.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::message {

namespace {

/// As rfind(), which compares at each place: the second byte of what is looked for here is rare.
std::size_t last_of(std::string_view words, std::string_view tail) {
  for (std::size_t size = words.size(); size > 1;) {
    const void* second = ::memrchr(words.data() + 1, tail[1], size - 1);
    if (second == nullptr) break;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(second) - words.data());
    if (words.substr(at - 1).starts_with(tail)) return at - 1;
    size = at;
  }
  return words.npos;
}

std::string_view without_tail(std::string_view words) {
  for (const std::string_view tail : {" (in reply to", " [RCPT_TO]", " [MAIL_FROM]", " [DATA]", " Giving up on "})
    if (const auto at = last_of(words, tail); at != words.npos && at > 0) words = words.substr(0, at);
  words = text::trimmed(words);
  // "It responded as follows: [550 No such user]"
  if (words.ends_with(']') && words.find('[') == words.npos) words.remove_suffix(1);
  return words;
}

/// `\x{4e2d}` of RFC 6533 section 3.
std::string without_escapes(std::string_view address) {
  std::string out;
  for (std::size_t at = 0; at < address.size(); ++at) {
    const auto end = address.substr(at).starts_with("\\x{") ? address.find('}', at) : address.npos;
    if (end == address.npos || end - at > 10) {
      out += address[at];
      continue;
    }
    std::uint32_t code = 0;
    bool good = end > at + 3;
    for (const char c : address.substr(at + 3, end - at - 3)) {
      const char l = text::lower(c);
      good = good && (text::is_digit(c) || (l >= 'a' && l <= 'f'));
      code = code * 16 + static_cast<std::uint32_t>(text::is_digit(c) ? c - '0' : l - 'a' + 10);
    }
    if (!good || code > 0x10ffff || code < 0x20) return std::string(address);
    append_utf8(out, code);
    at = end;
  }
  return out;
}

/// Exim writes the bytes of UTF-8 as "\\303\\266".
std::string without_octal(std::string words) {
  if (words.find('\\') == words.npos) return words;
  std::string out;
  const auto octal = [&](std::size_t at) { return at < words.size() && words[at] >= '0' && words[at] <= '7'; };
  for (std::size_t at = 0; at < words.size(); ++at) {
    const bool byte =
        words[at] == '\\' && octal(at + 1) && words[at + 1] >= '2' && words[at + 1] <= '3' && octal(at + 2) && octal(at + 3);
    if (!byte) {
      out += words[at];
      continue;
    }
    out += static_cast<char>((words[at + 1] - '0') * 64 + (words[at + 2] - '0') * 8 + words[at + 3] - '0');
    at += 3;
  }
  return text::is_utf8(out) ? out : words;
}

}  // namespace

void understand(std::string_view words, RecipientReport& recipient) {
  const std::string line = without_octal(reply_in_one(words, 4000));
  const std::string_view all = line;
  const Codes codes = codes_of(all);
  if (recipient.reply_code.empty()) recipient.reply_code = codes.reply;
  if (recipient.status.empty()) recipient.status = codes.status;
  if (recipient.command.empty()) recipient.command = command_of(all);
  if (recipient.remote_mta.empty() || recipient.remote_address.empty()) {
    Server server = server_of(all, codes);
    if (recipient.remote_mta.empty()) recipient.remote_mta = std::move(server.name);
    if (recipient.remote_address.empty()) recipient.remote_address = std::move(server.address);
  }
  if (!recipient.diagnostic.empty()) return;
  const std::string_view said = codes.reply.empty() ? all : all.substr(codes.at);
  recipient.diagnostic = reply_in_one(without_tail(said));
}

void understand(const Told& told, RecipientReport& recipient) {
  understand(told.words, recipient);
  if (told.context.empty()) return;
  if (recipient.command.empty()) recipient.command = command_of(told.context);
  if (!recipient.remote_mta.empty() || !recipient.remote_address.empty()) return;
  Server server = server_of(told.context);
  if (server.name.empty()) return;  // an address alone may be anybody's
  recipient.remote_mta = std::move(server.name);
  recipient.remote_address = std::move(server.address);
}

std::string best_status(std::string_view field, std::string_view words, std::string_view reply) {
  const auto generic = [](std::string_view status) { return status.ends_with(".0.0") && status.size() == 5; };
  if (words.empty()) return std::string(field);
  if (field.empty()) return std::string(words);
  const bool agrees = reply.empty() || field.front() == reply.front();
  return std::string(generic(words) && !generic(field) && agrees ? field : words);
}

std::string_view format_of(const ReportSource& source) {
  const auto said = source.phrases().of(PhraseTable::software);
  return said.empty() ? "text" : software_of(said.front());
}

bool says_delayed(const ReportSource& source) {
  const std::string topic = text::lower(source.subject);
  for (const std::string_view word : {"(delay)", "delayed", "delay notif", "notification: warning", "warning: could not send",
                                      "still being retried", "延迟", "遅延"})
    if (topic.find(word) != topic.npos) return true;
  return !source.phrases().of(PhraseTable::delays).empty();
}

std::string typed_address(std::string_view value) {
  std::string_view address = text::trimmed(value);
  bool international = false;
  if (const auto semicolon = address.find(';');
      semicolon != address.npos && semicolon < 32 && address.substr(0, semicolon).find('@') == address.npos) {
    international = text::starts_with_ignoring_case(address, "utf-8");
    address = text::trimmed(address.substr(semicolon + 1));
  }
  if (address.starts_with('<') && address.ends_with('>')) address = address.substr(1, address.size() - 2);
  if (address.starts_with('@'))  // a route. RFC 5321 appendix F.2
    if (const auto colon = address.find(':'); colon != address.npos) address.remove_prefix(colon + 1);
  if (!is_address(address))
    if (const auto open = address.rfind(" ("); open != address.npos && is_address(text::trimmed(address.substr(0, open))))
      address = text::trimmed(address.substr(0, open));
  const std::string utf8 = to_utf8(utf8_prefix(address, 1000), {});
  return international ? without_escapes(utf8) : utf8;
}

}  // namespace mailmedic::message
