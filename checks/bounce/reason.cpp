#include "checks/bounce/reason.hpp"

#include <algorithm>
#include <array>

namespace mailmedic::bounce {

namespace {

constexpr std::array reasons{
    Reason{"unknown-recipient", "bounce.unknown-recipient", "recipient", Retry::never},
    Reason{"recipient-moved", "bounce.recipient-moved", "recipient", Retry::never},
    Reason{"bad-address", "bounce.bad-address", "recipient", Retry::never},
    Reason{"mailbox-unavailable", "bounce.mailbox-unavailable", "recipient", Retry::later},
    Reason{"mailbox-full", "bounce.mailbox-full", "mailbox-full", Retry::later},
    Reason{"mailbox-disabled", "bounce.mailbox-disabled", "disabled", Retry::after_change},
    Reason{"unknown-domain", "bounce.unknown-domain", "domain", Retry::never},
    Reason{"takes-no-mail", "bounce.takes-no-mail", "domain", Retry::never},
    Reason{"unreachable", "bounce.unreachable", "network", Retry::later},
    Reason{"expired", "bounce.expired", "network", Retry::later},
    Reason{"mail-loop", "bounce.mail-loop", "network", Retry::after_change},
    Reason{"blocklisted", "bounce.blocklisted", "reputation", Retry::after_change},
    Reason{"bad-reputation", "bounce.bad-reputation", "reputation", Retry::after_change},
    Reason{"blocked-address", "bounce.blocked-address", "reputation", Retry::after_change},
    Reason{"dynamic-address", "bounce.dynamic-address", "reputation", Retry::after_change},
    Reason{"spf-failed", "bounce.spf-failed", "authentication", Retry::after_change},
    Reason{"dkim-failed", "bounce.dkim-failed", "authentication", Retry::after_change},
    Reason{"dmarc-failed", "bounce.dmarc-failed", "authentication", Retry::after_change},
    Reason{"no-dmarc", "bounce.no-dmarc", "authentication", Retry::after_change},
    Reason{"not-aligned", "bounce.not-aligned", "authentication", Retry::after_change},
    Reason{"unauthenticated", "bounce.unauthenticated", "authentication", Retry::after_change},
    Reason{"no-reverse-name", "bounce.no-reverse-name", "authentication", Retry::after_change},
    Reason{"spam", "bounce.spam", "content", Retry::after_change},
    Reason{"virus", "bounce.virus", "content", Retry::after_change},
    Reason{"malformed", "bounce.malformed", "content", Retry::after_change},
    Reason{"attachment-refused", "bounce.attachment-refused", "content", Retry::after_change},
    Reason{"links-refused", "bounce.links-refused", "content", Retry::after_change},
    Reason{"unsupported-content", "bounce.unsupported-content", "content", Retry::after_change},
    Reason{"refused", "bounce.refused", "policy", Retry::after_change},
    Reason{"sender-refused", "bounce.sender-refused", "policy", Retry::after_change},
    Reason{"recipient-refuses", "bounce.recipient-refuses", "policy", Retry::after_change},
    Reason{"sender-domain", "bounce.sender-domain", "policy", Retry::after_change},
    Reason{"bad-greeting", "bounce.bad-greeting", "policy", Retry::after_change},
    Reason{"bounces-refused", "bounce.bounces-refused", "policy", Retry::after_change},
    Reason{"sending-suspended", "bounce.sending-suspended", "policy", Retry::after_change},
    Reason{"relay-denied", "bounce.relay-denied", "relay", Retry::after_change},
    Reason{"login-needed", "bounce.login-needed", "relay", Retry::after_change},
    Reason{"login-failed", "bounce.login-failed", "relay", Retry::after_change},
    Reason{"sender-not-allowed", "bounce.sender-not-allowed", "relay", Retry::after_change},
    Reason{"too-large", "bounce.too-large", "size", Retry::after_change},
    Reason{"rate-limited", "bounce.rate-limited", "rate", Retry::later},
    Reason{"too-many-connections", "bounce.too-many-connections", "rate", Retry::later},
    Reason{"too-many-recipients", "bounce.too-many-recipients", "rate", Retry::later},
    Reason{"recipient-busy", "bounce.recipient-busy", "rate", Retry::later},
    Reason{"quota-spent", "bounce.quota-spent", "rate", Retry::later},
    Reason{"greylisted", "bounce.greylisted", "greylist", Retry::later},
    Reason{"receiver-trouble", "bounce.receiver-trouble", "system", Retry::later},
    Reason{"receiver-full", "bounce.receiver-full", "system", Retry::later},
    Reason{"misconfigured", "bounce.misconfigured", "system", Retry::after_change},
    Reason{"protocol-error", "bounce.protocol-error", "system", Retry::after_change},
    Reason{"tls-required", "bounce.tls-required", "tls", Retry::after_change},
    Reason{"tls-failed", "bounce.tls-failed", "tls", Retry::after_change},
    Reason{"certificate-refused", "bounce.certificate-refused", "tls", Retry::after_change},
};

}  // namespace

std::string_view retry_word(Retry retry) {
  return retry == Retry::later ? "later" : retry == Retry::never ? "never" : "after-change";
}

std::span<const Reason> all_reasons() { return reasons; }

const Reason* find_reason(std::string_view id) {
  const auto found = std::find_if(reasons.begin(), reasons.end(), [&](const Reason& one) { return one.id == id; });
  return found == reasons.end() ? nullptr : &*found;
}

}  // namespace mailmedic::bounce
