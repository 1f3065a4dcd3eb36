// Postfix. Each daemon writes "QUEUEID: key=value, key=value, ..."; smtpd and postscreen "NOQUEUE: reject: ..." too.
#include "lib/maillog/scan.hpp"
#include "lib/maillog/servers.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::maillog {

namespace {

/// "4378CA9C0ED: " or, with enable_long_queue_ids, "3zXyWq1kJ9z2Q: " in front of `text`, taken off. Empty if there is none.
std::string_view take_queue_id(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && text::is_alnum(text[size])) ++size;
  if (size < 5 || size > 24 || text.size() < size + 2 || text[size] != ':' || text[size + 1] != ' ') return {};
  const std::string_view id = text.substr(0, size);
  text.remove_prefix(size + 2);
  return id;
}

/// "to=<joe@example.org>, " in front of `text`, taken off; a local part may hold quoted ">, " and the like.
bool take_address(std::string_view& text, std::string_view key, std::string_view& out) {
  if (!text.starts_with(key)) return false;
  std::string_view rest = text.substr(key.size());
  if (rest.starts_with('<')) {
    // A quoted local part may hold anything but a bare quote. RFC 5321 section 4.1.2
    const auto quoted = rest.starts_with("<\"") ? rest.find("\"@", 2) : rest.npos;
    const auto end = rest.find(">, ", quoted == rest.npos ? 0 : quoted);
    if (end == rest.npos) return false;
    out = rest.substr(1, end - 1);
    text = rest.substr(end + 3);
    return true;
  }
  const auto end = rest.find(", ");
  if (end == rest.npos) return false;
  out = rest.substr(0, end);
  text = rest.substr(end + 2);
  return true;
}

/// Splits the reason in parentheses behind a status into who said it, in reply to what, and the words:
/// "(host mx.example.org[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command))".
void read_reason(std::string_view reason, Event& out) {
  if (reason.starts_with('(')) reason.remove_prefix(1);
  if (reason.ends_with(')')) reason.remove_suffix(1);
  if (reason.ends_with(" command)") || reason.ends_with("DATA)") || reason.ends_with("content)")) {
    constexpr std::string_view mark = " (in reply to ";
    if (const auto at = reason.rfind(mark); at != reason.npos) {
      out.stage = reason.substr(at + mark.size());
      out.stage.remove_suffix(1);
      if (out.stage.ends_with(" command")) out.stage.remove_suffix(8);
      reason = reason.substr(0, at);
    }
  }
  if (reason.starts_with("host ")) {
    for (const std::string_view mark : {std::string_view(" said: "), std::string_view(" refused to talk to me: ")})
      if (const auto at = reason.find(mark); at != reason.npos) {
        if (mark.starts_with(" refused")) out.stage = "CONNECT";
        out.text = reason.substr(at + mark.size());
        return;
      }
  }
  out.text = reason;
}

void read_recipient(std::string_view text, Event& out) {
  if (!take_address(text, "to=", out.recipient)) return;
  std::string_view original;
  take_address(text, "orig_to=", original);
  // relay=..., delay=..., delays=..., dsn=..., status=word (reason)
  while (!text.starts_with("status=")) {
    const auto end = text.find(", ");
    if (end == text.npos) return;
    const std::string_view field = text.substr(0, end);
    if (field.starts_with("relay=")) out.relay = field.substr(6);
    else if (field.starts_with("dsn=")) out.status = field.substr(4);
    text.remove_prefix(end + 2);
  }
  text.remove_prefix(7);
  const auto end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  const std::string_view reason = end == text.npos ? std::string_view() : text.substr(end + 1);
  if (word == "sent") {
    out.kind = reason.find("forwarded as ") != reason.npos ? Kind::forwarded : Kind::delivered;
    return;
  }
  if (word == "deferred") out.kind = Kind::deferred;
  else if (word == "bounced") out.kind = Kind::bounced;
  else return;
  read_reason(reason, out);
}

