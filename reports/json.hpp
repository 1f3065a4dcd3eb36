#pragma once
#include <boost/json/object.hpp>

#include "reports/report.hpp"

namespace mailmedic::reports {

/// The report as docs/report.schema.json describes it. Bytes that are not UTF-8 are shown as text::shown does. The report's
/// facts are moved into it, and all of it lies in their memory.
boost::json::object to_json(Report& report, const Judgement& judgement);

/// The same as a line of text, with its end.
std::string to_json_line(Report& report, const Judgement& judgement);

/// "2026-11-25T02:14:30Z"
std::string iso_time(TimePoint time);

/// Every string in `value` made valid UTF-8.
void make_valid_utf8(boost::json::value& value);

}  // namespace mailmedic::reports
