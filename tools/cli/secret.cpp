#include "tools/cli/secret.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

namespace mailmedic::cli {

text::Parsed<std::string> secret_from_file(const std::string& file) {
  std::ifstream in(file);
  std::string secret;
  if (!in) return text::ParseError{0, fmt::format("{}: {}", file, std::strerror(errno))};
  std::getline(in, secret);
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return text::ParseError{0, file + ": its first line is empty"};
  return secret;
}

text::Parsed<std::string> secret_from_environment(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  if (!value || !*value) return text::ParseError{0, variable + ": no such variable in the environment, or it is empty"};
  return std::string(value);
}

text::Parsed<std::string> secret_from_terminal(const std::string& question) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> terminal(std::fopen("/dev/tty", "r+"));
  termios shown{};
  if (!terminal || ::tcgetattr(::fileno(terminal.get()), &shown) != 0) return text::ParseError{0, "there is no terminal to ask on"};
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  std::fputs(question.c_str(), terminal.get());
  std::fflush(terminal.get());
  ::tcsetattr(::fileno(terminal.get()), TCSAFLUSH, &hidden);
  char line[1024];
  const char* got = std::fgets(line, sizeof line, terminal.get());
  ::tcsetattr(::fileno(terminal.get()), TCSAFLUSH, &shown);
  std::fputs("\n", terminal.get());
  std::string secret = got ? line : "";
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.empty()) return text::ParseError{0, "no password was entered"};
  return secret;
}

}  // namespace mailmedic::cli
