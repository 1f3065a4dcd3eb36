#pragma once
// The key that a signature names: looked up, read and made ready once a run.
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <unordered_map>

#include "checks/dkim/record.hpp"
#include "lib/dkim/signature_field.hpp"
#include "lib/dkim/verify_key.hpp"
#include "lib/dns/resolver.hpp"

namespace mailmedic::signature {

namespace asio = boost::asio;

/// Can the key be used for a signature? The first that applies, in the order of RFC 6376 section 6.1.2.
enum class KeyState {
  usable,
  no_answer,      ///< DNS did not answer: nothing is known
  missing,
  several,        ///< more than one key record: undefined (section 3.6.2.2)
  unreadable,     ///< no key record, or one with a fault
  other_service,  ///< s= lacks email
  other_hash,     ///< h= lacks sha256
  revoked,        ///< p= is empty
  other_type,     ///< k= does not fit the algorithm
  no_key,         ///< p= holds no key
  weak,           ///< RSA under 1024 bits: must not be accepted (RFC 8301 section 3.2)
  subdomain,      ///< t=s, and i= is in a subdomain (section 3.6.1)
};

/// A key record and its key, decoded.
struct PublishedKey {
  text::Parsed<dkim::KeyRecord> record;
  std::unique_ptr<dkim::VerifyKey> key{};  ///< null: the record has none that can be read
};

/// Keys by the text of their records, so that none is decoded twice. Holds a bounded number. For one thread.
class KeyRing {
 public:
  std::shared_ptr<PublishedKey> read(const std::string& text);

 private:
  std::unordered_map<std::string, std::shared_ptr<PublishedKey>> keys_;
};

struct FoundKey {
  KeyState state = KeyState::no_answer;
  std::string why{};       ///< in English, for everything but `usable`
  dns::Name name{};        ///< SELECTOR._domainkey.DOMAIN
  std::string text{};      ///< of the record; empty where there is none
  dns::Answer answer{};
  std::shared_ptr<PublishedKey> published{};  ///< null: no record that can be read
};

/// Arguments must outlive the coroutine.
asio::awaitable<FoundKey> find_key(const dkim::SignatureField& field, dns::Resolver& resolver, KeyRing& ring);

}  // namespace mailmedic::signature
