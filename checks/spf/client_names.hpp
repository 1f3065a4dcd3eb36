#pragma once
#include <boost/asio/awaitable.hpp>
#include <string_view>
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/net/address.hpp"

namespace mailmedic::spf {

namespace asio = boost::asio;

/// Names of one reverse lookup that are looked at. RFC 7208 section 4.6.4.
inline constexpr std::size_t max_ptr_names = 10;

/// The SMTP client's validated names: those of its reverse lookup that have its address. RFC 7208 section 5.5.
class ClientNames {
 public:
  explicit ClientNames(const net::Address& ip);

  /// Asks, the first time. A name whose addresses cannot be told is skipped, as the RFC wants it.
  asio::awaitable<void> look_up(dns::Resolver& dns);

  const dns::Name& reverse() const { return reverse_; }     ///< the name of the PTR record
  const dns::Answer& answer() const { return answer_; }     ///< to the question for it, once it was asked
  const std::vector<dns::Name>& validated() const { return validated_; }
  /// For the macro "p": the domain itself, else a name below it, else any, else "unknown". RFC 7208 section 7.3.
  std::string_view macro_for(const dns::Name& domain) const;

 private:
  net::Address ip_;
  dns::Name reverse_;
  bool asked_ = false;
  dns::Answer answer_;
  std::vector<dns::Name> validated_;
};

}  // namespace mailmedic::spf
