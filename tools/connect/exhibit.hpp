#pragma once
#include "lib/smtp/mail_hosts.hpp"
#include "lib/smtp/trial.hpp"
#include "reports/report.hpp"

namespace mailmedic::connect {

/// The stages of a conversation in time, TLS, then what was said.
reports::Exhibit exhibit_of(const std::string& host, const smtp::Probe& probe);

/// What was said in a trial.
reports::Exhibit exhibit_of(const std::string& host, const net::Endpoint& endpoint, const smtp::TrialSeen& trial);

}  // namespace mailmedic::connect
