#pragma once
// What a check is: one row of the table in checks/table/table.cpp, one folder beside it.
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/finding.hpp"
#include "lib/dns/name.hpp"
#include "lib/net/address.hpp"
#include "lib/tls/certificate.hpp"

namespace mailmedic {

namespace asio = boost::asio;
namespace blocklist { struct Lists; }
namespace dkim { struct Given; }
namespace dns { class ChainOfTrust; class Resolver; }
namespace https { class Getter; }
namespace smtp { class Prober; }
namespace tls { class TrustStore; }

using TimePoint = std::chrono::system_clock::time_point;
using Facts = boost::json::object;

/// How a check ended as a whole.
enum class Outcome {
  ran,             ///< everything that it wanted to know is known
  inconclusive,    ///< something could not be told: CheckReport::unknowns says what
  not_applicable,  ///< nothing to judge: `reason` says why (a domain without mail has no MX to connect to)
};

struct CheckReport {
  std::string_view check{};          ///< the check's id
  Outcome outcome = Outcome::ran;
  std::string reason{};              ///< for not_applicable: one English sentence
  std::vector<Finding> findings{};
  std::vector<Finding> unknowns{};   ///< what could not be told and why; never a failure, never a pass
  Facts facts{};                     ///< JSON of this check under its id

  /// Records something that could not be told.
  void could_not_tell(Finding unknown) {
    outcome = Outcome::inconclusive;
    unknowns.push_back(std::move(unknown));
  }
};

/// What is being audited.
struct Target {
  dns::Name domain;
  std::vector<net::Address> sending_addresses{};   ///< addresses that send the domain's mail (--ip)
  std::vector<std::string> selectors{};            ///< DKIM selectors that the user named (--selector)
  std::shared_ptr<const dkim::Given> signing{};    ///< private keys, a message's signatures, known services; null: nothing
  std::optional<dns::Name> mail_from{};            ///< domain of the envelope sender, where it is another (--mail-from)
  std::optional<std::string> helo{};               ///< the name that the sending host says in EHLO (--helo)
  std::shared_ptr<const blocklist::Lists> lists{}; ///< the DNS lists to ask; null: none
  /// The resolver stands for a world of its own (a laboratory, a split horizon): addresses of special use (loopback,
  /// private, documentation) are ordinary there and are not judged.
  bool private_world = false;
  std::vector<tls::Certificate> new_certificate{};  ///< a chain that is to be installed (--new-certificate): held against TLSA
  bool mail_servers = true;                        ///< may be connected to (not with --dns-only)
  bool ipv4 = true, ipv6 = true;                   ///< connect over these (-4, -6)
  /// One of thousands: ask first what is the same for all of them, and only then what that leaves open. A target
  /// alone has everything asked at once instead, which is one round trip.
  bool one_of_many = false;
};

/// Everything that a check may touch outside itself.
struct Probes {
  dns::Resolver& dns;
  smtp::Prober& smtp;
  const tls::TrustStore& trust;
  TimePoint now;
  std::string data_directory{};  ///< of the installed data files
  https::Getter* https = nullptr;  ///< null: no web server may be asked (--dns-only)
  dns::ChainOfTrust* chain = nullptr;  ///< with --validate: DNSSEC is verified here, and `dns` gives its verdicts
};

struct Check {
  std::string_view id;     ///< "spf"
  std::string_view title;  ///< in English; the catalogue has it in both languages
  /// The target and the probes must outlive the coroutine.
  asio::awaitable<CheckReport> (*run)(const Target& target, Probes& probes);
  bool connects = false;   ///< to mail servers: not run with --dns-only
};

}  // namespace mailmedic
