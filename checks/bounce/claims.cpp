#include "checks/bounce/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "lib/dns/public_suffix.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/byte_set.hpp"

namespace mailmedic::bounce {

namespace {

bool is_address_byte(char c) { return text::is_digit(c) || (text::lower(c) >= 'a' && text::lower(c) <= 'f') || c == '.' || c == ':'; }

std::optional<dns::Name> domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  const auto name = dns::Name::parse(at == address.npos ? address : address.substr(at + 1));
  return name && name->is_host_name() ? std::optional(*name) : std::nullopt;
}

/// The lists that a text names: by zone, or by the domain that they are run under ("see https://www.spamhaus.org/...").
std::vector<const blocklist::List*> lists_in(std::string_view text, const Context& context) {
  const std::string words = text::lower(text);
  std::vector<const blocklist::List*> by_zone, by_owner;
  if (!context.lists) return {};
  for (const blocklist::List& list : *context.lists) {
    if (list.allows) continue;
    const auto owner = dns::registrable_domain(list.zone);
    if (words.find(list.shown) != words.npos) by_zone.push_back(&list);
    else if (owner && words.find(owner->text()) != words.npos) by_owner.push_back(&list);
  }
  return by_zone.empty() ? by_owner : by_zone;
}

/// The domain of From, else of the envelope sender.
std::optional<dns::Name> author_of(const Context& context) { return context.author ? context.author : domain_of(context.sender); }

std::string text_of(const std::optional<dns::Name>& author) { return author ? author->text() : "the From domain"; }

/// Whom the text is about: the addresses in it; else our own, when there is one.
std::vector<net::Address> senders_of(std::string_view text, const Context& context) {
  std::vector<net::Address> out = addresses_in(text);
  if (out.empty() && context.own.size() == 1) out = context.own;
  return out;
}

void add_listings(const message::RecipientReport& report, const Context& context, std::vector<Claim>& out) {
  std::vector<dns::Name> domains;
  if (const auto at = report.diagnostic.find("address ["); at != std::string::npos)
    if (const auto domain = domain_of(std::string_view(report.diagnostic).substr(at + 9, report.diagnostic.find(']', at) - at - 9))) domains.push_back(*domain);
  for (const blocklist::List* list : lists_in(report.diagnostic, context)) {
    if (list->asks_ip4 || list->asks_ip6)
      for (const net::Address& address : senders_of(report.diagnostic, context))
        out.push_back({.kind = ClaimKind::listed, .said = fmt::format("{} is on {}", address.to_string(), list->shown), .address = address, .list = list});
    if (list->asks_domain)
      for (const dns::Name& domain : domains)
        out.push_back({.kind = ClaimKind::listed, .said = fmt::format("{} is on {}", domain.text(), list->shown), .domain = domain, .list = list});
  }
}

bool says(std::string_view lower_words, std::initializer_list<std::string_view> any) {
  return std::any_of(any.begin(), any.end(), [&](std::string_view one) { return lower_words.find(one) != lower_words.npos; });
}

/// "554 no SMTP service here", "521 host does not accept mail": of the server, where 556 is of the domain's DNS. RFC 7504.
bool is_said_by_server(const message::RecipientReport& report) { return !report.reply_code.empty() && report.reply_code != "556" && !says(text::lower(report.diagnostic), {"null mx", "nullmx", "domain"}); }

std::optional<ClaimKind> kind_about_servers(std::string_view reason, const message::RecipientReport& report) {
  if (reason == "unreachable" || (reason == "takes-no-mail" && is_said_by_server(report))) return ClaimKind::unreachable;
  if (reason == "tls-failed" || (reason == "tls-required" && report.reply_code.empty())) return ClaimKind::tls;
  if (reason == "tls-required") return ClaimKind::tls_wanted;
  return reason == "certificate-refused" ? std::optional(ClaimKind::certificate) : std::nullopt;
}

/// Claims about the receiver's servers: that they take no connection, no TLS, or show the wrong certificate.
void add_servers(std::string_view reason, const message::RecipientReport& report, std::vector<Claim>& out) {
  const auto kind = kind_about_servers(reason, report);
  if (!kind) return;
  const std::string words = text::lower(report.diagnostic);
  Claim claim{.kind = *kind, .domain = report.recipient.empty() ? std::nullopt : domain_of(report.recipient), .host = text::lower(report.remote_mta)};
  if (!dns::Name::parse(claim.host)) claim.host.clear();
  const std::string whose = !claim.host.empty() ? claim.host : claim.domain ? fmt::format("a mail server of {}", claim.domain->text()) : "the receiver's server";
  if (reason == "takes-no-mail") {
    claim.said = fmt::format("{} takes no mail", whose);
  } else if (*kind == ClaimKind::unreachable) {
    claim.after_greetings = report.command == "STARTTLS" || report.command == "AUTH" || report.command == "MAIL" || report.command == "RCPT" || report.command == "DATA" || says(words, {"end of data"});
    claim.said = claim.after_greetings ? fmt::format("the connection with {} broke", whose) : fmt::format("{} takes no connection", whose);
  } else if (*kind == ClaimKind::tls) {
    claim.said = fmt::format("TLS with {} does not come about", whose);
  } else if (*kind == ClaimKind::tls_wanted) {
    claim.said = fmt::format("{} takes mail over TLS alone", whose);
  } else {
    claim.policy = says(words, {"dane", "tlsa"}) ? "dane" : says(words, {"mta-sts", "sts policy", "sts-"}) ? "mta_sts" : "";
    claim.said = fmt::format("the certificate of {} is not what the sender must ask for", whose);
  }
  out.push_back(std::move(claim));
}

}  // namespace

