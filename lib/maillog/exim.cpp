// Exim: "ID <= sender ...", "ID => recipient ...", "->", ">>", "*>", "**", "==", "Completed". The specification's chapter on
// log files names the fields.
#include "lib/maillog/scan.hpp"
#include "lib/maillog/servers.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::maillog {

namespace {

/// "1xVcSl-0005IS-23", or "1xVcSl-00000005ISa-0123" from 4.97 on.
std::string_view take_message_id(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && (text::is_alnum(text[size]) || text[size] == '-')) ++size;
  const bool is_id = (size == 16 && text[6] == '-' && text[13] == '-') || (size == 23 && text[6] == '-' && text[18] == '-');
  if (!is_id || size >= text.size() || text[size] != ' ') return {};
  const std::string_view id = text.substr(0, size);
  text.remove_prefix(size + 1);
  return id;
}

/// The value of " H=..." up to the next " X=" field; hosts are "name (helo) [192.0.2.1]:25".
std::string_view host_of(std::string_view text) {
  const auto at = text.find(" H=");
  if (at == text.npos) return {};
  std::string_view rest = text.substr(at + 3);
  const auto bracket = rest.find(']');
  if (bracket == rest.npos) return rest.substr(0, rest.find(' '));
  const auto end = rest.find_first_of(" :", bracket);
  return rest.substr(0, end);
}

/// "[127.0.25.2]:41922" of " I=[127.0.25.2]:41922", without the port.
std::string_view own_address_of(std::string_view text) { return between(text, " I=[", "]"); }

/// A reply, or Exim's own reason. What the remote server said stands behind "SMTP error from remote mail server after X: ".
void read_reason(std::string_view reason, Event& out) {
  // Times at the end: " DT=0.000s", " QT=1s".
  for (auto at = reason.rfind(' '); at != reason.npos; at = reason.rfind(' ')) {
    const std::string_view last = reason.substr(at + 1);
    if (last.size() < 4 || (!last.starts_with("DT=") && !last.starts_with("QT=")) || !last.ends_with('s')) break;
    reason = reason.substr(0, at);
  }
  constexpr std::string_view mark = "SMTP error from remote mail server after ";
  const auto error = reason.find(mark);
  if (error != reason.npos) {
    const std::string_view rest = reason.substr(error + mark.size());
    // "RCPT TO:<joe@example.org>: 550 ...", "initial connection: 554 ...", "pipelined end of data: 550 ..."
    auto end = rest.find(": ");
    if (end != rest.npos) {
      const std::string_view stage = rest.substr(0, end);
      out.stage = stage.substr(0, stage.find(":<"));
      out.text = rest.substr(end + 2);
    }
  }
  if (out.text.empty()) out.text = reason;
  const auto code = enhanced_code_in(out.text);
  if (!code.empty()) out.status = code;
}

/// "joe@example.org <original@example.org> F=<...> R=... T=... H=...: reason"; also "/path <joe@example.org>" and ":blackhole: <...>".
void read_recipient(std::string_view text, Event& out) {
  const auto space = text.find(' ');
  std::string_view word = text.substr(0, space);
  if (word.ends_with(':')) word.remove_suffix(1);  // nothing but the reason follows
  out.recipient = word;
  const std::string_view rest = space == text.npos ? std::string_view() : text.substr(space);
  const bool is_address = word.find('@') != word.npos && !word.starts_with('/') && !word.starts_with('|') && !word.starts_with(':');
  if (!is_address && rest.starts_with(" <")) out.recipient = between(rest, "<", ">");
  else if (!is_address && rest.starts_with(" (")) out.recipient = between(rest, "<", ">").empty() ? word : between(rest, "<", ">");
  if (const auto from = rest.find(" F=<"); from != rest.npos) {
    out.has_sender = true;
    out.sender = between(rest.substr(from), "<", ">");
  }
  out.relay = host_of(rest);
  out.source = own_address_of(rest);
}

/// Where the fields of a "**" or "==" line end and the reason begins.
std::string_view reason_of(std::string_view text) {
  // The fields hold no ": " but for quoted names (DN="..."); the reason begins behind the first one outside quotes.
  bool quoted = false;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (!quoted && text[i] == ':' && text[i + 1] == ' ') return text.substr(i + 2);
  }
  return {};
}

Event read_arrival(std::string_view id, std::string_view text) {
  Event out;
  out.kind = Kind::accepted;
  out.queue_id = id;
  out.has_sender = true;
  out.sender = text.substr(0, text.find(' '));
  if (out.sender == "<>") out.sender = {};
  out.relay = host_of(text);
  return out;
}

/// "H=(client) [192.0.2.1] F=<a@example.org> rejected RCPT <joe@example.org>: words"
Event read_reject(std::string_view text) {
  Event out;
  const auto at = text.find(" rejected ");  // or " temporarily rejected "
  if (at == text.npos) return out;
  const std::string_view front = text.substr(0, at);
  // Only what a client was told: a line of this host's own begins with a name, an address or a message's id.
  if (front.find('[') == front.npos) return out;
  const std::string_view rest = text.substr(at + 10);
  out.kind = Kind::rejected;
  out.stage = rest.substr(0, rest.find_first_of(" :"));
  out.recipient = out.stage == "RCPT" ? between(rest, "<", ">") : std::string_view();
  const auto words = rest.find(": ");
  out.text = words == rest.npos ? rest : rest.substr(words + 2);
  if (const auto from = front.find(" F=<"); from != front.npos) {
    out.has_sender = true;
    out.sender = between(front.substr(from), "<", ">");
  }
  const auto host = front.find("H=");
  out.relay = host == front.npos ? front : front.substr(host + 2, front.find(']', host) == front.npos ? front.npos : front.find(']', host) - host - 1);
  out.status = enhanced_code_in(out.text);
  return out;
}

/// "[20364] " and, of split lines in syslog, "[1/2] ".
void skip_brackets(std::string_view& text) {
  while (text.starts_with('[')) {
    const auto end = text.find("] ");
    if (end == text.npos || end > 12) return;
    text.remove_prefix(end + 2);
  }
}

}  // namespace

Event read_exim(std::string_view message) {
  skip_brackets(message);
  const std::string_view id = take_message_id(message);
  if (id.empty()) return read_reject(message);
  Event out;
  out.queue_id = id;
  if (message.starts_with("Completed")) {
    out.kind = Kind::removed;
    return out;
  }
  if (message.size() < 4 || message[2] != ' ') return read_reject(message);
  const std::string_view mark = message.substr(0, 2), text = message.substr(3);
  if (mark == "<=") return read_arrival(id, text);
  const bool delivery = mark == "=>" || mark == "->" || mark == ">>";
  if (delivery) out.kind = Kind::delivered;
  else if (mark == "**") out.kind = Kind::bounced;
  else if (mark == "==") out.kind = Kind::deferred;
  else return read_reject(message);
  read_recipient(text, out);
  if (delivery) return out;
  read_reason(reason_of(text), out);
  return out;
}

}  // namespace mailmedic::maillog
