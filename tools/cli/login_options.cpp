#include "tools/cli/login_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "tools/cli/secret.hpp"

namespace mailmedic::cli {

namespace {
std::string read_secret(CommandLine& line, const std::string& kind, std::optional<std::string>& out) {
  const std::string file = kind + "-file", variable = kind + "-env";
  if (!line.has(file.c_str()) && !line.has(variable.c_str())) return {};
  const std::string option = line.has(file.c_str()) ? file : variable;
  auto secret = option == file ? secret_from_file(line.text(file.c_str())) : secret_from_environment(line.text(variable.c_str()));
  if (!secret) return fmt::format("--{} {}", option, secret.error().why);
  out = std::move(*secret);
  line.keep_secret(*out);
  return {};
}

}  // namespace

void add_login_options(CommandLine& line) {
  using po::bool_switch;
  const auto value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  // clang-format off
  line.options().add_options()
      ("auth", po::value<std::string>()->value_name("MECHANISM,...")->implicit_value("any"), "log in, by the strongest mechanism offered or one of these (written --auth=PLAIN,LOGIN)")
      ("user", value("NAME"), "the name to log in with")
      ("password-file", value("FILE"), "the password is the first line of FILE (default: asked for on the terminal)")
      ("password-env", value("VARIABLE"), "the password is in this variable of the environment")
      ("token-file", value("FILE"), "the OAuth 2.0 access token is the first line of FILE")
      ("token-env", value("VARIABLE"), "the access token is in this variable of the environment")
      ("auth-without-tls", bool_switch(), "log in on a connection that anybody may read, too")
      ("auth-untrusted", bool_switch(), "log in even if the certificate does not show that it is the right server");
  // clang-format on
}

std::string read_login(CommandLine& line, std::optional<smtp::LoginRequest>& out) {
  if (!line.has("auth")) return line.has("user") ? "--user is for --auth: give both" : "";
  smtp::LoginRequest login;
  login.without_tls = line.flag("auth-without-tls");
  login.to_anybody = line.flag("auth-untrusted");
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
  out = std::move(login);
  return {};
}

bool has_secret_word(int argc, char** argv) {
  return std::any_of(argv + 1, argv + argc, [](std::string_view word) { return word == "--password" || word.starts_with("--password=") || word == "--token" || word.starts_with("--token="); });
}

}  // namespace mailmedic::cli
