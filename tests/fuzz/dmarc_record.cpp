// DMARC: whatever is selected as a record is read to its end, has a policy by both standards, and can be
// written anew with another.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/dmarc/ladder.hpp"
#include "checks/dmarc/record.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto record = dmarc::parse_record(text);
  if (record.has_value() != dmarc::is_dmarc_record(text)) std::abort();
  if (!record) return 0;
  for (const dmarc::Problem& problem : record->problems)
    if (problem.offset > size || problem.why.empty()) std::abort();
  for (const auto subject : {dmarc::Subject::domain, dmarc::Subject::existing_subdomain, dmarc::Subject::nonexistent_subdomain})
    for (const auto standard : {dmarc::Standard::rfc9989, dmarc::Standard::rfc7489}) {
      const dmarc::Effective effective = dmarc::effective_policy(*record, subject, standard);
      if (!effective.applies && effective.policy != dmarc::Policy::none) std::abort();
    }
  const auto stricter = dmarc::parse_record(dmarc::with_policy(*record, dmarc::Policy::reject, true));
  if (!stricter || stricter->p != dmarc::Policy::reject || !stricter->testing || !stricter->p_is_second) std::abort();
  return 0;
}
