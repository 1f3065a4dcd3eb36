#pragma once
#include <fmt/format.h>

#include <optional>
#include <string>

#include "checks/finding.hpp"
#include "lib/smtp/mail_hosts.hpp"

namespace mailmedic::smtp {

/// A finding about one address of a host, with {address}, {port} and {host}. The subject is the host, so that the check
/// "starttls" can be told what explains its silence.
inline Finding about(std::string_view id, const SurveyedHost& host, const Probe& probe) {
  Finding finding{.id = id, .subject = host.host.name.text()};
  const bool is_socket = !probe.request.socket_path.empty();
  finding.args = {{"address", is_socket ? probe.request.socket_path : probe.request.endpoint.address.to_string()},
                  {"port", std::to_string(probe.request.endpoint.port)},
                  {"host", host.host.name.text()}};
  return finding;
}

inline Evidence at(const Probe& probe, std::string_view what, std::string text) { return {fmt::format("{}, {}", probe.request.place(), what), std::move(text)}; }

inline Evidence said(const Probe& probe, std::string_view what, const std::optional<Reply>& reply) { return at(probe, what, reply ? reply->text() : std::string()); }

}  // namespace mailmedic::smtp
