#include "lib/maillog/servers.hpp"

#include "lib/text/ascii.hpp"

namespace mailmedic::maillog {

std::string_view server_text(Server server) {
  static constexpr std::string_view texts[servers] = {"none", "postfix", "exim", "opensmtpd", "sendmail"};
  return texts[static_cast<int>(server)];
}

Server server_of(const Line& line) {
  const std::string_view program = line.program;
  if (program.starts_with("postfix") || program.find('/') != program.npos) return Server::postfix;
  if (program.starts_with("exim")) return Server::exim;
  if (program == "smtpd" || program == "opensmtpd") return Server::opensmtpd;
  if (program.starts_with("sendmail") || program.starts_with("sm-")) return Server::sendmail;
  return Server::none;
}

Event read_event(const Line& line, Server server) {
  switch (server) {
    case Server::none: return {};
    case Server::postfix: return read_postfix(line.program, line.message);
    case Server::exim: return read_exim(line.message);
    case Server::opensmtpd: return read_opensmtpd(line.message);
    case Server::sendmail: return read_sendmail(line.message);
  }
  return {};
}

}  // namespace mailmedic::maillog
