// Tag lists, and DKIM key records on top of them with their key data.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/dkim/key.hpp"
#include "checks/dkim/record.hpp"
#include "lib/text/tag_list.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto list = text::TagList::parse(text);
  const auto record = dkim::parse_key_record(text);
  if (list.has_value() != record.has_value()) std::abort();
  if (!list) {
    if (list.error().offset > size) std::abort();
    return 0;
  }
  for (const text::Tag& tag : list->tags())
    if (text.substr(tag.offset, tag.name.size()) != tag.name) std::abort();
  if (record->key) {
    const dkim::Key key = dkim::inspect_key(*record->key, record->key_type);
    if (key.fault != dkim::KeyFault::none && key.why.empty()) std::abort();
  }
  return 0;
}
