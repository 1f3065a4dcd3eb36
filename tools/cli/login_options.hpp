#pragma once
#include <optional>
#include <string>

#include "lib/smtp/login.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// --auth, --user and where the secret comes from: a file, the environment or the terminal, never the command line.
void add_login_options(CommandLine& line);

/// An error text that names the option and the remedy, or empty. What is secret is told to `line`. Asks on the terminal where no
/// secret was given.
std::string read_login(CommandLine& line, std::optional<smtp::LoginRequest>& out);

/// Does somebody try to give a secret as a word? Whoever may list processes would read it.
bool has_secret_word(int argc, char** argv);
inline constexpr const char* secret_word_remedy =
    "a secret on the command line is read by every user of this machine: give --password-file or --token-file FILE, --password-env or --token-env VARIABLE, or nothing and be asked";

}  // namespace mailmedic::cli
