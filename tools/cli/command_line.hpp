#pragma once
// The command line that all tools share: common options, help, configuration file, environment.
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/address.hpp"
#include "lib/net/connect_to.hpp"
#include "reports/accepted_risks.hpp"
#include "reports/catalogue.hpp"

namespace mailmedic::cli {

namespace po = boost::program_options;

enum class Format { text, json, ndjson, csv, html, nagios, prometheus };
enum class Color { automatic, always, never };

/// What every tool takes.
struct Common {
  std::vector<net::Endpoint> resolvers;     ///< empty: those of /etc/resolv.conf
  std::chrono::milliseconds timeout{8000};  ///< for each network step
  bool ipv4 = true, ipv6 = true;
  std::optional<net::Address> bind;
  std::string ca_file;                      ///< empty: the system's
  std::vector<net::ConnectTo> connect_to;
  Format format = Format::text;
  std::string output;                       ///< empty: standard output
  reports::Language language = reports::Language::en;
  Color color = Color::automatic;
  bool validate = false;                    ///< verify DNSSEC ourselves
  std::string trust_anchor;                 ///< empty: the installed keys of the root
  bool verbose = false, quiet = false;
  std::shared_ptr<const reports::AcceptedRisks> accepted;  ///< null: none
  std::vector<std::string> secrets;         ///< never to be shown, not even with --verbose
};

/// What a tool says of itself in --help.
struct About {
  std::string name;                   ///< "spf"
  std::string usage;                  ///< "[OPTIONS] DOMAIN..."
  std::string what;                   ///< one or two sentences
  std::vector<std::pair<std::string, std::string>> examples;  ///< what it does, the command
  std::string output_value = "FILE", output = "write the report to FILE";  ///< what --output is for
};

/// Exit status 3: could not tell, usage errors included.
inline constexpr int usage_error = 3;

class CommandLine {
 public:
  explicit CommandLine(About about);

  /// The tool's own options; add to it before parse().
  po::options_description& options() { return own_; }

  /// From the command line, then the environment (MAILMEDIC_RESOLVER ...), then the configuration file; the first
  /// that names an option wins, lists are not merged. An exit status when the tool is to end: after --help and
  /// --version, and after a usage error, which is told on standard error with its remedy.
  std::optional<int> parse(int argc, char** argv);

  const Common& common() const { return common_; }
  const std::vector<std::string>& arguments() const { return arguments_; }  ///< those that are no options
  bool has(const char* option) const { return values_.count(option) > 0; }
  bool flag(const char* option) const { return values_[option].as<bool>(); }
  std::string text(const char* option) const { return has(option) ? values_[option].as<std::string>() : std::string(); }
  std::vector<std::string> texts(const char* option) const {
    return has(option) ? values_[option].as<std::vector<std::string>>() : std::vector<std::string>();
  }

  /// Has it masked wherever the run shows what it does.
  void keep_secret(std::string secret) {
    if (!secret.empty()) common_.secrets.push_back(std::move(secret));
  }

  /// Tells a usage error on standard error and gives the exit status for it.
  int fail(const std::string& why) const;

 private:
  void print_help() const;
  std::string read_common();  ///< an error text, or empty

  About about_;
  po::options_description own_, shared_;
  po::variables_map values_;
  std::vector<std::string> arguments_;
  Common common_;
};

/// Where the catalogue, the templates and the lists are: MAILMEDIC_DATA, or ../share/mailmedic beside the program.
std::string data_directory();

}  // namespace mailmedic::cli
