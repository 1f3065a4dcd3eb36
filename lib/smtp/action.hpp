#pragma once
#include <string>

#include "lib/smtp/transcript.hpp"

namespace mailmedic::smtp {

/// What is to be done next.
struct Action {
  enum class Kind {
    await_reply,  ///< wait for a reply; nothing is sent
    send,         ///< send the line, wait for the reply
    start_tls,    ///< do a TLS handshake, then call on_tls() or on_failure()
    done,         ///< close the connection
  };
  Kind kind = Kind::done;
  Line line{};
  bool operator==(const Action&) const = default;
};
inline Action await_reply() { return {Action::Kind::await_reply, {}}; }
inline Action send(Line line) { return {Action::Kind::send, std::move(line)}; }
inline Action send(std::string text) { return send(Line::plain(std::move(text))); }
inline Action start_tls() { return {Action::Kind::start_tls, {}}; }
inline Action done() { return {Action::Kind::done, {}}; }

}  // namespace mailmedic::smtp
