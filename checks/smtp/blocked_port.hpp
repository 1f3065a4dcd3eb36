#pragma once
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "checks/check.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::smtp {

/// Where every address is silent on port 25: do they live? Connects to ports 587, 465 and 443 of at most four of them,
/// and says nothing there. Nothing where some address answered on 25, or where other ports were asked.
boost::asio::awaitable<std::vector<Probe>> knock_elsewhere(const Survey& survey, Prober& prober);

/// SMT-011: servers that live and are silent on port 25 alone are most often hidden by one's own network.
void judge_blocked_port(const Survey& survey, const std::vector<Probe>& elsewhere, CheckReport& report);

}  // namespace mailmedic::smtp
