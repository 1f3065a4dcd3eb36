#pragma once
// The way of a message by its trace fields. RFC 5321 section 4.4. Pure.
#include <boost/json/array.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/message/raw_message.hpp"

namespace mailmedic::message {

/// What one Received field says. Anybody on the way before one's own servers may have written anything.
struct Hop {
  std::string from, by, with;                       ///< as written; empty where nothing is said
  std::string address;                              ///< of the client, as written in brackets, without "IPv6:"
  std::optional<std::chrono::sys_seconds> time{};
  std::optional<bool> tls{};                        ///< by RFC 3848 (ESMTPS) or what is said of it; nothing where the words tell neither
  std::string tls_version, tls_cipher;              ///< "TLSv1.3", "TLS_AES_256_GCM_SHA384"; empty where it is not said
};

/// Fields in the forms of RFC 5321 and of Postfix, Exim, Sendmail, OpenSMTPD, Gmail, Exchange and their like. Of a field
/// the first 4,000 bytes are read.
Hop read_hop(std::string_view field);

/// Fields that are read; a message with more went in circles.
inline constexpr std::size_t max_hops = 200;

/// The first hop first, which is the last field.
std::vector<Hop> hops_of(const RawMessage& message);

/// Between the times of a hop and the one before it. Below zero: a clock is wrong. Nothing where a time is not told.
std::optional<std::chrono::seconds> delay_of(std::span<const Hop> hops, std::size_t index);

/// [{from, by, with, address, time, delay_seconds, tls, tls_version, tls_cipher}]; what is not told is null.
boost::json::array to_json(std::span<const Hop> hops);

}  // namespace mailmedic::message
