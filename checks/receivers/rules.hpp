#pragma once
// What large receivers ask of those who send to them: receivers.toml.
#include <string>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::receivers {

/// One requirement of one receiver, as its page said on the day when it was read.
struct Rule {
  std::string spec;         ///< "REQ-02"
  std::string provider;     ///< "gmail"
  bool bulk_only = false;   ///< asked only of those who send in bulk
  bool is_advice = false;   ///< recommended, not required
  std::string measure;      ///< how it is measured: a name that measure() knows
  std::string en, zh;       ///< the requirement in one sentence
  std::string since, source, read;  ///< in force since (may be empty), the page, and when it was read
};

struct Rules {
  struct Provider {
    std::string id, name, name_zh, bulk;  ///< `bulk`: whom it counts as a bulk sender
  };
  std::vector<Provider> providers;
  std::vector<Rule> rules;

  const Provider* find(std::string_view id) const;
};

/// The error names file, entry and cause.
text::Parsed<Rules> read_rules(const std::string& path);

/// For whom the requirements are judged.
struct Profile {
  std::vector<std::string> providers;  ///< ids of Rules::providers
  bool bulk = false;
};

}  // namespace mailmedic::receivers