std::string_view kind_word(ClaimKind kind) {
  switch (kind) {
    case ClaimKind::listed: return "listed";
    case ClaimKind::spf: return "spf";
    case ClaimKind::reverse_name: return "reverse-name";
    case ClaimKind::dmarc: return "dmarc";
    case ClaimKind::no_dmarc: return "no-dmarc";
    case ClaimKind::no_domain: return "recipient-domain";
    case ClaimKind::sender_domain: return "sender-domain";
    case ClaimKind::signature: return "signature";
    case ClaimKind::unreachable: return "unreachable";
    case ClaimKind::tls: return "tls";
    case ClaimKind::tls_wanted: return "tls-wanted";
    case ClaimKind::certificate: return "certificate";
    case ClaimKind::limit: return "limit";
    case ClaimKind::link: return "link";
    case ClaimKind::ticket: return "ticket";
  }
  return "";
}

bool connects(ClaimKind kind) { return kind == ClaimKind::unreachable || kind == ClaimKind::tls || kind == ClaimKind::tls_wanted || kind == ClaimKind::certificate; }

bool can_be_asked(ClaimKind kind) { return kind != ClaimKind::limit && kind != ClaimKind::link && kind != ClaimKind::ticket; }

std::vector<net::Address> addresses_in(std::string_view text) {
  std::vector<net::Address> out;
  for (std::size_t at = 0; at < text.size() && out.size() < 20;) {
    std::size_t end = at;
    while (end < text.size() && is_address_byte(text[end])) ++end;
    const bool stands_alone = (at == 0 || !text::is_alnum(text[at - 1])) && (end == text.size() || !text::is_alnum(text[end]));
    std::string_view word = text.substr(at, end - at);
    while (!word.empty() && (word.back() == '.' || word.back() == ':')) word.remove_suffix(1);
    const auto colons = std::count(word.begin(), word.end(), ':'), dots = std::count(word.begin(), word.end(), '.');
    if (dots == 3 && colons == 1) word = word.substr(0, word.find(':'));  // with a port
    if (stands_alone && (dots == 3 || colons >= 2))
      if (const auto address = net::parse_address(word); address && std::find(out.begin(), out.end(), *address) == out.end()) out.push_back(*address);
    at = std::max(end, at + 1);
  }
  return out;
}

