#pragma once
#include "checks/finding.hpp"
#include "lib/dns/answer.hpp"

namespace mailmedic {

/// What could not be told because DNS did not answer: the unknown "dns.no-answer" about `name`, with the server's
/// words as evidence. For answers that are not definite.
Finding no_answer(const dns::Name& name, dns::Type type, const dns::Answer& answer);

}  // namespace mailmedic
