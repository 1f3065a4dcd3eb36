#include "lib/net/egress.hpp"

#include <gtest/gtest.h>

using namespace mailmedic;

// What the routes of this machine are is its own affair: where there is one, the address is of the family, and no
// placeholder.
TEST(Egress, IsTheAddressOfTheRoute) {
  for (const bool ipv6 : {false, true}) {
    const auto address = net::egress_address(ipv6);
    if (!address) continue;
    EXPECT_EQ(address->is_v6(), ipv6);
    EXPECT_FALSE(address->is_unspecified());
  }
}
