#include "tools/listen/answer.hpp"

#include <algorithm>

#include "lib/composition/draft.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"

namespace mailmedic::cli {

namespace {

/// The first field of that name, unfolded; empty where there is none.
std::string field_of(const reception::Delivered& message, std::string_view name) {
  const auto fields = message::parse_fields(message.arrival.content.bytes);
  if (!fields) return {};
  for (const message::Field& field : *fields)
    if (text::equals_ignoring_case(field.name, name)) return std::string(text::trimmed(field.unfolded()));
  return {};
}

std::string result_of(const Facts& facts, std::string_view check) {
  const auto* value = facts.if_contains(check);
  return value && value->is_object() ? text::string_of(value->get_object(), "result") : std::string();
}

}  // namespace

std::string reason_for_silence(const reception::Delivered& message, const Facts& facts) {
  const std::string& sender = message.arrival.sender;
  if (sender.empty()) return "it has the null sender";
  const std::string local = text::lower(sender.substr(0, sender.rfind('@')));
  if (local == "mailer-daemon" || local == "postmaster" || local.starts_with("owner-") || local.ends_with("-request")) return "its sender is a machine";
  if (const std::string automatic = text::lower(field_of(message, "Auto-Submitted")); !automatic.empty() && !automatic.starts_with("no")) return "a machine wrote it";
  for (const char* name : {"List-Id", "List-Unsubscribe", "List-Post"})
    if (!field_of(message, name).empty()) return "it came by a list";
  const std::string precedence = text::lower(field_of(message, "Precedence"));
  if (precedence == "bulk" || precedence == "list" || precedence == "junk") return "it came by a list";
  if (result_of(facts, "spf") != "pass" && result_of(facts, "dmarc") != "pass") return "its sender is not proved: neither SPF nor DMARC passes";
  return {};
}

text::Parsed<std::string> answer_to(const reception::Delivered& message, std::string id, const std::string& report) {
  if (message.arrival.recipients.empty() || message.arrival.recipients.front().find('@') == std::string::npos) return text::ParseError{0, "the message has no recipient to answer for"};
  composition::Draft draft;
  draft.from = {"mailmedic", message.arrival.recipients.front()};
  draft.to = {{"", message.arrival.sender}};
  const std::string subject = field_of(message, "Subject"), original = field_of(message, "Message-ID");
  draft.subject = "Report: " + (subject.empty() ? "your message" : subject.substr(0, 200));
  draft.text = report;
  draft.date = message.at;
  draft.fields = {{"Auto-Submitted", "auto-replied"}};
  std::replace(id.begin(), id.end(), '/', '.');
  draft.message_id = "report." + id + draft.from.address.substr(draft.from.address.rfind('@'));
  if (original.starts_with('<') && original.ends_with('>') && original.size() < 500) {
    draft.fields.emplace_back("In-Reply-To", original);
    draft.fields.emplace_back("References", original);
  }
  return composition::compose(draft);
}

}  // namespace mailmedic::cli
