#pragma once
// What a run is about: the domains of the command line, then those of --input.
#include <fstream>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/check.hpp"
#include "lib/text/parse_error.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// Was a resolver on loopback named by the user? Then it stands for a world of its own: Target::private_world.
bool is_private_world(const Common& common);

/// The domain of the target, or an error text that names the input and the remedy.
text::Parsed<dns::Name> parse_domain(std::string_view text);

/// Addresses from --ip; the error names the one that is none.
text::Parsed<std::vector<net::Address>> parse_addresses(const std::vector<std::string>& texts);

/// The certificates of a PEM file from --new-certificate, the server's own first; the error names the file.
text::Parsed<std::vector<tls::Certificate>> read_certificates(const std::string& file);

/// One domain to look at, in the order in which it was named.
struct Planned {
  std::size_t number = 0;         ///< from 0
  std::string written;            ///< as the user wrote it
  std::optional<Target> target;   ///< nothing: the line of the file cannot be read
  std::string wrong;              ///< why, and where: "fleet.txt line 17: ..."
};

/// Gives targets one by one, so that a file of any length is never in memory. A line of the file is a domain and,
/// after it, what is known of this domain alone: `example.org selector=s1,s2 ip=192.0.2.25 helo=mail.example.org`;
/// `#` begins a comment. Not for several threads at once.
class Targets {
 public:
  /// `pattern` holds what applies to every domain. A wrong domain of the command line is an error at once, a wrong
  /// line of the file only a Planned without target.
  static text::Parsed<std::unique_ptr<Targets>> open(Target pattern, const std::vector<std::string>& domains, const std::string& input_file);

  std::optional<Planned> next();
  bool are_many() const { return input_ != nullptr || listed_.size() > 1; }

 private:
  Planned read_line(std::string line);

  Target pattern_;
  std::vector<Planned> listed_;
  std::string input_name_;
  std::ifstream file_;
  std::istream* input_ = nullptr;
  std::size_t given_ = 0, line_ = 0;
};

}  // namespace mailmedic::cli
