#pragma once
// What a reply claims about the world, taken out of its text: a list and an address, a failed test, a missing record.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/blocklist/ask.hpp"
#include "checks/bounce/classify.hpp"
#include "lib/dns/name.hpp"
#include "lib/net/address.hpp"

namespace mailmedic::bounce {

enum class ClaimKind {
  listed,       ///< `subject` is on `list`
  spf,          ///< SPF does not pass for `address`
  reverse_name, ///< `address` has no reverse name that leads back
  dmarc,        ///< the From domain's policy refuses the message
  no_dmarc,     ///< the From domain has no policy
  no_domain,    ///< `domain` does not exist, or takes no mail
  sender_domain,///< `domain` of the sender does not exist, or cannot be answered
  signature,    ///< the message has no DKIM signature that holds
  unreachable,  ///< the mail servers of `domain` take no connection
  tls,          ///< TLS with the mail servers of `domain` does not come about
  tls_wanted,   ///< the mail servers of `domain` take mail over TLS alone
  certificate,  ///< what the mail servers of `domain` show is not what DANE, MTA-STS or the sender's own policy asks for
  limit,        ///< a number that must not be exceeded
  link,         ///< where help stands
  ticket,       ///< what the receiver finds this refusal again by
};
std::string_view kind_word(ClaimKind kind);
/// Is the receiver's server connected to, to look it up again?
bool connects(ClaimKind kind);
/// Is there something to ask? Not of limits, links and tickets.
bool can_be_asked(ClaimKind kind);

struct Claim {
  ClaimKind kind = ClaimKind::link;
  std::string said;                     ///< the claim in a few words: "203.0.113.7 is on zen.spamhaus.org"
  std::optional<net::Address> address{};
  std::optional<dns::Name> domain{};
  const blocklist::List* list = nullptr;
  std::string host{};                   ///< the server that the text is about, in lower case; empty: any of the domain's
  std::string policy{};                 ///< of a certificate: what asked for it, "dane", "mta_sts" or "must_verify"; empty: not said
  bool after_greetings = false;         ///< of a broken connection: it broke behind the greetings
};

/// What is known beside the text.
struct Context {
  std::vector<net::Address> own{};             ///< addresses that send our mail (--own)
  std::string sender{}, helo{};                ///< MAIL FROM, EHLO
  std::optional<dns::Name> author{};           ///< domain of From
  std::shared_ptr<const std::vector<blocklist::List>> lists{};  ///< that may be asked; null: none
  std::string said_at{};                       ///< the date of the bounce, as written
  std::string_view returned{};                 ///< the returned message or its header; must outlive the context
  net::Families families{};                    ///< over which servers may be asked
  bool may_connect = true;                     ///< to the receiver's servers
};

/// IP addresses in a text, in links too, each once: at most 20.
std::vector<net::Address> addresses_in(std::string_view text);
/// Links, without punctuation at their end: at most 20.
std::vector<std::string> links_in(std::string_view text);
/// Numbers with what they count: "500 messages", "25 connections", "10240000 bytes": at most 10.
std::vector<std::string> limits_in(std::string_view text);

/// The claims of one recipient's report that can be looked up for its reason, then limits, links and tickets. The context's
/// lists must outlive the result.
std::vector<Claim> claims_of(const message::RecipientReport& report, const Verdict& verdict, const Context& context);

}  // namespace mailmedic::bounce
