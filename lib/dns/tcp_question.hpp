#pragma once
// One question over TCP; inside lib/dns only.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "lib/dns/wire.hpp"

namespace mailmedic::dns {

/// Asks one resolver over a connection of its own (RFC 7766), at most `limit` from connecting to the last byte. A
/// failure is an Answer with status timed_out or malformed whose `why` begins "truncated over UDP; TCP ...".
boost::asio::awaitable<Answer> ask_tcp(boost::asio::any_io_executor executor, net::Endpoint server,
                                       std::optional<net::Address> bind, Question question, bool with_proof,
                                       std::chrono::milliseconds limit);

}  // namespace mailmedic::dns
