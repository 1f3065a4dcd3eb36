#include "tools/cli/message_input.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace mailmedic::cli {

text::Parsed<std::string> read_message(const std::string& file) {
  constexpr std::size_t most_bytes = 256 * 1024 * 1024;
  std::error_code ignored;
  if (file != "-" && std::filesystem::is_directory(file, ignored)) return text::ParseError{0, file + ": this is a folder; name the files in it"};
  std::ifstream opened;
  if (file != "-") opened.open(file, std::ios::binary);
  if (file != "-" && !opened) return text::ParseError{0, file + ": " + std::strerror(errno) + "; name a file, or - for standard input"};
  std::istream& input = file == "-" ? std::cin : opened;
  std::string text;
  char buffer[65536];
  while (input.read(buffer, sizeof buffer) || input.gcount() > 0) {
    if (text.size() > most_bytes) return text::ParseError{0, file + ": larger than 256 MiB, so it is no message"};
    text.append(buffer, static_cast<std::size_t>(input.gcount()));
  }
  if (!input.eof()) return text::ParseError{0, file + ": cannot be read to its end"};
  return text;
}

}  // namespace mailmedic::cli