/// "RCPT from client.example[192.0.2.1]: 550 5.1.1 <joe@...>: ...; from=<...> to=<...> proto=ESMTP helo=<...>"
Event read_reject(std::string_view text) {
  Event out;
  const auto from = text.find(" from ");
  if (from == text.npos) return out;
  out.kind = Kind::rejected;
  out.stage = text.substr(0, from);
  text.remove_prefix(from + 6);
  // The client, "name[192.0.2.1]:port: " or "name[IPv6]: ".
  const auto bracket = text.find("]");
  const auto end = text.find(": ", bracket == text.npos ? 0 : bracket);
  if (end == text.npos) return out;
  out.relay = text.substr(0, end);
  text.remove_prefix(end + 2);
  const auto envelope = text.rfind("; from=<");
  const auto recipient_only = envelope == text.npos ? text.rfind("; to=<") : envelope;
  out.text = text.substr(0, recipient_only);
  if (recipient_only != text.npos) {
    std::string_view rest = text.substr(recipient_only);
    out.has_sender = envelope != text.npos;
    if (out.has_sender) out.sender = between(rest, "from=<", ">");
    out.recipient = between(rest, "to=<", ">");
  }
  out.status = enhanced_code_in(out.text);
  return out;
}

/// What cleanup refuses: "milter-reject: END-OF-MESSAGE from ...", "reject: header Subject: ... from ...; from=<...>...: words".
Event read_cleanup(std::string_view text) {
  if (text.starts_with("milter-reject: END-OF-MESSAGE")) return read_reject(text.substr(15));
  if (!text.starts_with("reject: header ") && !text.starts_with("reject: body ")) return {};
  Event out;
  out.kind = Kind::rejected;
  out.stage = "DATA";
  const auto envelope = text.rfind("; from=<");
  if (envelope == text.npos) {
    out.text = text;
    return out;
  }
  const std::string_view rest = text.substr(envelope);
  out.has_sender = true;
  out.sender = between(rest, "from=<", ">");
  out.recipient = between(rest, "to=<", ">");
  const auto words = rest.rfind(">: ");
  out.text = words == rest.npos ? text.substr(0, envelope) : rest.substr(words + 3);
  out.status = enhanced_code_in(out.text);
  return out;
}

Event read_smtpd(std::string_view id, std::string_view text) {
  if (text.starts_with("client=")) {
    Event out;
    out.kind = Kind::accepted;
    out.queue_id = id;
    out.relay = text.substr(7, text.find(", ") == text.npos ? text.npos : text.find(", ") - 7);
    return out;
  }
  if (text.starts_with("reject: ")) return read_reject(text.substr(8));
  if (text.starts_with("milter-reject: ")) return read_reject(text.substr(15));
  return {};
}

Event read_qmgr(std::string_view id, std::string_view text) {
  Event out;
  out.queue_id = id;
  if (text == "removed") {
    out.kind = Kind::removed;
  } else if (take_address(text, "from=", out.sender)) {
    out.has_sender = true;
    out.kind = text.starts_with("status=expired") ? Kind::expired : text.starts_with("size=") ? Kind::sender : Kind::none;
  }
  return out;
}

}  // namespace

Event read_postfix(std::string_view program, std::string_view message) {
  const auto slash = program.rfind('/');
  if (slash == program.npos) return {};
  const std::string_view daemon = program.substr(slash + 1);
  if (daemon.empty() || daemon == "anvil" || daemon == "master") return {};
  const bool is_front = daemon == "smtpd" || daemon == "postscreen";
  if (is_front && message.starts_with("NOQUEUE: ")) return read_smtpd({}, message.substr(9));
  const std::string_view id = take_queue_id(message);
  if (id.empty()) return {};
  if (is_front) return read_smtpd(id, message);
  if (daemon == "qmgr") return read_qmgr(id, message);
  if (daemon == "cleanup") return read_cleanup(message);
  Event out;
  if (message.starts_with("to=")) {
    out.queue_id = id;
    read_recipient(message, out);
  } else if (daemon == "pickup" && (message.starts_with("uid=") || message.starts_with("sender="))) {
    out.kind = Kind::accepted;
    out.queue_id = id;
  }
  return out;
}

}  // namespace mailmedic::maillog
