#pragma once
#include "checks/check.hpp"

namespace mailmedic::bimi {

/// BIMI of a domain: the record at its default selector or its organization's, the DMARC policy that receivers demand,
/// the logo and the mark certificate that it names. A domain without a record is fine. Without Probes::https the DNS
/// side alone. Facts: record, record_domain, declined, logo{}, certificate{}.
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

}  // namespace mailmedic::bimi
