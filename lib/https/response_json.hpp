#pragma once
#include <boost/json/object.hpp>

#include "lib/https/getter.hpp"

namespace mailmedic::https {

/// {address, port, stopped_at, cause, why, status, content_type, location, bytes, ms, tls{}, certificate{}}. Texts of the
/// server stand in it as raw bytes.
boost::json::object facts_of(const Response& response);

}  // namespace mailmedic::https
