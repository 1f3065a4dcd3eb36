// mailmedic keygen: makes the keys that sign a domain's mail, and the records that publish them.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>

#include "lib/dkim/published_text.hpp"
#include "lib/dkim/signing_key.hpp"
#include "lib/text/ascii.hpp"
#include "tools/cli/pretty_json.hpp"
#include "tools/cli/targets.hpp"

using namespace mailmedic;
namespace json = boost::json;

namespace {

/// One key that is wanted.
struct Wanted {
  std::string selector, key_type;
  int bits = 0;
  dns::Name name{};  ///< where it is to be published
  std::string file{};
};

struct Made {
  Wanted wanted;
  dkim::PrivateKey key;
};

std::string shown(const Made& made) {
  const std::string record = dkim::record_of(made.key), name = made.wanted.name.text();
  const std::string kind = made.wanted.key_type == "rsa" ? fmt::format("RSA, {} bits", made.key.bits) : "Ed25519";
  return fmt::format(
      "Private key ({}): {}\n\nPublish its record at {} (TXT). In one line:\n{}\n\nFor a zone file:\n{}\n", kind, made.wanted.file, name, record,
      dkim::zone_entry(name + ".", record));
}

json::object to_json(const Made& made) {
  const std::string record = dkim::record_of(made.key), name = made.wanted.name.text();
  const auto strings = dkim::txt_strings(record);
  return {{"selector", made.wanted.selector}, {"file", made.wanted.file}, {"algorithm", made.key.key_type}, {"bits", made.key.bits}, {"name", name},
          {"record", record}, {"strings", json::array(strings.begin(), strings.end())}, {"zone", dkim::zone_entry(name + ".", record)}};
}

/// Selectors become names of files too, so they are plain.
bool is_selector(std::string_view text) {
  const auto is_plain = [](char c) { return text::is_alnum(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_plain) && text::is_alnum(text.front()) && text::is_alnum(text.back());
}

std::optional<int> bits_of(const std::string& text) {
  int bits = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool is_number = wrong == std::errc() && end == text.data() + text.size();
  return is_number && bits >= dkim::least_rsa_bits && bits <= dkim::most_rsa_bits ? std::optional(bits) : std::nullopt;
}

text::Parsed<std::vector<Wanted>> wanted_by(const cli::CommandLine& line) {
  if (line.arguments().size() != 1) return text::ParseError{0, "name one DOMAIN whose mail the key signs, as in: mailmedic keygen example.org --selector s1"};
  const auto domain = cli::parse_domain(line.arguments().front());
  if (!domain) return domain.error();
  const std::string selector = line.text("selector"), type = line.text("type");
  if (selector.empty()) return text::ParseError{0, "--selector is missing: a name for this key, as s2026; it must be a new one when a key is replaced"};
  if (!is_selector(selector)) return text::ParseError{0, "--selector " + selector + ": give letters, digits, \"-\" and dots"};
  if (type != "rsa" && type != "ed25519" && type != "both") return text::ParseError{0, "--type " + type + ": give rsa, ed25519 or both"};
  const auto bits = bits_of(line.text("bits"));
  if (!bits) return text::ParseError{0, fmt::format("--bits {}: give {} to {}; {} is what receivers advise", line.text("bits"), dkim::least_rsa_bits, dkim::most_rsa_bits, dkim::usual_rsa_bits)};
  std::vector<Wanted> out;
  if (type != "ed25519") out.push_back({selector, "rsa", *bits});
  // Two keys at one name would be two records there, which no verifier can use (RFC 6376 section 3.6.2.2).
  if (type != "rsa") out.push_back({type == "both" ? selector + "-ed25519" : selector, "ed25519"});
  const std::string folder = line.common().output.empty() ? std::string() : line.common().output + "/";
  for (Wanted& one : out) {
    const auto name = domain->prefixed(one.selector + "._domainkey");
    if (!name) return text::ParseError{0, "--selector " + selector + ": the name of the record would be too long"};
    one.name = *name;
    one.file = folder + one.selector + "." + domain->text() + ".key";
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "keygen",
      "[OPTIONS] DOMAIN --selector NAME",
      "Makes a DKIM key and tells the record that publishes it. The private key is written to SELECTOR.DOMAIN.key (PEM),\n"
      "readable by its owner alone (mode 0600); a file that exists is never overwritten.",
      {{"a key of 2048 bits", "mailmedic keygen example.org --selector s2026"},
       {"RSA and Ed25519, to sign with both", "mailmedic keygen example.org --selector s2026 --type both --output /etc/dkim"},
       {"is the record published as it must be?", "mailmedic sign --domain example.org --key s2026:/etc/dkim/s2026.example.org.key --check"}},
      "DIR",
      "write the keys into the folder DIR (default: this one)",
  });
  // clang-format off
  line.options().add_options()
      ("selector", cli::po::value<std::string>()->value_name("NAME"), "the selector, a new one for each key")
      ("type", cli::po::value<std::string>()->value_name("TYPE")->default_value("rsa"), "rsa, ed25519 or both; the Ed25519 key of both is at NAME-ed25519")
      ("bits", cli::po::value<std::string>()->value_name("BITS")->default_value("2048"), "size of the RSA key, 1024 to 4096");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  const cli::Format format = line.common().format;
  if (format != cli::Format::text && format != cli::Format::json) return line.fail("--format: keygen tells text or json");
  const auto wanted = wanted_by(line);
  if (!wanted) return line.fail(wanted.error().why);
  json::array keys;
  std::string text;
  for (const Wanted& one : *wanted) {
    auto key = dkim::create_private_key(one.file, one.key_type, one.bits);
    if (!key) return line.fail(key.error().why);
    const Made made{one, std::move(*key)};
    keys.push_back(to_json(made));
    text += (text.empty() ? "" : "\n") + shown(made);
  }
  std::cout << (format == cli::Format::json ? cli::pretty(json::object{{"tool", "keygen"}, {"keys", std::move(keys)}}) + "\n" : text);
  std::cout.flush();
  return std::cout ? 0 : line.fail("the record cannot be written to standard output");
}
