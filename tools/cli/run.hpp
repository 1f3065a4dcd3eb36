#pragma once
// From options to a run: the network, the checks, the progress line, Ctrl-C.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <span>

#include "checks/table/table.hpp"
#include "lib/tls/trust_store.hpp"
#include "reports/report.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// Everything that touches the world, made from the options. An error when no resolver is to be had.
class Network {
 public:
  /// `helo` is what probes say in EHLO; empty: this machine's own name. `trust` stands instead of --ca-file.
  static text::Parsed<std::unique_ptr<Network>> make(const Common& common, std::string helo = {}, std::optional<tls::TrustStore> trust = {});
  ~Network();

  boost::asio::io_context& context();
  Probes& probes();

  /// When nothing that was asked had a definite answer, asks the resolvers for the root's name servers, which each of
  /// them knows. When that fails too: the unknown "dns.no-resolver", which explains all others.
  std::optional<CheckReport> resolver_trouble();

  /// Runs a coroutine to its end. False when Ctrl-C ended it before.
  bool run(boost::asio::awaitable<void> work);

 private:
  struct Parts;
  explicit Network(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Was a resolver on loopback named by the user? Then it stands for a world of its own: Target::private_world.
bool is_private_world(const Common& common);

/// The domain of the target, or an error text that names the input and the remedy.
text::Parsed<dns::Name> parse_domain(std::string_view text);

/// Addresses from --ip; the error names the one that is none.
text::Parsed<std::vector<net::Address>> parse_addresses(const std::vector<std::string>& texts);

/// Runs these checks on each target, one report each. Shows progress on standard error when that is a terminal.
/// After Ctrl-C, what was done is reported and the rest is marked as interrupted.
std::vector<reports::Report> run_checks(const std::string& tool, std::span<const Check> checks, const std::vector<Target>& targets,
                                        Network& network, const Common& common);

}  // namespace mailmedic::cli
