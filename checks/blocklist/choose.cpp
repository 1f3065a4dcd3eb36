// Which of the known lists are asked in a run.
#include <fmt/format.h>

#include <algorithm>

#include "checks/blocklist/lists.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::blocklist {

namespace {

const std::string* key_of(const List& list, const Choice& choice) {
  const auto key = std::find_if(choice.keys.begin(), choice.keys.end(), [&](const auto& row) { return row.first == list.key_name; });
  return key == choice.keys.end() ? nullptr : &key->second;
}

/// Puts the key into the zone of a list that needs one; an error text, or empty.
std::string unlock(List& list, const std::string& key) {
  std::string zone = list.zone_with_key;
  const auto place = zone.find("{key}");
  if (place != std::string::npos) zone.replace(place, 5, key);
  auto name = dns::Name::parse(zone);
  if (!name) return fmt::format("the key \"{}\" makes no domain name: it must be one label of letters and digits", list.key_name);
  list.zone = std::move(*name);
  return {};
}

/// An error text, or empty.
std::string add_named(const std::string& written, const std::vector<List>& known, const Choice& choice, Lists& lists) {
  const auto name = dns::Name::parse(written);
  if (!name || name->is_root()) return fmt::format("{} is not the zone of a list; give one as zen.spamhaus.org", text::shown(written, 100));
  const auto found = std::find_if(known.begin(), known.end(), [&](const List& list) { return list.zone == *name; });
  List list = found == known.end() ? unknown_list(*name) : *found;
  if (!list.closed.empty()) {
    lists.closed.push_back(std::move(list));
    return {};
  }
  if (!list.key_name.empty()) {
    const std::string* key = key_of(list, choice);
    if (!key)
      return fmt::format("{} is asked with a key of one's own: put {} = \"...\" into a file and name it with --list-keys", list.shown, list.key_name);
    if (auto why = unlock(list, *key); !why.empty()) return why;
  }
  lists.asked.push_back(std::move(list));
  return {};
}

}  // namespace

text::Parsed<std::shared_ptr<const Lists>> choose(const Choice& choice) {
  auto known = read_lists(choice.file);
  if (!known) return known.error();
  auto lists = std::make_shared<Lists>();
  for (const std::string& zone : choice.zones) {
    if (std::string why = add_named(zone, *known, choice, *lists); !why.empty()) return text::ParseError{0, std::move(why)};
  }
  if (!choice.zones.empty()) return std::shared_ptr<const Lists>(std::move(lists));
  std::vector<dns::Name> replaced;
  for (List& list : *known) {
    if (!list.closed.empty() || list.tier < choice.lowest) continue;
    if (!list.key_name.empty()) {
      const std::string* key = key_of(list, choice);
      if (!key) continue;
      if (std::string why = unlock(list, *key); !why.empty()) return text::ParseError{0, std::move(why)};
    }
    replaced.insert(replaced.end(), list.replaces.begin(), list.replaces.end());
    lists->asked.push_back(std::move(list));
  }
  std::erase_if(lists->asked, [&](const List& list) { return std::find(replaced.begin(), replaced.end(), list.zone) != replaced.end(); });
  return std::shared_ptr<const Lists>(std::move(lists));
}

}  // namespace mailmedic::blocklist
