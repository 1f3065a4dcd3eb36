#pragma once
#include <boost/json/object.hpp>

#include "lib/smtp/mail_hosts.hpp"
#include "lib/text/iso_time.hpp"

namespace mailmedic::smtp {

using text::iso_time;  // of every time in these facts

/// The facts of one address as the reports give them: {address, family, port, stages[{name,ms,outcome}], stopped_at,
/// cause, banner, extensions, login{mechanism, encrypted, reply, server_proven}, tls{...}, certificate{...}}. Texts of the server stand in it as raw bytes.
boost::json::object facts_of(const Probe& probe);

/// {name, preference, addresses[...]} of each host.
boost::json::array facts_of(const Survey& survey);

}  // namespace mailmedic::smtp
