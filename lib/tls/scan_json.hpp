#pragma once
#include <boost/json/object.hpp>

#include "lib/tls/scan.hpp"

namespace mailmedic::tls {

/// {version, spoken: yes|no|unknown, how, suites[], suites_are_all, server_orders, groups[], groups_are_all, connections,
/// dh_bits, secure_renegotiation, extended_master_secret, compression, certificates[{sha256, key, chain_length}]}.
boost::json::object facts_of(const VersionFacts& facts);

}  // namespace mailmedic::tls
