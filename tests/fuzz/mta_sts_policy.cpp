// An MTA-STS policy and record of any bytes: what is called usable has all that a sender needs.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/mta_sts/policy.hpp"
#include "checks/mta_sts/record.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const mta_sts::Policy policy = mta_sts::parse_policy(text);
  if (policy.is_usable() && (!policy.mode || !policy.max_age || *policy.max_age > mta_sts::longest_age)) std::abort();
  const auto host = dns::Name::parse("mx.example.org").value();
  for (const std::string& pattern : policy.mx) mta_sts::matches(pattern, host);
  if (mta_sts::is_record(text) && mta_sts::is_nearly_record(text)) std::abort();
  if (const auto record = mta_sts::parse_record(text); record && record->id_is_valid && (record->id.empty() || record->id.size() > 32)) std::abort();
  return 0;
}
