#include "checks/spf/client_names.hpp"

#include <algorithm>

namespace mailmedic::spf {

ClientNames::ClientNames(const net::Address& ip) : ip_(ip), reverse_(dns::Name::from_bytes(net::reverse_name(ip)).value()) {}

asio::awaitable<void> ClientNames::look_up(dns::Resolver& dns) {
  if (asked_) co_return;
  asked_ = true;
  answer_ = co_await dns.query(reverse_, dns::Type::ptr);
  std::size_t looked_at = 0;
  for (const dns::Record& record : answer_.records) {
    const auto* name = std::get_if<dns::Name>(&record.data);
    if (!name || name->is_root()) continue;
    if (++looked_at > max_ptr_names) break;
    const dns::Answer answer = co_await dns.query(*name, dns::address_type(ip_));
    const auto same = [&](const dns::Record& other) {
      const auto* address = std::get_if<net::Address>(&other.data);
      return address && *address == ip_;
    };
    if (std::any_of(answer.records.begin(), answer.records.end(), same)) validated_.push_back(*name);
  }
}

std::string_view ClientNames::macro_for(const dns::Name& domain) const {
  for (const dns::Name& name : validated_)
    if (name == domain) return name.text();
  for (const dns::Name& name : validated_)
    if (name.is_within(domain)) return name.text();
  return validated_.empty() ? std::string_view("unknown") : std::string_view(validated_.front().text());
}

}  // namespace mailmedic::spf
