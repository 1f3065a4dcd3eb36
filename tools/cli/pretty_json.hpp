#pragma once
#include <boost/json/value.hpp>
#include <string>

namespace mailmedic::cli {

/// JSON with two spaces of indentation, without a line end behind it. (Boost.JSON 1.81 prints one line only.)
std::string pretty(const boost::json::value& value);

}  // namespace mailmedic::cli
