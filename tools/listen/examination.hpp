#pragma once
#include "checks/check.hpp"
#include "lib/reception/receiver.hpp"
#include "reports/report.hpp"

namespace mailmedic::cli {

/// What a receiver would say of the message: how it came, SPF of the real client, DKIM, ARC and DMARC, in a report for `id`.
boost::asio::awaitable<reports::Report> examine(reception::Delivered message, std::string id, Probes& probes);

}  // namespace mailmedic::cli
