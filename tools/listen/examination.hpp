#pragma once
#include "checks/check.hpp"
#include "lib/reception/receiver.hpp"
#include "reports/report.hpp"

namespace mailmedic::cli {

struct Examination {
  std::shared_ptr<const blocklist::Lists> lists{};  ///< to ask about the client, its names and the hosts of links; null: none
  bool private_world = false;                       ///< as Target::private_world: else nothing is asked about clients of special use
};

/// What a receiver would say of the message: how it came, the client's name and standing, SPF of the real client, DKIM, ARC
/// and DMARC, and the message's own form and words, in a report for `id`.
boost::asio::awaitable<reports::Report> examine(reception::Delivered message, std::string id, const Examination& wishes, Probes& probes);

}  // namespace mailmedic::cli
