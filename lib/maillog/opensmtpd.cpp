// OpenSMTPD from 6.6 on: "SESSION mta delivery evpid=... from=<...> to=<...> relay="..." result="TempFail" stat="450 ..."".
// Older releases write the same keys separated by ", " behind "relay: Ok for EVPID: ".
#include "lib/maillog/scan.hpp"
#include "lib/maillog/servers.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::maillog {

namespace {

/// The value of `key="..."`, `key=<...>` or a bare word; the key is written with "=" and a space in front.
std::string_view value_of(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == text.npos) return {};
  text.remove_prefix(at + key.size());
  if (text.starts_with('"')) return text.substr(1, text.find('"', 1) == text.npos ? text.npos : text.find('"', 1) - 1);
  if (text.starts_with('<')) return text.substr(1, text.find('>') == text.npos ? text.npos : text.find('>') - 1);
  return text.substr(0, text.find_first_of(" ,"));
}

/// stat="..." is the last key and may itself hold quotes.
std::string_view stat_of(std::string_view text) {
  const auto at = text.find(" stat=");
  if (at == text.npos) return {};
  text.remove_prefix(at + 6);
  if (text.starts_with('"')) text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  return text;
}

Event read_delivery(std::string_view text) {
  Event out;
  const std::string_view result = value_of(text, " result=");
  if (result == "Ok") out.kind = Kind::delivered;
  else if (result == "TempFail") out.kind = Kind::deferred;
  else if (result == "PermFail" || result == "Expired" || result == "Loop") out.kind = Kind::bounced;
  else return out;
  out.queue_id = value_of(text, "evpid=");
  out.has_sender = true;
  out.sender = value_of(text, " from=");
  out.recipient = value_of(text, " to=");
  out.relay = value_of(text, " relay=");
  out.source = value_of(text, " source=");
  out.text = stat_of(text);
  out.status = enhanced_code_in(out.text);
  return out;
}

Event read_refusal(std::string_view text) {
  Event out;
  const std::string_view result = value_of(text, " result=");
  // Only refusals of a sender or recipient, or of the message: not mistyped commands.
  const std::string_view command = value_of(text, " command=");
  const bool counts = text::starts_with_ignoring_case(command, "RCPT") || text::starts_with_ignoring_case(command, "MAIL") || text::starts_with_ignoring_case(command, "DATA") || command.empty();
  if (!counts || (!result.starts_with('4') && !result.starts_with('5'))) return out;
  out.kind = Kind::rejected;
  out.stage = command.substr(0, 4);
  if (out.stage.starts_with('R') || out.stage.starts_with('r')) out.recipient = between(command, "<", ">");
  const auto at = text.find(" result=\"");
  out.text = at == text.npos ? result : text.substr(at + 9);
  if (out.text.ends_with('"')) out.text.remove_suffix(1);
  out.status = enhanced_code_in(out.text);
  return out;
}

}  // namespace

Event read_opensmtpd(std::string_view message) {
  const auto space = message.find(' ');
  if (space == message.npos) return {};
  std::string_view text = message.substr(space + 1);
  if (text.starts_with("mta delivery ") || text.starts_with("mda delivery ")) return read_delivery(text.substr(4));
  if (text.starts_with("smtp failed-command ")) return read_refusal(text);
  Event out;
  if (text.starts_with("smtp message ")) {
    out.kind = Kind::accepted;
    out.queue_id = value_of(text, " msgid=");
  } else if (text.starts_with("smtp envelope ")) {
    out.kind = Kind::sender;
    out.queue_id = value_of(text, " evpid=");
    out.has_sender = true;
    out.sender = value_of(text, " from=");
  }
  return out;
}

}  // namespace mailmedic::maillog
