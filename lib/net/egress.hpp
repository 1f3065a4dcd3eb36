#pragma once
#include <optional>

#include "lib/net/address.hpp"

namespace mailmedic::net {

/// The source address that the kernel's routes choose for the internet in one family; nothing where there is no route.
/// No packet is sent. Behind NAT the world sees another address: then this one is private (special_use).
std::optional<Address> egress_address(bool ipv6);

}  // namespace mailmedic::net
