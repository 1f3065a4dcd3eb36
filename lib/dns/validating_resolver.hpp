#pragma once
#include "lib/dns/chain_of_trust.hpp"

namespace mailmedic::dns {

/// Passes on answers of `upstream` with DNSSEC's verdict of our own in place of the resolver's: `authentic` for what is
/// secure, and status bogus, with the broken link in `why` and without records, for what a validating resolver would
/// refuse to give out. `chain` must ask the same upstream.
class ValidatingResolver : public Resolver {
 public:
  ValidatingResolver(Resolver& upstream, ChainOfTrust& chain) : upstream_(upstream), chain_(chain) {}
  asio::awaitable<Answer> query(Name name, Type type) override;

 private:
  Resolver& upstream_;
  ChainOfTrust& chain_;
};

}  // namespace mailmedic::dns