std::vector<std::string> links_in(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find("http"); at != text.npos && out.size() < 20; at = text.find("http", at + 4)) {
    const std::string_view rest = text.substr(at);
    if (!rest.starts_with("http://") && !rest.starts_with("https://")) continue;
    constexpr text::ByteSet ends(" \t\r\n<>\"')");
    std::string_view link = rest.substr(0, ends.first_in(rest));
    while (!link.empty() && (link.back() == '.' || link.back() == ',' || link.back() == ';' || link.back() == ']')) link.remove_suffix(1);
    out.emplace_back(link);
  }
  return out;
}

std::vector<std::string> limits_in(std::string_view text) {
  constexpr std::array units{"messages", "message", "mails", "emails", "recipients", "connections", "sessions", "bytes", "kb", "mb", "hops", "seconds", "minutes", "hours", "per"};
  std::vector<std::string> out;
  std::string_view number;  // the word in front, where it is one
  for (std::string_view word = text::take_word(text); !word.empty() && out.size() < 10; word = text::take_word(text)) {
    if (!number.empty()) {
      std::string unit = text::lower(word);
      while (!unit.empty() && !text::is_alnum(unit.back())) unit.pop_back();
      if (std::find(units.begin(), units.end(), unit) != units.end()) out.push_back(fmt::format("{} {}", number, unit));
    }
    number = std::all_of(word.begin(), word.end(), text::is_digit) ? word : std::string_view();
  }
  return out;
}

std::vector<Claim> claims_of(const message::RecipientReport& report, const Verdict& verdict, const Context& context) {
  std::vector<Claim> out;
  const std::string_view reason = verdict.rule ? verdict.rule->reason->id : std::string_view();
  const std::string_view words = report.diagnostic;
  if (reason == "blocklisted" || reason == "links-refused" || reason == "dynamic-address" || reason == "bad-reputation") add_listings(report, context, out);
  if (reason == "spf-failed" || reason == "unauthenticated")
    for (const net::Address& address : senders_of(words, context))
      out.push_back({.kind = ClaimKind::spf, .said = fmt::format("SPF does not pass for {}{}{}", address.to_string(), context.sender.empty() ? "" : " and ", context.sender), .address = address});
  if (reason == "no-reverse-name")
    for (const net::Address& address : senders_of(words, context))
      out.push_back({.kind = ClaimKind::reverse_name, .said = fmt::format("{} has no proper reverse name", address.to_string()), .address = address});
  if (reason == "dkim-failed" || reason == "unauthenticated") out.push_back({.kind = ClaimKind::signature, .said = "the message has no DKIM signature that holds"});
  if (reason == "dmarc-failed" || reason == "not-aligned") {
    const std::vector<net::Address> senders = senders_of(words, context);
    const auto author = author_of(context);
    out.push_back({.kind = ClaimKind::dmarc, .said = fmt::format("DMARC of {} does not pass", text_of(author)), .address = senders.size() == 1 ? std::optional(senders.front()) : std::nullopt, .domain = author});
  }
  if (reason == "no-dmarc") {
    const auto author = author_of(context);
    out.push_back({.kind = ClaimKind::no_dmarc, .said = fmt::format("{} has no DMARC policy", text_of(author)), .domain = author});
  }
  if (reason == "unknown-domain" || (reason == "takes-no-mail" && !is_said_by_server(report))) {
    const auto domain = report.recipient.empty() ? std::nullopt : domain_of(report.recipient);
    out.push_back({.kind = ClaimKind::no_domain, .said = fmt::format("{} takes no mail", domain ? domain->text() : "the recipient's domain"), .domain = domain});
  }
  if (reason == "sender-domain") {
    const auto domain = context.sender.empty() ? author_of(context) : domain_of(context.sender);
    out.push_back({.kind = ClaimKind::sender_domain, .said = fmt::format("{} cannot be found or answered", domain ? domain->text() : "the sender's domain"), .domain = domain});
  }
  add_servers(reason, report, out);
  for (const std::string& limit : limits_in(words)) out.push_back({.kind = ClaimKind::limit, .said = limit});
  for (const std::string& link : links_in(words)) out.push_back({.kind = ClaimKind::link, .said = link});
  for (const std::string& ticket : verdict.tickets) out.push_back({.kind = ClaimKind::ticket, .said = ticket});
  return out;
}

}  // namespace mailmedic::bounce
