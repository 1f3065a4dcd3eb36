// A BIMI record of any bytes: an address that is kept is one that can be asked for.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/bimi/record.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto record = bimi::parse_record(text);
  if (record.has_value() != bimi::is_record(text)) std::abort();
  if (bimi::is_record(text) && bimi::is_nearly_record(text)) std::abort();
  if (!record) return 0;
  if (record->is_declined && (record->logo || record->certificate)) std::abort();
  for (const auto* url : {&record->logo, &record->certificate})
    if (*url && (!(*url)->target.starts_with('/') || !https::Url::parse((*url)->text()))) std::abort();
  return 0;
}
