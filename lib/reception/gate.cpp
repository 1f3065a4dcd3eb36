#include "lib/reception/gate.hpp"

#include <algorithm>

namespace mailmedic::reception {

namespace {
/// Who has one address of a /64 has them all.
net::Address household(const net::Address& address) {
  if (!address.is_v6()) return address;
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return boost::asio::ip::make_address_v6(bytes);
}
constexpr auto minute = std::chrono::minutes(1);
constexpr std::size_t most_visitors = 10'000;
}  // namespace

void Gate::forget(Time now) {
  std::erase_if(visitors_, [&](const auto& entry) { return entry.second.open == 0 && now - entry.second.minute >= minute; });
}

bool Gate::enter(const net::Address& address, Time now) {
  if (open_ >= limits_.connections) return false;
  if (visitors_.size() >= most_visitors) forget(now);
  if (visitors_.size() >= most_visitors && !visitors_.contains(household(address))) return false;
  Visitor& visitor = visitors_[household(address)];
  if (now - visitor.minute >= minute) {
    visitor.minute = now;
    visitor.recent = 0;
  }
  if (visitor.open >= limits_.per_address || visitor.recent >= limits_.per_minute) return false;
  ++visitor.open;
  ++visitor.recent;
  ++open_;
  return true;
}

void Gate::leave(const net::Address& address) {
  --visitors_[household(address)].open;
  --open_;
}

}  // namespace mailmedic::reception
