#include "tools/connect/wishes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/text/ascii.hpp"
#include "tools/connect/secret.hpp"

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
  wishes.require_tls = line.flag("requiretls");
  wishes.ret = text::upper(line.text("dsn-ret"));
  if (!wishes.ret.empty() && wishes.ret != "FULL" && wishes.ret != "HDRS") return fmt::format("--dsn-ret {}: give full or hdrs", line.text("dsn-ret"));
  wishes.envid = line.text("dsn-envid");
  wishes.notify = text::upper(line.text("dsn-notify"));
  if (!wishes.notify.empty() && wishes.notify != "NEVER")
    for (const std::string_view word : text::split(wishes.notify, ','))
      if (word != "SUCCESS" && word != "FAILURE" && word != "DELAY") return fmt::format("--dsn-notify {}: give never, or some of success,failure,delay", line.text("dsn-notify"));
  wishes.orcpt = line.text("dsn-orcpt");
  return {};
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

std::string read_secret(cli::CommandLine& line, const std::string& kind, std::optional<std::string>& out) {
  const std::string file = kind + "-file", variable = kind + "-env";
  if (!line.has(file.c_str()) && !line.has(variable.c_str())) return {};
  const std::string option = line.has(file.c_str()) ? file : variable;
  auto secret = option == file ? secret_from_file(line.text(file.c_str())) : secret_from_environment(line.text(variable.c_str()));
  if (!secret) return fmt::format("--{} {}", option, secret.error().why);
  out = std::move(*secret);
  line.keep_secret(*out);
  return {};
}

std::string read_login(cli::CommandLine& line, Wishes& out) {
  if (!line.has("auth")) return line.has("user") ? "--user is for --auth: give both" : "";
  smtp::LoginRequest login;
  login.without_tls = line.flag("auth-without-tls");
  const std::string mechanisms = line.text("auth");
  if (mechanisms != "any")
    for (const std::string_view word : text::split(mechanisms, ',')) {
      login.mechanisms.push_back(text::upper(word));
      const auto& known = sasl::known_mechanisms();
      if (std::find(known.begin(), known.end(), login.mechanisms.back()) == known.end())
        return fmt::format("--auth {}: give any, or some of {}", word, fmt::join(known, ","));
    }
  login.credentials.user = line.text("user");
  if (login.credentials.user.empty()) return "--auth needs --user NAME";
  if (std::string bad = read_secret(line, "password", login.credentials.password); !bad.empty()) return bad;
  if (std::string bad = read_secret(line, "token", login.credentials.token); !bad.empty()) return bad;
  if (!login.credentials.password && !login.credentials.token) {
    auto asked = secret_from_terminal(fmt::format("Password of {}: ", login.credentials.user));
    if (!asked) return fmt::format("--auth: {}; give --password-file FILE or --password-env VARIABLE", asked.error().why);
    line.keep_secret(*asked);
    login.credentials.password = std::move(*asked);
  }
  out.pattern.login = std::move(login);
  return {};
}

std::string read_rest(const cli::CommandLine& line, Wishes& out) {
  out.families = {line.common().ipv4, line.common().ipv6};
  out.without_starttls = line.flag("no-starttls");
  out.pattern.await_quit = line.flag("wait-quit");
  if (!line.has("wait-banner")) return {};
  const auto seconds = number_in<int>(line.text("wait-banner"));
  if (!seconds || *seconds < 1 || *seconds > 300) return fmt::format("--wait-banner {}: give seconds from 1 to 300", line.text("wait-banner"));
  out.pattern.greeting_patience = std::chrono::seconds(*seconds);
  return {};
}
}  // namespace

smtp::ProbeRequest Wishes::request(const Destination& destination, const std::string& host, const net::Address& address) const {
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
      ("requiretls", bool_switch(), "MAIL parameter REQUIRETLS")
      ("dsn-ret", value("WHAT"), "MAIL parameter RET: full or hdrs")
      ("dsn-envid", value("TEXT"), "MAIL parameter ENVID")
      ("dsn-notify", value("WHEN"), "RCPT parameter NOTIFY: never, or some of success,failure,delay")
      ("dsn-orcpt", value("ADDRESS"), "RCPT parameter ORCPT")
      ("auth", cli::po::value<std::string>()->value_name("MECHANISM,...")->implicit_value("any"), "log in, by the strongest mechanism offered or one of these (written --auth=PLAIN,LOGIN)")
      ("user", value("NAME"), "the name to log in with")
      ("password-file", value("FILE"), "the password is the first line of FILE (default: asked for on the terminal)")
      ("password-env", value("VARIABLE"), "the password is in this variable of the environment")
      ("token-file", value("FILE"), "the OAuth 2.0 access token is the first line of FILE")
      ("token-env", value("VARIABLE"), "the access token is in this variable of the environment")
      ("auth-without-tls", bool_switch(), "log in on a connection that anybody may read, too")
      ("proxy-protocol", value("VERSION"), "say a PROXY header first, version 1 or 2")
      ("proxy-source", value("ADDR:PORT"), "the client that it names (default: us)")
      ("proxy-destination", value("ADDR:PORT"), "the server that it names (default: the one connected to)")
      ("xclient", cli::po::value<std::vector<std::string>>()->value_name("NAME=VALUE"), "XCLIENT attribute, as ADDR=192.0.2.7 (repeatable)");
  // clang-format on
}

text::Parsed<Wishes> read_wishes(cli::CommandLine& line) {
  Wishes out;
  for (std::string (*read)(const cli::CommandLine&, Wishes&) : {&read_stage, &read_envelope, &read_proxy, &read_xclient, &read_rest})
    if (std::string why = read(line, out); !why.empty()) return wrong(std::move(why));
  if (std::string why = read_login(line, out); !why.empty()) return wrong(std::move(why));
  return out;
}

}  // namespace mailmedic::connect
