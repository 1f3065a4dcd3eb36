#pragma once
#include "checks/check.hpp"
#include "checks/dane/hosts.hpp"

namespace mailmedic::dane {

/// What is published for one host, whatever it serves.
void judge_records(const Host& host, CheckReport& report);

/// Hosts with and without records, and records that no sender uses. `validated`: somebody that we trust verified DNSSEC.
void judge_coverage(const Hosts& hosts, bool validated, CheckReport& report);

/// Its addresses are vouched for, and its name servers fail at the question after them: senders with DANE defer.
/// RFC 7672 section 2.1.1.
bool tlsa_fails(const Host& host);

/// One address against the records of its host. False: nothing is known of its TLS.
bool judge_probe(const Host& host, const smtp::Probe& probe, TimePoint now, CheckReport& report);

/// Says that nothing is known of TLS at an address.
void judge_unmeasured(const Host& host, const smtp::Probe& probe, CheckReport& report);

/// The records against a certificate that is to be installed. RFC 7671 section 8.
void judge_new_certificate(const Host& host, const std::vector<tls::Certificate>& chain, TimePoint now, CheckReport& report);

}  // namespace mailmedic::dane
