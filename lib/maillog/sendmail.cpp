// Sendmail: "QUEUEID: from=<...>, size=..., nrcpts=..." and "QUEUEID: to=<...>,<...>, delay=..., dsn=..., stat=Sent (...)".
#include <algorithm>

#include "lib/maillog/scan.hpp"
#include "lib/maillog/servers.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::maillog {

namespace {

std::string_view take_queue_id(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && text::is_alnum(text[size])) ++size;
  if (size < 10 || size > 20 || text.size() < size + 2 || text[size] != ':' || text[size + 1] != ' ') return {};
  const std::string_view id = text.substr(0, size);
  text.remove_prefix(size + 2);
  return id;
}

/// Without the angle brackets, if it has them.
std::string_view bare(std::string_view address) {
  if (address.starts_with('<')) address.remove_prefix(1);
  return address.substr(0, address.find('>'));
}

std::string_view field_of(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == text.npos) return {};
  text.remove_prefix(at + key.size());
  return text.substr(0, text.find(", "));
}

void read_recipient(std::string_view text, Event& out) {
  const auto at = text.find(", stat=");
  if (at == text.npos) return;
  const std::string_view stat = text.substr(at + 7), fields = text.substr(0, at);
  // Several recipients of one attempt stand in one line, separated by commas without a space.
  const std::string_view all = fields.substr(3, fields.find(", ", 3) == fields.npos ? fields.npos : fields.find(", ", 3) - 3);
  out.recipient = bare(all.substr(0, all.find(',')));
  out.recipients = 1 + static_cast<std::uint32_t>(std::count(all.begin(), all.end(), ','));
  out.relay = field_of(fields, ", relay=");
  out.status = field_of(fields, ", dsn=");
  out.text = stat;
  if (stat.starts_with("Sent")) out.kind = Kind::delivered;
  else if (stat.starts_with("Deferred")) out.kind = Kind::deferred;
  else if (stat.starts_with("queued")) return;
  else out.kind = out.status.starts_with('4') ? Kind::deferred : out.status.starts_with('2') ? Kind::delivered : Kind::bounced;
  if (stat.starts_with("Deferred: ")) out.text = stat.substr(10);
}

}  // namespace

Event read_sendmail(std::string_view message) {
  Event out;
  const std::string_view id = take_queue_id(message);
  if (id.empty()) return out;
  out.queue_id = id;
  if (message.starts_with("from=")) {
    out.kind = message.find(", nrcpts=0,") == message.npos ? Kind::accepted : Kind::none;
    out.has_sender = true;
    out.sender = bare(message.substr(5, message.find(", ") == message.npos ? message.npos : message.find(", ") - 5));
    out.relay = field_of(message, ", relay=");
  } else if (message.starts_with("to=")) {
    read_recipient(message, out);
  } else if (message.starts_with("ruleset=") || message.starts_with("Milter: ")) {
    // "ruleset=check_rcpt, arg1=<joe@example.org>, relay=client [192.0.2.1], reject=550 5.7.1 words"
    const auto at = message.find(", reject=");
    if (at == message.npos) return out;
    out.kind = Kind::rejected;
    out.stage = field_of(message, "ruleset=");
    out.text = message.substr(at + 9);
    out.relay = field_of(message, ", relay=");
    const std::string_view argument = bare(field_of(message, ", arg1="));
    if (out.stage == "check_rcpt") out.recipient = argument;
    else if (out.stage == "check_mail") out.sender = argument, out.has_sender = true;
    out.status = enhanced_code_in(out.text);
  }
  return out;
}

}  // namespace mailmedic::maillog
