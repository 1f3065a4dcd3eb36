#include "lib/sasl/mechanism.hpp"

#include <gsasl.h>

#include <algorithm>
#include <charconv>

#include "lib/text/base64.hpp"

namespace mailmedic::sasl {

namespace {
struct Row {
  std::string_view name;
  bool speaks_first, by_token, binds, proves_server;
};
/// A plus binds the login to the TLS session; SCRAM never sends the password; CRAM-MD5 neither, but what it sends can be
/// guessed at; the others hand over the secret itself.
constexpr Row rows[] = {
    {"SCRAM-SHA-256-PLUS", true, false, true, true}, {"SCRAM-SHA-1-PLUS", true, false, true, true},
    {"SCRAM-SHA-256", true, false, false, true},     {"SCRAM-SHA-1", true, false, false, true},
    {"OAUTHBEARER", true, true, false, false},       {"XOAUTH2", true, true, false, false},
    {"CRAM-MD5", false, false, false, false},        {"PLAIN", true, false, false, false},
    {"LOGIN", false, false, false, false},
};

const Row* row_of(std::string_view name) {
  const auto found = std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.name == name; });
  return found == std::end(rows) ? nullptr : found;
}

bool suffice(const Row& row, const Credentials& credentials, bool can_bind) {
  return (row.by_token ? credentials.token.has_value() : credentials.password.has_value()) && (can_bind || !row.binds);
}

struct Finish {
  void operator()(Gsasl_session* session) const { gsasl_finish(session); }
};

/// One for the process, as it holds no state of a login; null when the library has none to give.
Gsasl* library() {
  static Gsasl* const context = [] {
    Gsasl* made = nullptr;
    return gsasl_init(&made) == GSASL_OK ? made : nullptr;
  }();
  return context;
}

/// RFC 6750 section 2.1 for XOAUTH2 as the providers define it; RFC 7628 section 3.1.
std::string bearer_response(const Row& row, const Credentials& credentials) {
  const std::string end = "auth=Bearer " + *credentials.token + "\x01\x01";
  if (row.name == "XOAUTH2") return "user=" + credentials.user + "\x01" + end;
  std::string user;  // RFC 5801 section 4 escapes "," and "="
  for (const char c : credentials.user) user += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
  std::string out = "n,a=" + user + ",\x01";
  if (!credentials.host.empty()) out += "host=" + credentials.host + "\x01";
  if (credentials.port != 0) out += "port=" + std::to_string(credentials.port) + "\x01";
  return out + end;
}

/// A server may ask for as many rounds of hashing as it likes; RFC 7677 section 4 has 4096 and recommends 15,000.
constexpr long most_iterations = 1'000'000;

bool asks_too_much(std::string_view challenge) {
  const auto at = challenge.rfind(",i=");
  if (at == std::string_view::npos) return false;
  long count = 0;
  const std::string_view digits = challenge.substr(at + 3);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return failed == std::errc::result_out_of_range || count > most_iterations;
}
}  // namespace

struct Mechanism::Impl {
  const Row& row;
  Credentials credentials;
  std::unique_ptr<Gsasl_session, Finish> session{};  // null for those by token
  int answers = 0;
  bool finished = false;
  std::string server_error{};

  text::Parsed<std::string> by_token(std::string_view challenge) {
    if (answers++ == 0) return bearer_response(row, credentials);
    if (answers > 2) return text::ParseError{0, "the server asks on after it refused the token"};
    server_error = challenge.substr(0, 4096);
    return std::string(row.name == "XOAUTH2" ? "" : "\x01");
  }

  text::Parsed<std::string> by_library(std::string_view challenge) {
    if (finished) {
      // The last word of a server that has nothing to add is an empty one, and so is ours.
      if (!challenge.empty() || answers++ > 0) return text::ParseError{0, "the server asks on after the end of the exchange"};
      return std::string();
    }
    if (row.proves_server && asks_too_much(challenge)) return text::ParseError{0, "the server asks for more than a million rounds of hashing"};
    char* bytes = nullptr;
    std::size_t size = 0;
    const int status = gsasl_step(session.get(), challenge.data(), challenge.size(), &bytes, &size);
    if (status != GSASL_OK && status != GSASL_NEEDS_MORE) return text::ParseError{0, gsasl_strerror(status)};
    std::string out(bytes ? bytes : "", bytes ? size : 0);
    gsasl_free(bytes);
    finished = status == GSASL_OK;
    return out;
  }
};

Mechanism::Mechanism(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Mechanism::~Mechanism() = default;
Mechanism::Mechanism(Mechanism&&) noexcept = default;
Mechanism& Mechanism::operator=(Mechanism&&) noexcept = default;

text::Parsed<Mechanism> Mechanism::start(std::string_view name, const Credentials& credentials, const std::optional<ChannelBinding>& binding) {
  const Row* row = row_of(name);
  if (!row) return text::ParseError{0, "no mechanism of ours"};
  if (!suffice(*row, credentials, binding.has_value()))
    return text::ParseError{0, row->by_token ? "no access token was given" : !credentials.password ? "no password was given" : "the connection gives nothing to bind to"};
  auto impl = std::make_unique<Impl>(Impl{.row = *row, .credentials = credentials});
  if (!row->by_token) {
    Gsasl_session* session = nullptr;
    const int status = library() ? gsasl_client_start(library(), std::string(name).c_str(), &session) : GSASL_MALLOC_ERROR;
    if (status != GSASL_OK) return text::ParseError{0, gsasl_strerror(status)};
    impl->session.reset(session);
    gsasl_property_set(session, GSASL_AUTHID, credentials.user.c_str());
    gsasl_property_set(session, GSASL_PASSWORD, credentials.password->c_str());
    // Only for a mechanism that binds: SCRAM without a plus would else say that the server cannot, which a server
    // that can takes for an attack (RFC 5802 section 6).
    if (row->binds)
      gsasl_property_set(session, binding->type == "tls-exporter" ? GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE, text::to_base64(binding->bytes).c_str());
  }
  return Mechanism(std::move(impl));
}

bool Mechanism::speaks_first() const { return impl_->row.speaks_first; }

text::Parsed<std::string> Mechanism::answer(std::string_view challenge) {
  return impl_->row.by_token ? impl_->by_token(challenge) : impl_->by_library(challenge);
}

const std::string& Mechanism::server_error() const { return impl_->server_error; }

std::optional<bool> Mechanism::server_proven() const {
  if (!impl_->row.proves_server) return std::nullopt;
  return impl_->finished;
}

const std::vector<std::string_view>& known_mechanisms() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out;
    for (const Row& row : rows) out.push_back(row.name);
    return out;
  }();
  return names;
}

std::optional<std::string> strongest(const std::vector<std::string>& offered, const std::vector<std::string>& wanted,
                                     const Credentials& credentials, bool can_bind) {
  const auto among = [](const std::vector<std::string>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  for (const Row& row : rows)
    if (among(offered, row.name) && (wanted.empty() || among(wanted, row.name)) && suffice(row, credentials, can_bind)) return std::string(row.name);
  return std::nullopt;
}

bool shows_secret(std::string_view mechanism) { return mechanism == "PLAIN" || mechanism == "LOGIN" || mechanism == "OAUTHBEARER" || mechanism == "XOAUTH2"; }

}  // namespace mailmedic::sasl
