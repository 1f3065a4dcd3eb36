#include "tools/cli/list_options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"
#include "tools/cli/targets.hpp"

extern char** environ;

namespace mailmedic::cli {

namespace {

using Keys = std::vector<std::pair<std::string, std::string>>;

void read_environment(Keys& keys) {
  constexpr std::string_view prefix = "MAILMEDIC_LIST_KEY_";
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    const auto equals = text.find('=');
    if (!text.starts_with(prefix) || equals == text.npos) continue;
    keys.emplace_back(text::lower(text.substr(prefix.size(), equals - prefix.size())), std::string(text.substr(equals + 1)));
  }
}

}  // namespace

void add_list_options(CommandLine& line) {
  using Texts = std::vector<std::string>;
  // clang-format off
  line.options().add_options()
      ("list", po::value<Texts>()->value_name("ZONE"), "ask this list instead of the known ones (repeatable)")
      ("lists-file", po::value<std::string>()->value_name("FILE"), "know the lists of FILE instead of the installed blocklists.toml")
      ("tier", po::value<std::string>()->value_name("TIER"), "leave out lists of less weight than this: high, medium or low")
      ("list-keys", po::value<std::string>()->value_name("FILE"), "keys for lists that need one (lines: spamhaus = \"...\");\nor MAILMEDIC_LIST_KEY_SPAMHAUS in the environment");
  // clang-format on
}

text::Parsed<std::shared_ptr<const blocklist::Lists>> chosen_lists(CommandLine& line) {
  blocklist::Choice choice{.zones = line.texts("list"), .file = line.text("lists-file")};
  for (const std::string& zone : choice.zones)
    if (const auto name = parse_domain(zone); !name) return text::ParseError{0, "--list " + name.error().why};
  if (choice.file.empty()) choice.file = data_directory() + "/blocklists.toml";
  if (line.has("tier")) {
    const auto tier = blocklist::parse_tier(line.text("tier"));
    if (!tier) return text::ParseError{0, fmt::format("--tier {}: give high, medium or low", line.text("tier"))};
    choice.lowest = *tier;
  }
  if (line.has("list-keys")) {
    const auto file = text::read_toml(line.text("list-keys"));
    if (!file) return text::ParseError{0, "--list-keys " + file.error().why};
    for (const auto& item : *file) choice.keys.emplace_back(std::string(item.key()), text::string_of(*file, item.key()));
  }
  read_environment(choice.keys);
  for (const auto& [name, key] : choice.keys) line.keep_secret(key);
  return blocklist::choose(choice);
}

}  // namespace mailmedic::cli
