#include "tools/connect/wishes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/text/ascii.hpp"
#include "tools/cli/login_options.hpp"
#include "tools/cli/mail_options.hpp"

namespace mailmedic::connect {

namespace {
using smtp::Stage;

constexpr std::string_view stage_names = "connect, banner, ehlo, starttls, tls, xclient, auth, mail, rcpt or data";

std::optional<Stage> parse_stage(std::string_view word) {
  static constexpr std::pair<std::string_view, Stage> stages[] = {
      {"connect", Stage::connect}, {"banner", Stage::banner}, {"ehlo", Stage::ehlo}, {"starttls", Stage::starttls}, {"tls", Stage::ehlo_after_tls},
      {"xclient", Stage::ehlo_after_xclient}, {"auth", Stage::auth}, {"mail", Stage::mail}, {"rcpt", Stage::rcpt}, {"data", Stage::data}};
  for (const auto& [name, stage] : stages)
    if (text::equals_ignoring_case(name, word)) return stage;
  return std::nullopt;
}

text::ParseError wrong(std::string why) { return {0, std::move(why)}; }

template <typename Number>
std::optional<Number> number_in(const std::string& digits) {
  Number value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool has_8bit(const std::optional<std::string>& text) {
  return text && std::any_of(text->begin(), text->end(), [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
}

std::string read_stage(const cli::CommandLine& line, Wishes& out) {
  if (line.has("quit-after") && line.has("drop-after")) return "--quit-after and --drop-after exclude each other";
  const char* option = line.has("drop-after") ? "drop-after" : "quit-after";
  out.pattern.drop = line.has("drop-after");
  if (!line.has(option)) {
    out.pattern.quit_after = line.has("auth") ? Stage::auth : line.has("xclient") ? Stage::ehlo_after_xclient : Stage::ehlo_after_tls;
    return {};
  }
  const auto stage = parse_stage(line.text(option));
  if (!stage) return fmt::format("--{} {}: give {}", option, line.text(option), stage_names);
  out.pattern.quit_after = *stage;
  if (*stage >= Stage::mail && !line.has("from")) return fmt::format("--{} {} needs a sender: give --from SENDER", option, line.text(option));
  if (*stage >= Stage::rcpt && !line.has("to")) return fmt::format("--{} {} needs a recipient: give --to RECIPIENT", option, line.text(option));
  if (*stage >= Stage::rcpt && !line.flag("allow-rcpt-probe"))
    return fmt::format("--{} {} asks the server about a recipient without sending a message: receivers take that for harvesting and count it against your address. For a server of yours, add --allow-rcpt-probe",
                       option, line.text(option));
  return {};
}

std::string read_envelope(const cli::CommandLine& line, Wishes& out) {
  smtp::ProbeRequest& request = out.pattern;
  if (request.quit_after >= Stage::mail) request.mail_from = line.text("from");
  if (request.quit_after >= Stage::rcpt) request.rcpt_to = line.text("to");
  smtp::MailWishes& wishes = request.wishes;
  if (line.has("size") && !(wishes.size = number_in<std::uint64_t>(line.text("size")))) return fmt::format("--size {}: give a number of bytes", line.text("size"));
  wishes.eight_bit = line.flag("8bit");
  wishes.utf8 = line.flag("smtputf8") || has_8bit(request.mail_from) || has_8bit(request.rcpt_to);
  wishes.orcpt = line.text("dsn-orcpt");
  return cli::read_mail_options(line, wishes);
}

std::string read_proxy(const cli::CommandLine& line, Wishes& out) {
  if (!line.has("proxy-protocol")) return line.has("proxy-source") || line.has("proxy-destination") ? "--proxy-source and --proxy-destination are for --proxy-protocol 1 or 2" : "";
  smtp::ProxyHeader header;
  const auto version = number_in<int>(line.text("proxy-protocol"));
  if (version != 1 && version != 2) return fmt::format("--proxy-protocol {}: give 1 or 2", line.text("proxy-protocol"));
  header.version = *version;
  const auto read = [&](const char* option, std::optional<net::Endpoint>& endpoint) -> std::string {
    if (!line.has(option)) return {};
    endpoint = net::parse_endpoint(line.text(option), 25);
    return endpoint ? "" : fmt::format("--{} {}: give ADDR:PORT, as 192.0.2.7:1234 or [2001:db8::7]:1234", option, line.text(option));
  };
  if (std::string bad = read("proxy-source", header.source); !bad.empty()) return bad;
  if (std::string bad = read("proxy-destination", header.destination); !bad.empty()) return bad;
  out.pattern.proxy = header;
  return {};
}

std::string read_xclient(const cli::CommandLine& line, Wishes& out) {
  for (const std::string& given : line.texts("xclient")) {
    const auto equals = given.find('=');
    if (equals == 0 || equals == std::string::npos) return fmt::format("--xclient {}: give NAME=VALUE, as ADDR=192.0.2.7", given);
    out.pattern.xclient.emplace_back(text::upper(given.substr(0, equals)), given.substr(equals + 1));
  }
  return {};
}

std::string read_rest(const cli::CommandLine& line, Wishes& out) {
  out.families = {line.common().ipv4, line.common().ipv6};
  out.without_starttls = line.flag("no-starttls");
  out.helo = line.text("helo");
  out.pattern.await_quit = line.flag("wait-quit");
  if (!line.has("wait-banner")) return {};
  const auto seconds = number_in<int>(line.text("wait-banner"));
  if (!seconds || *seconds < 1 || *seconds > 300) return fmt::format("--wait-banner {}: give seconds from 1 to 300", line.text("wait-banner"));
  out.pattern.greeting_patience = std::chrono::seconds(*seconds);
  return {};
}

std::string read_trials(const cli::CommandLine& line, Wishes& out) {
  if (!line.has("test")) return line.has("relay-to") ? "--relay-to is for --test relay: give both" : "";
  for (const std::string_view word : text::split(line.text("test"), ',')) {
    const auto trial = smtp::parse_trial(word);
    if (!trial) return fmt::format("--test {}: give some of pipelining,early-talk,relay,starttls-injection,smuggling,vrfy,postmaster", word);
    out.trials.push_back(*trial);
    if (trial == smtp::Trial::relay && line.text("relay-to").find('@') == std::string::npos) return "--test relay needs an address of yours that the server is not for: give --relay-to ADDRESS";
    if (trial == smtp::Trial::smuggling && line.text("to").find('@') == std::string::npos)
      return "--test smuggling delivers a test message where it succeeds: give a recipient of yours at the server with --to ADDRESS";
  }
  out.relay_to = line.text("relay-to");
  out.sender = line.text("from");
  out.recipient = line.text("to");
  for (const std::string* address : {&out.relay_to, &out.sender, &out.recipient})
    if (std::any_of(address->begin(), address->end(), [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '<' || c == '>'; }))
      return fmt::format("{}: an address has no blanks, control characters or angle brackets", *address);
  return {};
}
}  // namespace

smtp::ProbeRequest Wishes::request(const cli::Destination& destination, const std::string& host, const net::Address& address) const {
  smtp::ProbeRequest out = pattern;
  out.endpoint = {address, destination.port.value_or(25)};
  out.socket_path = destination.socket_path;
  out.host = host;
  out.lmtp = destination.lmtp;
  out.encryption = without_starttls && destination.encryption != smtp::Encryption::implicit ? smtp::Encryption::none : destination.encryption;
  if (out.login) {
    out.login->credentials.host = host;
    out.login->credentials.port = out.endpoint.port;
  }
  return out;
}

void add_options(cli::CommandLine& line) {
  using cli::po::bool_switch;
  const auto value = [](const char* name) { return cli::po::value<std::string>()->value_name(name); };
  // clang-format off
  line.options().add_options()
      ("helo", value("NAME"), "our name in EHLO (default: this host's full name, else its address)")
      ("quit-after", value("STAGE"), "say QUIT behind connect, banner, ehlo, starttls, tls (default), xclient, auth, mail, rcpt or data")
      ("drop-after", value("STAGE"), "the same, but just close the connection")
      ("wait-banner", value("SECONDS"), "wait so long for the greeting, at most 300 (default: --timeout)")
      ("wait-quit", bool_switch(), "wait for the reply to QUIT too")
      ("no-starttls", bool_switch(), "do not use STARTTLS: is mail taken without?")
      ("from", value("SENDER"), "the address for MAIL FROM (with --quit-after mail, rcpt or data)")
      ("to", value("RECIPIENT"), "the address for RCPT TO (with --quit-after rcpt or data); receivers count such probes against you")
      ("size", value("BYTES"), "MAIL parameter SIZE=; this and the next ones are sent where the server offers them")
      ("8bit", bool_switch(), "MAIL parameter BODY=8BITMIME")
      ("smtputf8", bool_switch(), "MAIL parameter SMTPUTF8 (by itself for addresses beyond ASCII)")
      ("dsn-orcpt", value("ADDRESS"), "RCPT parameter ORCPT")
      ("proxy-protocol", value("VERSION"), "say a PROXY header first, version 1 or 2")
      ("proxy-source", value("ADDR:PORT"), "the client that it names (default: us)")
      ("proxy-destination", value("ADDR:PORT"), "the server that it names (default: the one connected to)")
      ("xclient", cli::po::value<std::vector<std::string>>()->value_name("NAME=VALUE"), "XCLIENT attribute, as ADDR=192.0.2.7 (repeatable)")
      ("allow-rcpt-probe", bool_switch(), "ask a server of your own about a recipient, without a message")
      ("test", value("NAMES"), "for servers of your own: some of pipelining, early-talk, relay, starttls-injection, smuggling, vrfy, postmaster")
      ("relay-to", value("ADDRESS"), "for --test relay: an address of yours that the server is not for");
  // clang-format on
  cli::add_mail_options(line);
  cli::add_login_options(line);
  cli::add_expiry_options(line);
  cli::add_time_options(line);
}

text::Parsed<Wishes> read_wishes(cli::CommandLine& line) {
  Wishes out;
  for (std::string (*read)(const cli::CommandLine&, Wishes&) : {&read_stage, &read_envelope, &read_proxy, &read_xclient, &read_trials, &read_rest})
    if (std::string why = read(line, out); !why.empty()) return wrong(std::move(why));
  auto thresholds = cli::read_thresholds(line);
  if (!thresholds) return thresholds.error();
  out.thresholds = *thresholds;
  if (std::string why = cli::read_login(line, out.pattern.login); !why.empty()) return wrong(std::move(why));
  return out;
}

}  // namespace mailmedic::connect
