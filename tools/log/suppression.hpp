#pragma once
#include <string>

#include "checks/log/gather.hpp"

namespace mailmedic::cli {

/// The addresses that bounced for good, as a table (RFC 4180) with a head: address, class, status, reply, count, first,
/// last, text. In the order of the addresses.
std::string suppression_table(const log::Tally& tally);

}  // namespace mailmedic::cli
