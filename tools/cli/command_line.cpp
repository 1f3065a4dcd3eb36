#include "tools/cli/command_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/program_options/parsers.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::cli {

namespace {

constexpr std::string_view version = MAILMEDIC_VERSION;

po::options_description shared_options(const About& about) {
  using Texts = std::vector<std::string>;
  po::options_description group("Common options");
  // clang-format off
  group.add_options()
      ("resolver", po::value<Texts>()->value_name("ADDR[:PORT]"), "ask this recursive resolver (repeatable; default: those of /etc/resolv.conf)")
      ("timeout", po::value<std::string>()->value_name("SECONDS")->default_value("8"), "limit for each network step")
      ("validate", po::bool_switch(), "verify DNSSEC from the root down, instead of trusting the resolver's word")
      ("trust-anchor", po::value<std::string>()->value_name("FILE"), "the root's keys for --validate (DS or DNSKEY records); default: IANA's")
      ("ipv4,4", po::bool_switch(), "use IPv4 only")
      ("ipv6,6", po::bool_switch(), "use IPv6 only")
      ("bind", po::value<std::string>()->value_name("ADDR"), "connect and ask from this address")
      ("ca-file", po::value<std::string>()->value_name("FILE"), "trust these certificate authorities (PEM) instead of the system's")
      ("connect-to", po::value<Texts>()->value_name("HOST:PORT:ADDR:PORT"), "connect to ADDR:PORT instead of HOST:PORT (repeatable)")
      ("format", po::value<std::string>()->value_name("FORMAT")->default_value("text"), "text, json, ndjson, csv, html, nagios or prometheus")
      ("json", po::bool_switch(), "short for --format json")
      ("output,o", po::value<std::string>()->value_name(about.output_value), about.output.c_str())
      ("lang", po::value<std::string>()->value_name("LANG")->default_value("en"), "language of the report: en or zh")
      ("color", po::value<std::string>()->value_name("WHEN")->default_value("auto"), "colours: auto (on a terminal), always or never")
      ("accept", po::value<std::string>()->value_name("FILE"), "risks that are accepted until a day: shown apart, not counted")
      ("verbose,v", po::bool_switch(), "say more; DNS questions and answers on standard error")
      ("quiet,q", po::bool_switch(), "say only the verdict, show no progress")
      ("config", po::value<std::string>()->value_name("FILE"), "read options from FILE (lines \"option = value\")")
      ("version", po::bool_switch(), "print the version")
      ("help,h", po::bool_switch(), "print this help");
  // clang-format on
  return group;
}

/// "resolver" for MAILMEDIC_RESOLVER, as far as there is such an option.
std::string option_of_variable(const po::options_description& options, std::string variable) {
  constexpr std::string_view prefix = "MAILMEDIC_";
  if (!variable.starts_with(prefix)) return {};
  std::string name = text::lower(variable.substr(prefix.size()));
  std::replace(name.begin(), name.end(), '_', '-');
  return options.find_nothrow(name, false) && name != "config" ? name : std::string();
}

}  // namespace

std::string data_directory() {
  if (const char* given = std::getenv("MAILMEDIC_DATA")) return given;
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return (self.parent_path().parent_path() / "share" / "mailmedic").string();
}

CommandLine::CommandLine(About about)
    : about_(std::move(about)), own_("Options of mailmedic " + about_.name), shared_(shared_options(about_)) {}

int CommandLine::fail(const std::string& why) const {
  std::cerr << fmt::format("mailmedic {}: {}\n", about_.name, text::shown(why, 4000));
  std::cerr << fmt::format("Try: mailmedic {} --help\n", about_.name);
  return usage_error;
}

void CommandLine::print_help() const {
  std::cout << fmt::format("Usage: mailmedic {} {}\n\n{}\n", about_.name, about_.usage, about_.what);
  if (!about_.examples.empty()) std::cout << "\nExamples:\n";
  for (const auto& [what, command] : about_.examples) std::cout << fmt::format("  # {}\n  {}\n", what, command);
  if (!own_.options().empty()) std::cout << '\n' << own_;
  std::cout << '\n' << shared_;
  std::cout << "\nExit status: 0 fine, 1 warnings, 2 problems, 3 could not tell.\n";
}

