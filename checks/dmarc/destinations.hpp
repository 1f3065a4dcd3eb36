#pragma once
#include "checks/check.hpp"
#include "checks/dmarc/record.hpp"

namespace mailmedic::dmarc {

/// Destinations that are asked about at most: a hostile record can name many.
inline constexpr std::size_t max_destinations = 10;

/// Do the domains of rua and ruf want reports about `record_domain` (RFC 9990 section 4), and can they take mail?
/// All at once. Arguments must outlive the coroutine.
asio::awaitable<void> judge_destinations(const Record& record, const dns::Name& record_domain, Probes& probes, CheckReport& report);

}  // namespace mailmedic::dmarc
