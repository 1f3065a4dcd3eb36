#pragma once
// What became of a message that was handed over.
#include "checks/check.hpp"
#include "lib/smtp/courier.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::delivery {

/// Findings about each recipient and about the message on the way; adds to `report`. Asks nobody.
void judge(const smtp::Delivery& delivery, CheckReport& report);

/// Nobody was there to hand it to: by what DNS says of the domain of these recipients. Where DNS did not say, that is unknown.
void judge_no_way(const std::vector<smtp::Handover>& recipients, const smtp::MailHosts& mail, CheckReport& report);

/// Does the server only want the message to come again? RFC 6647 section 2.
bool is_greylisting(const smtp::Reply& reply);

/// A refused login whose meaning at a mail service is known, and what that service wants.
struct KnownRefusal {
  std::string provider, meaning, user, password, url;
};
Finding provider_refusal(const KnownRefusal& known, const smtp::Reply& reply);

/// {recipient, outcome, stage, reply, status, queue_id, server}.
boost::json::object facts_of(const smtp::Handover& handover, const smtp::Delivery& delivery);

}  // namespace mailmedic::delivery
