#pragma once
// Asks a spam engine about a message.
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "lib/net/address.hpp"
#include "lib/spam/verdict.hpp"

namespace mailmedic::spam {

/// Where an engine listens.
struct Engine {
  enum class Kind { spamd, rspamd };
  Kind kind = Kind::spamd;
  net::Endpoint endpoint{};
  std::string socket_path{};  ///< of a UNIX socket, instead of the endpoint

  std::string name() const { return kind == Kind::spamd ? "SpamAssassin" : "rspamd"; }
  std::string place() const { return socket_path.empty() ? endpoint.text() : socket_path; }
};

/// What the engine is told about the delivery, as far as it is known. SpamAssassin reads it from the Received fields alone.
struct Circumstances {
  std::string ip, helo, from;
};

/// spamd by "REPORT SPAMC/1.5", rspamd by "POST /checkv2". Ends within `limit`; takes at most 4 MiB. The error says in English
/// what went wrong: then nothing is known of the score.
boost::asio::awaitable<text::Parsed<Verdict>> ask(Engine engine, std::string message, Circumstances circumstances, std::chrono::steady_clock::duration limit);

/// The bytes that are sent. Pure; control characters of the circumstances are left out.
std::string request_for(const Engine& engine, std::string_view message, const Circumstances& circumstances);

}  // namespace mailmedic::spam
