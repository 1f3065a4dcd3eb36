#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/dns/resolver.hpp"
#include "lib/net/address.hpp"

namespace mailmedic::dns {

struct StubOptions {
  std::vector<net::Endpoint> servers;        ///< recursive resolvers, asked in this order; at least one
  std::chrono::milliseconds timeout{5000};   ///< for one question, all its tries together
  std::optional<net::Address> bind{};        ///< source address for servers of its family
  bool with_proof = false;                   ///< ask for signatures and keep the messages, for a ChainOfTrust
  std::size_t sharers = 1;                   ///< resolvers of this process that ask the same servers: one a thread
};

/// Asks recursive resolvers over UDP, and over TCP what was truncated. A question is tried up to three times, each
/// time at the next server, and gives up after `timeout`. Ids and source ports are random, and an answer counts
/// only from the server's address, with the id and the question that were sent (RFC 5452 section 9.1).
///
/// Any number of questions may be open; how many of them are on the way to one server at once adapts to the delay
/// of its answers, so that neither its socket buffer nor ours overflows.
///
/// For use from one thread: that of the executor.
class StubResolver : public Resolver {
 public:
  StubResolver(asio::any_io_executor executor, StubOptions options);
  ~StubResolver() override;
  asio::awaitable<Answer> query(Name name, Type type) override;

  /// Messages sent so far, those of later tries included.
  std::size_t messages_sent() const;
  /// Messages that were sent once more within their first try, as no answer had come.
  std::size_t repeats() const;
  /// Questions that ended with records or a definite absence. 0 after questions: no resolver works.
  std::size_t definite_answers() const;

 private:
  class Session;
  std::shared_ptr<Session> session_;
};

/// The name servers of a resolv.conf(5), at most three as the C library does; an error names the file and the cause.
text::Parsed<std::vector<net::Endpoint>> read_resolv_conf(const std::string& path);

}  // namespace mailmedic::dns