std::optional<int> CommandLine::parse(int argc, char** argv) {
  po::options_description all;
  all.add(own_).add(shared_);
  po::options_description with_arguments;
  with_arguments.add(all).add_options()("argument", po::value<std::vector<std::string>>());
  po::positional_options_description positions;
  positions.add("argument", -1);
  try {
    namespace style = po::command_line_style;
    po::store(po::command_line_parser(argc, argv).options(with_arguments).positional(positions)
                  .style(style::unix_style & ~style::allow_guessing).run(), values_);
    po::store(po::parse_environment(all, [&](const std::string& variable) { return option_of_variable(all, variable); }), values_);
    std::string config = text("config");
    if (config.empty())
      if (const char* given = std::getenv("MAILMEDIC_CONFIG")) config = given;
    if (!config.empty()) {
      std::ifstream file(config);
      if (!file) return fail(fmt::format("cannot read the configuration file {}: {}", config, std::strerror(errno)));
      po::store(po::parse_config_file(file, all), values_);
    }
    po::notify(values_);
  } catch (const po::error& wrong) {
    return fail(wrong.what());
  }
  if (values_["help"].as<bool>()) {
    print_help();
    return 0;
  }
  if (values_["version"].as<bool>()) {
    std::cout << "mailmedic " << version << '\n';
    return 0;
  }
  arguments_ = texts("argument");
  if (const std::string wrong = read_common(); !wrong.empty()) return fail(wrong);
  return std::nullopt;
}

std::string CommandLine::read_common() {
  for (const std::string& given : texts("resolver")) {
    const auto endpoint = net::parse_endpoint(given, 53);
    if (!endpoint) return fmt::format("--resolver {}: give an address, as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53", given);
    common_.resolvers.push_back(*endpoint);
  }
  const std::string seconds_text = text("timeout");
  double seconds = 0;
  const auto [end, bad] = std::from_chars(seconds_text.data(), seconds_text.data() + seconds_text.size(), seconds);
  if (bad != std::errc() || end != seconds_text.data() + seconds_text.size() || !(seconds >= 0.05 && seconds <= 600))
    return fmt::format("--timeout {}: give seconds from 0.05 to 600", seconds_text);
  common_.timeout = std::chrono::milliseconds(std::lround(seconds * 1000));
  common_.ipv4 = !values_["ipv6"].as<bool>();
  common_.ipv6 = !values_["ipv4"].as<bool>();
  if (!common_.ipv4 && !common_.ipv6) return "-4 and -6 exclude each other";
  if (has("bind")) {
    common_.bind = net::parse_address(text("bind"));
    if (!common_.bind) return fmt::format("--bind {}: not an address", text("bind"));
  }
  common_.validate = values_["validate"].as<bool>();
  common_.trust_anchor = text("trust-anchor");
  if (!common_.trust_anchor.empty() && !common_.validate) return "--trust-anchor is for --validate: give both";
  common_.ca_file = text("ca-file");
  if (!common_.ca_file.empty() && ::access(common_.ca_file.c_str(), R_OK) != 0)
    return fmt::format("--ca-file {}: {}", common_.ca_file, std::strerror(errno));
  for (const std::string& given : texts("connect-to")) {
    const auto redirect = net::ConnectTo::parse(given);
    if (!redirect) return fmt::format("--connect-to {}: {}; give HOST:PORT:ADDR:PORT, as mx.example.org:25:127.0.0.1:2525", given, redirect.error().why);
    common_.connect_to.push_back(*redirect);
  }
  static constexpr std::pair<std::string_view, Format> formats[] = {
      {"text", Format::text}, {"json", Format::json}, {"ndjson", Format::ndjson}, {"csv", Format::csv}, {"html", Format::html}, {"nagios", Format::nagios},
      {"prometheus", Format::prometheus}};
  const std::string format = values_["json"].as<bool>() ? "json" : text("format");
  const auto known = std::find_if(std::begin(formats), std::end(formats), [&](const auto& row) { return row.first == format; });
  if (known == std::end(formats)) return fmt::format("--format {}: give text, json, ndjson, csv, html, nagios or prometheus", format);
  common_.format = known->second;
  common_.output = text("output");
  if (has("accept")) {
    auto risks = reports::AcceptedRisks::read(text("accept"));
    if (!risks) return "--accept " + risks.error().why;
    reports::Catalogue catalogue(data_directory() + "/findings");
    for (const reports::Acceptance& one : risks->all())
      if (!catalogue.find(one.finding)) return fmt::format("--accept {}: there is no finding {}", text("accept"), one.finding);
    common_.accepted = std::make_shared<const reports::AcceptedRisks>(std::move(*risks));
  }
  const auto language = reports::parse_language(text("lang"));
  if (!language) return fmt::format("--lang {}: give en or zh", text("lang"));
  common_.language = *language;
  const std::string color = text("color");
  if (color != "auto" && color != "always" && color != "never") return fmt::format("--color {}: give auto, always or never", color);
  common_.color = color == "auto" ? Color::automatic : color == "always" ? Color::always : Color::never;
  common_.verbose = values_["verbose"].as<bool>();
  common_.quiet = values_["quiet"].as<bool>();
  return {};
}

}  // namespace mailmedic::cli
