#include "checks/log/cause.hpp"

#include "lib/maillog/scan.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::log {

namespace {

struct Words {
  std::string_view words, cause_class;  ///< in lower case
};

/// Words that tell more than the code in front of them. The first that is found counts.
constexpr Words telling[] = {
    {"greylist", "greylist"},
    {"grey-list", "greylist"},
    {"graylist", "greylist"},
    {"relay access denied", "relay"},
    {"relay not permitted", "relay"},
    {"relaying denied", "relay"},
    {"unable to relay", "relay"},
    {"dnsbl", "reputation"},
    {"spamhaus", "reputation"},
    {"blocked using", "reputation"},
    {"block list", "reputation"},
    {"blocklist", "reputation"},
    {"blacklist", "reputation"},
    {"poor reputation", "reputation"},
    {"bad reputation", "reputation"},
    {"over quota", "mailbox-full"},
    {"quota exceeded", "mailbox-full"},
    {"mailbox full", "mailbox-full"},
    {"mailbox is full", "mailbox-full"},
    {"out of storage", "mailbox-full"},
    {"dmarc", "authentication"},
    {"dkim", "authentication"},
    {"spf ", "authentication"},
    {"unauthenticated", "authentication"},
    {"too many messages", "rate"},
    {"too many connections", "rate"},
    {"rate limit", "rate"},
    {"rate exceeded", "rate"},
    {"unusual rate", "rate"},
    {"throttl", "rate"},
    {"spam", "content"},
    {"virus", "content"},
    {"malware", "content"},
    {"user unknown", "recipient"},
    {"unknown user", "recipient"},
    {"no such user", "recipient"},
    {"does not exist", "recipient"},
    {"invalid recipient", "recipient"},
    {"550 unrouteable address", "recipient"},  // said by the receiver's Exim; by our own it has no code
    {"unrouteable address", "domain"},
    {"host not found", "domain"},
    {"domain not found", "domain"},
    {"name service error", "domain"},
    {"does not accept mail", "domain"},
    {"nullmx", "domain"},
    {"all relevant mx records point to non-existent hosts", "domain"},
    {"starttls", "tls"},
    {"tls handshake", "tls"},
    {"tls is required", "tls"},
    {"ssl_connect", "tls"},
    {"certificate", "tls"},
    {"connection refused", "network"},
    {"connection timed out", "network"},
    {"network is unreachable", "network"},
    {"no route to host", "network"},
    {"lost connection", "network"},
    {"closed connection", "network"},
    {"timed out while", "network"},
    {"retry timeout exceeded", "network"},
    {"size limit", "size"},
    {"message too large", "size"},
    {"no space left", "system"},
};

/// The detail of an enhanced code, "1.1" of "5.1.1". RFC 3463, 7372, 7504, 7505.
constexpr Words details[] = {
    {"1.1", "recipient"}, {"1.2", "domain"},     {"1.3", "recipient"}, {"1.4", "recipient"}, {"1.6", "recipient"}, {"1.7", "policy"},
    {"1.8", "policy"},    {"1.10", "domain"},    {"2.1", "disabled"},  {"2.2", "mailbox-full"}, {"2.3", "size"},   {"2.4", "policy"},
    {"3.0", "system"},    {"3.1", "system"},     {"3.2", "system"},    {"3.3", "system"},    {"3.4", "size"},      {"3.5", "system"},
    {"4.1", "network"},   {"4.2", "network"},    {"4.3", "domain"},    {"4.4", "domain"},    {"4.5", "rate"},      {"4.6", "system"},
    {"4.7", "network"},   {"5.0", "system"},     {"5.1", "system"},    {"5.2", "system"},    {"5.3", "policy"},    {"5.4", "system"},
    {"6.0", "content"},   {"6.1", "content"},    {"6.2", "content"},   {"6.3", "content"},   {"6.7", "content"},   {"7.0", "policy"},
    {"7.1", "policy"},    {"7.2", "policy"},     {"7.4", "tls"},       {"7.5", "tls"},       {"7.8", "policy"},    {"7.10", "tls"},
    {"7.20", "authentication"}, {"7.21", "authentication"}, {"7.22", "authentication"}, {"7.23", "authentication"}, {"7.24", "authentication"},
    {"7.25", "reputation"},     {"7.26", "authentication"}, {"7.27", "domain"},
};

}  // namespace

std::string_view class_of(const Wording& wording) {
  const std::string text = text::lower(wording.text.substr(0, 1000));
  for (const auto& [words, cause_class] : telling)
    if (text.find(words) != text.npos) return cause_class;
  const std::string_view in_text = maillog::enhanced_code_in(wording.text);
  const std::string_view code = in_text.empty() ? wording.status : in_text;
  if (code == "4.2.1") return "system";  // disabled for now, or busy: not gone
  if (code.size() > 2)
    for (const auto& [detail, cause_class] : details)
      if (code.substr(2) == detail) return cause_class;
  return "unmatched";
}

bool is_hard(std::string_view cause_class) { return cause_class == "recipient" || cause_class == "disabled" || cause_class == "domain"; }

}  // namespace mailmedic::log
