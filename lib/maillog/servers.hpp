#pragma once
// The log lines of each mail server. Pure: one line in, one event out; what is not counted is Kind::none.
#include <string_view>

#include "lib/maillog/event.hpp"
#include "lib/maillog/line.hpp"

namespace mailmedic::maillog {

enum class Server : std::uint8_t { none, postfix, exim, opensmtpd, sendmail };
inline constexpr int servers = 5;
std::string_view server_text(Server server);  ///< "postfix"

/// Whose line it is, by the program's name.
Server server_of(const Line& line);

/// `program` is "postfix/smtp", "postfix-in/submission/smtpd" and the like.
Event read_postfix(std::string_view program, std::string_view message);
Event read_exim(std::string_view message);
Event read_opensmtpd(std::string_view message);
Event read_sendmail(std::string_view message);

/// The event of a line of any of them.
Event read_event(const Line& line, Server server);

}  // namespace mailmedic::maillog
