#pragma once
// What a run knows of signing keys before it asks: services and published samples (data files), private keys and
// signatures (from the user).
#include <string>
#include <vector>

#include "lib/dkim/private_key.hpp"
#include "checks/dkim/signature.hpp"
#include "lib/dns/answer.hpp"
#include "lib/dns/name.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::dkim {

/// A service that signs for its customers: one table of providers.toml.
struct Provider {
  std::string name;
  std::vector<dns::Name> mx, spf, aliases;  ///< names at or below these point to it
  std::vector<std::string> selectors;
};

/// A key whose private half is public: one table of known_keys.toml.
struct KnownKey {
  std::string fingerprint;  ///< as Key::fingerprint
  std::string source;       ///< where it is printed
};

struct Given {
  std::vector<Provider> providers{};
  std::vector<KnownKey> known_keys{};
  std::vector<PrivateKey> private_keys{};
  std::vector<Signature> signatures{};
};

/// With providers.toml and known_keys.toml of this folder. The error names the file and the entry.
text::Parsed<Given> read_given(const std::string& data_directory);

/// A service by what points to it.
struct Hint {
  const Provider* provider;
  std::string source, text;  ///< "MX example.org", "aspmx.l.google.com"
};

/// The services that the mail exchangers and the SPF record of a domain name, each once. Answers that failed name none.
std::vector<Hint> hints_of(const std::vector<Provider>& providers, const dns::Name& domain, const dns::Answer& mx, const dns::Answer& txt);

/// The service at or below whose names the last alias is; null where none is known.
const Provider* host_of(const std::vector<Provider>& providers, const std::vector<dns::Name>& aliases);

}  // namespace mailmedic::dkim
