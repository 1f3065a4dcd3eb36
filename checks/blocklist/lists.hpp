#pragma once
// The data file of lists: blocklists.toml.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/dns/name.hpp"
#include "lib/net/address.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::blocklist {

enum class Tier { low, medium, high };

/// One DNS list and how to read its answers.
struct List {
  dns::Name zone;                ///< with the key in it, for a list that needs one: never to be shown
  std::string shown;             ///< the zone as it may be shown
  std::string name, url, note;
  bool asks_ip4 = false, asks_ip6 = false, asks_domain = false;
  bool kinds_unknown = false;                                 ///< what it is about shows in which test entries it has
  bool allows = false;                                        ///< being listed is good
  Tier tier = Tier::low;
  std::vector<std::pair<std::string, std::string>> codes;     ///< "127.0.0.2" or "127.0.x.1" or "*", and its meaning
  std::vector<std::pair<int, std::string>> bits;              ///< of the last octet, and what each means
  std::vector<std::string> ignore;                            ///< answers that are no listing
  std::vector<std::pair<std::string, std::string>> refusals;  ///< answers by which it will not tell us
  std::vector<std::string> policy;                            ///< codes that name a use, not abuse
  std::string test;                                           ///< entry that must be listed; empty: RFC 5782 section 5
  std::string closed;                                         ///< why it is not to be asked; empty for a living list
  std::string key_name;                                       ///< "spamhaus": asked only with this key
  std::string zone_with_key;                                  ///< "{key}.zen.dq.spamhaus.net"
  std::vector<dns::Name> replaces;                            ///< zones that need not be asked when this one is
};

/// The lists of one run.
struct Lists {
  std::vector<List> asked;
  std::vector<List> closed;  ///< named by the user, and not asked
};

/// Which lists are to be asked.
struct Choice {
  std::vector<std::string> zones{};                         ///< these alone; empty: all of the file that live
  std::string file{};                                       ///< the data file
  Tier lowest = Tier::low;                                  ///< lists below are left out, unless `zones` names them
  std::vector<std::pair<std::string, std::string>> keys{};  ///< {"spamhaus", the key}
};

/// The error names the file and entry, the zone, or the key that is missing for a zone that was named.
text::Parsed<std::shared_ptr<const Lists>> choose(const Choice& choice);

/// All lists of the file, closed ones too. The error names file and entry.
text::Parsed<std::vector<List>> read_lists(const std::string& path);

/// A list of which only the zone is known: asked about addresses and domains, as far as it has their test entries; any answer in 127.0.0.0/8 is a listing.
List unknown_list(const dns::Name& zone);

std::string_view tier_word(Tier tier);
std::optional<Tier> parse_tier(std::string_view word);

/// What an answer of this list means.
struct Reading {
  enum class Kind { listed, not_listed, refused, rewritten } kind = Kind::not_listed;
  std::vector<std::string> meanings;  ///< of the codes, or why it is no listing
  bool policy_only = false;           ///< listed, for its use only
};

/// Reads the A records of one answer: refusals of the list, 127.255.255.0/24 (any list's refusal, by common use) and,
/// from address lists, 127.0.0.1 are no verdict; answers outside 127.0.0.0/8 come from somebody else (RFC 5782
/// section 2.1).
Reading read_answer(const List& list, const std::vector<net::Address>& answer);

}  // namespace mailmedic::blocklist
