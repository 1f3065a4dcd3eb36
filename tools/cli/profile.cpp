#include "tools/cli/profile.hpp"

#include <fmt/format.h>

#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::cli {

void add_profile_options(CommandLine& line, const std::string& subject) {
  // clang-format off
  line.options().add_options()
      ("profile", po::value<std::string>()->value_name("RECEIVERS"), fmt::format("hold {} against what they ask for: gmail,yahoo,microsoft,apple,china or all", subject).c_str())
      ("bulk", po::bool_switch(), "it is sent in bulk: include what is asked of such senders");
  // clang-format on
}

text::Parsed<WantedReceivers> wanted_receivers(const CommandLine& line) {
  WantedReceivers out;
  if (!line.has("profile") && !line.flag("bulk")) return out;
  auto rules = receivers::read_rules(data_directory() + "/receivers.toml");
  if (!rules) return rules.error();
  out.profile.bulk = line.flag("bulk");
  const std::string wanted = line.has("profile") ? line.text("profile") : "all";
  std::string known;
  for (const receivers::Rules::Provider& provider : rules->providers) {
    known += (known.empty() ? "" : ", ") + provider.id;
    if (wanted == "all") out.profile.providers.push_back(provider.id);
  }
  for (const std::string_view id : text::split(wanted, ',')) {
    if (wanted == "all") break;
    if (!rules->find(id)) return text::ParseError{0, fmt::format("--profile {}: no such receiver; there are {}", text::shown(id, 100), known)};
    out.profile.providers.emplace_back(id);
  }
  out.rules = std::make_shared<const receivers::Rules>(std::move(*rules));
  return out;
}

}  // namespace mailmedic::cli
