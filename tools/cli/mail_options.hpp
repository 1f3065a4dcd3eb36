#pragma once
#include <string>

#include "lib/smtp/envelope.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// --requiretls, --dsn-ret, --dsn-envid, --dsn-notify: what a message asks of servers.
void add_mail_options(CommandLine& line);
/// An error text that names the option, or empty.
std::string read_mail_options(const CommandLine& line, smtp::MailWishes& wishes);

}  // namespace mailmedic::cli
