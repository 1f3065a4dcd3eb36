#include "lib/text/parse_error.hpp"

#include <stdexcept>

namespace mailmedic::text {

void throw_exception_from_error(const ParseError& error, const boost::source_location&) {
  throw std::logic_error("parse error at byte " + std::to_string(error.offset) + ": " + error.why);
}

}  // namespace mailmedic::text
