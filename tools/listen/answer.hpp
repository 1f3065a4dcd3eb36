#pragma once
#include <string>

#include "lib/reception/receiver.hpp"
#include "lib/text/parse_error.hpp"
#include "reports/report.hpp"

namespace mailmedic::cli {

/// Why a message must not be answered by a machine; empty where it may be. Nobody is answered whose address is not proved (SPF or
/// an aligned DMARC pass, in `facts` of the report): the address may be anybody's. RFC 3834 section 2, RFC 5230 section 4.6.
std::string reason_for_silence(const reception::Delivered& message, const Facts& facts);

/// The answer: `report` as text, from the address that the message went to, to its envelope sender. RFC 3834 section 3: marked as
/// an answer of a machine; it travels with the null sender. `id` is the report's.
text::Parsed<std::string> answer_to(const reception::Delivered& message, std::string id, const std::string& report);

}  // namespace mailmedic::cli
