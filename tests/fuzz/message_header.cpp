// Header fields, and the signatures among them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/dkim/signature.hpp"
#include "lib/message/fields.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto fields = message::parse_fields(text);
  if (!fields) {
    if (fields.error().offset > size) std::abort();
    return 0;
  }
  std::size_t bytes = 0;
  for (const message::Field& field : *fields) {
    if (field.name.empty() || field.unfolded().size() > field.raw.size()) std::abort();
    bytes += field.name.size();
    const auto signature = dkim::parse_signature(field.raw);
    if (signature && (signature->selector.empty() || signature->domain.is_root())) std::abort();
  }
  if (bytes > size) std::abort();
  return 0;
}
