// A TLS-RPT record of any bytes: every destination is usable or says why not.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/tls_rpt/record.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (tls_rpt::is_record(text) && tls_rpt::is_nearly_record(text)) std::abort();
  const auto record = tls_rpt::parse_record(text);
  if (!record) return 0;
  if (record->destinations.size() > tls_rpt::max_destinations) std::abort();
  for (const tls_rpt::Destination& destination : record->destinations)
    if (destination.why.empty() != (destination.mailbox.has_value() || destination.url.has_value())) std::abort();
  return 0;
}
