#include "tools/connect/destinations.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iostream>

#include "lib/text/ascii.hpp"

namespace mailmedic::connect {

namespace {
std::string read_lines(std::istream& input, const std::string& name, std::vector<cli::Destination>& out) {
  std::string line;
  for (int number = 1; std::getline(input, line); ++number) {
    const std::string word(text::trimmed(std::string_view(line).substr(0, line.find('#'))));
    if (word.empty()) continue;
    auto destination = cli::parse_destination(word);
    if (!destination) return fmt::format("{} line {}: {}", name, number, destination.error().why);
    out.push_back(std::move(*destination));
  }
  return {};
}
}  // namespace

void add_destination_options(cli::CommandLine& line) {
  // clang-format off
  line.options().add_options()
      ("input", cli::po::value<std::string>()->value_name("FILE"), "connect to the destinations in FILE too (- is standard input), one a line")
      ("at-once", cli::po::value<std::string>()->value_name("N"), "destinations at once (default: 32)");
  // clang-format on
}

text::Parsed<std::vector<cli::Destination>> read_destinations(const cli::CommandLine& line) {
  std::vector<cli::Destination> out;
  for (const std::string& argument : line.arguments()) {
    auto destination = cli::parse_destination(argument);
    if (!destination) return destination.error();
    out.push_back(std::move(*destination));
  }
  if (const std::string name = line.text("input"); !name.empty()) {
    std::string why;
    if (name == "-") {
      why = read_lines(std::cin, "standard input", out);
    } else {
      std::ifstream file(name);
      why = file ? read_lines(file, name, out) : fmt::format("--input {}: {}", name, std::strerror(errno));
    }
    if (!why.empty()) return text::ParseError{0, std::move(why)};
  }
  for (const cli::Destination& destination : out)
    if (!destination.is_mail) return text::ParseError{0, destination.written + ": connect speaks SMTP and LMTP; for any TLS server there is mailmedic tls"};
  if (out.empty()) return text::ParseError{0, "connect where? Give a domain, a host or an address"};
  return out;
}

text::Parsed<AtOnce> read_at_once(const cli::CommandLine& line) {
  AtOnce out;
  if (!line.has("at-once")) return out;
  const std::string text = line.text("at-once");
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out.value);
  if (failed != std::errc() || end != text.data() + text.size() || out.value < 1 || out.value > 1000) return text::ParseError{0, fmt::format("--at-once {}: give a number from 1 to 1000", text)};
  return out;
}

}  // namespace mailmedic::connect
