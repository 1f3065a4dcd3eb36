#pragma once
#include <boost/json/object.hpp>

#include "checks/check.hpp"
#include "checks/feedback/today.hpp"

namespace mailmedic::feedback {

/// All that the reports say, and what DNS says today; `today` is empty when nothing was asked.
struct Picture {
  Documents documents;
  std::vector<Source> sources;
  std::vector<Today> today;
  TlsSum tls;
};
Picture picture_of(Documents documents);

/// Facts to findings.
void judge(const Picture& picture, CheckReport& report);

/// {reports: [...], sources: [...], tls: {...}, unreadable: [...]}, the first `top` sources.
boost::json::object facts_of(const Picture& picture, std::size_t top);

}  // namespace mailmedic::feedback
