#pragma once
// Who may send by a record, all includes taken together: the flattened view.
#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "checks/spf/survey.hpp"

namespace mailmedic::spf {

/// One network that the record decides about, and how it gets to it.
struct Authorized {
  net::Prefix network;
  Qualifier qualifier = Qualifier::pass;
  std::vector<std::string> path;  ///< the terms from the first record down to the one that names it
};

struct Networks {
  std::vector<Authorized> all;
  std::vector<std::vector<std::string>> dynamic;  ///< paths of terms that name none: exists, ptr, and what has macros in it
  bool complete = true;                           ///< false: an answer is missing, or there were too many
};

/// Networks that are shown at most.
inline constexpr std::size_t max_networks = 2000;

/// Asks for the addresses of mail hosts, which a survey does not. Within an include only what passes there counts.
asio::awaitable<Networks> authorized_networks(const Survey& survey, dns::Resolver& resolver);

/// [{network, qualifier, path}]
boost::json::array to_json(const Networks& networks);

/// One record in the tree of includes, with what all below it costs.
struct Node {
  std::string term;   ///< that leads here; empty for the first
  dns::Name domain;
  std::string record; ///< empty: none, or DNS did not answer
  int lookups = 0;    ///< of this record and all below it
  int voids = 0;
  std::vector<Node> children;
};
Node tree_of(const Survey& survey);
boost::json::object to_json(const Node& node);

}  // namespace mailmedic::spf
