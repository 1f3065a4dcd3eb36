#pragma once
#include <string>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::send {

/// A mail service's submission server. From submission.toml.
struct Provider {
  std::string id, name, server;  ///< "gmail", "Gmail ...", "smtp.gmail.com:587"
  bool implicit_tls = false;
  std::vector<std::string> mechanisms;
  std::string user, password;    ///< what the service wants there, for people
  std::string url;
  std::vector<std::pair<std::string, std::string>> refusals;  ///< how a reply begins or what stands in it, and its meaning
};

/// The error names file and entry.
text::Parsed<std::vector<Provider>> read_providers(const std::string& file);

/// The known meaning of a reply; empty where none is known.
std::string meaning_of(const Provider& provider, const std::string& reply);

}  // namespace mailmedic::send
