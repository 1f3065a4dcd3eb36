#pragma once
// From options to everything that touches the world, and running in it until the end or Ctrl-C.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "checks/check.hpp"
#include "lib/tls/trust_store.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// Everything that touches the world, made from the options. An error when no resolver is to be had.
class Network {
 public:
  /// `helo` is what probes say in EHLO; empty: this machine's own name. `trust` stands instead of --ca-file.
  /// `sharers`: how many networks the run has, one a thread.
  static text::Parsed<std::unique_ptr<Network>> make(const Common& common, std::string helo = {}, std::optional<tls::TrustStore> trust = {},
                                                     std::size_t sharers = 1);
  ~Network();

  /// TLS will be spoken: makes it ready while DNS and connections take their time.
  void expect_tls();

  boost::asio::io_context& context();
  Probes& probes();

  /// When nothing that was asked had a definite answer, asks the resolvers for the root's name servers, which each of
  /// them knows. When that fails too: the unknown "dns.no-resolver", which explains all others.
  boost::asio::awaitable<std::optional<CheckReport>> find_resolver_trouble();
  /// The same, run to its end here.
  std::optional<CheckReport> resolver_trouble();

  /// Runs a coroutine to its end. False when Ctrl-C ended it before.
  bool run(boost::asio::awaitable<void> work);

 private:
  struct Parts;
  explicit Network(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mailmedic::cli
