#pragma once
#include <span>

#include "checks/check.hpp"
#include "lib/smtp/prober.hpp"

namespace mailmedic::tls_scan {

/// What each kind of sender does with mail for `host`, as this address showed itself: {opportunistic, dane, mta_sts,
/// must_verify}, each {outcome: delivers|delivers_encrypted|refuses|unknown|not_applicable, why}. RFC 7435, RFC 7672, RFC 8461.
/// `policies`: the reports of "dane" and "mta_sts", none where a single host was named.
Facts senders_of(const std::string& host, const smtp::Probe& probe, std::span<const CheckReport> policies);

}  // namespace mailmedic::tls_scan
