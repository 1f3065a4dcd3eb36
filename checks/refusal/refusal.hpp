#pragma once
// What a mail server says when it turns a client away, by the rules for replies of checks/bounce: the reason, what it means and
// what to do. For whoever talks to a server itself; of returned messages checks/bounce tells.
#include <string>
#include <vector>

#include "checks/blocklist/lists.hpp"
#include "checks/bounce/classify.hpp"
#include "checks/check.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::refusal {

/// One refusing reply.
struct Refusal {
  std::string host;        ///< the server, by name
  net::Endpoint endpoint;
  net::Address ours;       ///< where we came from
  std::string command;     ///< CONN, EHLO, MAIL, RCPT, DATA
  smtp::Reply reply;
  std::string recipient;   ///< that was named in RCPT; empty: none
};

/// The replies by which probes were turned away, from the banner to DATA; those to STARTTLS and AUTH have findings of their own.
std::vector<Refusal> refusals_of(const smtp::Survey& survey);

/// A finding of checks/bounce about the host for each refusal that a rule fits by more than its bare code; its evidence has the rule, and for
/// block lists where they take requests for removal. `lists` must hold all that are known. A refusal that only puts off ("later") is
/// a note. Text that no rule knows adds nothing: what the server said is told by the findings of checks/smtp.
void judge(const std::vector<Refusal>& refusals, const bounce::Classifier& classifier, std::shared_ptr<const std::vector<blocklist::List>> lists, CheckReport& report);

}  // namespace mailmedic::refusal
