#pragma once
// What every parser of ours returns: the value, or where in the text it went wrong and why.
#include <boost/system/result.hpp>
#include <cstddef>
#include <string>

namespace mailmedic::text {

struct ParseError {
  std::size_t offset = 0;  ///< in bytes, from the start of the text that was parsed
  std::string why;         ///< in English, without the text itself
};

/// Says of `result.value()` on an error, which is a bug of the caller.
[[noreturn]] void throw_exception_from_error(const ParseError& error, const boost::source_location& where);

template <typename T>
using Parsed = boost::system::result<T, ParseError>;

}  // namespace mailmedic::text
