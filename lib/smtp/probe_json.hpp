#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <string>

#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::smtp {

/// The facts of one address as the reports give them: {address, family, port, stages[{name,ms,outcome}], stopped_at,
/// cause, banner, extensions, tls{...}, certificate{...}}. Texts of the server stand in it as raw bytes.
boost::json::object facts_of(const Probe& probe);

/// {name, preference, addresses[...]} of each host.
boost::json::array facts_of(const Survey& survey);

/// "2026-11-25T02:27:53Z": ISO 8601, UTC, whole seconds.
std::string iso_time(std::chrono::system_clock::time_point time);

}  // namespace mailmedic::smtp
