// Each mechanism against the server's side of the same library, or against the example of its RFC.
#include "lib/sasl/mechanism.hpp"

#include <gmock/gmock.h>
#include <gsasl.h>
#include <gtest/gtest.h>

#include "lib/text/base64.hpp"

using namespace mailmedic;
using namespace mailmedic::sasl;
using namespace std::string_literals;
using testing::HasSubstr;

namespace {
const Credentials with_password{.user = "user@example.org", .password = "pencil"};
const Credentials with_token{.user = "a=b,c@example.org", .token = "vF9dft4qmT", .host = "mx.example.org", .port = 587};
const ChannelBinding binding{"tls-exporter", std::string(32, '\x07')};

Mechanism started(std::string_view name, const Credentials& credentials = with_password, const std::optional<ChannelBinding>& bound = {}) {
  auto made = Mechanism::start(name, credentials, bound);
  EXPECT_TRUE(made) << made.error().why;
  return std::move(*made);
}

/// The library's server, which knows one user's password.
class Server {
 public:
  Server(const char* mechanism, const char* password, const std::string& bound = {}) : password_(password) {
    gsasl_init(&library_);
    gsasl_callback_set(library_, [](Gsasl* library, Gsasl_session* session, Gsasl_property property) {
      const auto* self = static_cast<const Server*>(gsasl_callback_hook_get(library));
      if (property == GSASL_PASSWORD) return gsasl_property_set(session, property, self->password_);
      if (property == GSASL_CB_TLS_EXPORTER && !self->bound_.empty()) return gsasl_property_set(session, property, self->bound_.c_str());
      if (property == GSASL_VALIDATE_SIMPLE)
        return std::string(gsasl_property_fast(session, GSASL_PASSWORD)) == self->password_ ? int(GSASL_OK) : int(GSASL_AUTHENTICATION_ERROR);
      return int(GSASL_NO_CALLBACK);
    });
    gsasl_callback_hook_set(library_, this);
    bound_ = bound.empty() ? bound : text::to_base64(bound);
    EXPECT_EQ(gsasl_server_start(library_, mechanism, &session_), GSASL_OK);
  }
  ~Server() {
    gsasl_finish(session_);
    gsasl_done(library_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// GSASL_OK: let in.
  int hear(std::string_view response, std::string& challenge) {
    char* bytes = nullptr;
    std::size_t size = 0;
    const int status = gsasl_step(session_, response.data(), response.size(), &bytes, &size);
    challenge.assign(bytes ? bytes : "", bytes ? size : 0);
    gsasl_free(bytes);
    return status;
  }

 private:
  Gsasl* library_ = nullptr;
  Gsasl_session* session_ = nullptr;
  const char* password_;
  std::string bound_;
};

/// The whole exchange; GSASL_OK when the server lets the client in.
int outcome(Mechanism& client, Server& server) {
  std::string challenge;
  int status = GSASL_NEEDS_MORE;
  std::string response;
  if (client.speaks_first()) {
    response = *client.answer("");
  } else {
    status = server.hear("", challenge);
    response = *client.answer(challenge);
  }
  for (int round = 0; round < 5; ++round) {
    status = server.hear(response, challenge);
    if (status != GSASL_NEEDS_MORE) break;
    const auto next = client.answer(challenge);
    if (!next) return GSASL_AUTHENTICATION_ERROR;
    response = *next;
  }
  if (status == GSASL_OK && !challenge.empty()) (void)client.answer(challenge);  // the server's proof
  return status;
}
}  // namespace

TEST(Base64, BothWays) {
  for (const auto& [plain, coded] : {std::pair{""s, ""s}, {"f"s, "Zg=="s}, {"fo"s, "Zm8="s}, {"foo"s, "Zm9v"s}, {"\0\xff\xfe"s, "AP/+"s}}) {
    EXPECT_EQ(text::to_base64(plain), coded);
    EXPECT_EQ(text::from_base64(coded), plain);
  }
  for (const char* bad : {"Zg", "Zg=", "Z===", "Zm9v Zg==", "Z-9v", "=Zg="}) EXPECT_FALSE(text::from_base64(bad)) << bad;
}

TEST(Mechanism, EveryPasswordMechanismIsLetIn) {
  for (const char* name : {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"}) {
    Mechanism client = started(name);
    Server server(name, "pencil");
    EXPECT_EQ(outcome(client, server), GSASL_OK) << name;
    EXPECT_EQ(client.server_proven(), std::string_view(name).starts_with("SCRAM") ? std::optional(true) : std::nullopt) << name;
  }
}

TEST(Mechanism, WrongPasswordIsNot) {
  for (const char* name : {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"}) {
    Mechanism client = started(name);
    Server server(name, "another");
    EXPECT_NE(outcome(client, server), GSASL_OK) << name;
    EXPECT_NE(client.server_proven(), std::optional(true)) << name;
  }
}

// RFC 5802 section 6: the same channel on both sides, or no login.
TEST(Mechanism, BindsToTheChannel) {
  for (const char* name : {"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"}) {
    Mechanism client = started(name, with_password, binding);
    Server same(name, "pencil", binding.bytes);
    EXPECT_EQ(outcome(client, same), GSASL_OK) << name;
    Mechanism again = started(name, with_password, binding);
    Server between(name, "pencil", std::string(32, '\x08'));
    EXPECT_NE(outcome(again, between), GSASL_OK) << name;
  }
}

// RFC 5802 section 5, RFC 7677 section 3: without a plus the client says that it does not bind.
TEST(Mechanism, ScramSpeaksFirst) { EXPECT_THAT(*started("SCRAM-SHA-256").answer(""), testing::StartsWith("n,,n=user@example.org,r=")); }

TEST(Mechanism, AServerThatCannotProveItselfIsSeen) {
  Mechanism client = started("SCRAM-SHA-256");
  const std::string first = *client.answer("");
  const std::string nonce = first.substr(first.find("r=") + 2);
  ASSERT_TRUE(client.answer("r=" + nonce + "x,s=c2FsdA==,i=4096"));
  EXPECT_EQ(client.server_proven(), false);
  EXPECT_FALSE(client.answer("v=" + text::to_base64(std::string(32, 'x'))));
  EXPECT_EQ(client.server_proven(), false);
}

TEST(Mechanism, EndlessHashingIsRefused) {
  for (const char* count : {"1000001", "99999999999999999999"}) {
    Mechanism client = started("SCRAM-SHA-1");
    const std::string first = *client.answer("");
    const auto answer = client.answer("r=" + first.substr(first.find("r=") + 2) + "x,s=c2FsdA==,i=" + count);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().why, HasSubstr("million"));
  }
}

// RFC 7628 section 4.1, with the escapes of RFC 5801 section 4.
TEST(Mechanism, BearerTokens) {
  Mechanism bearer = started("OAUTHBEARER", with_token);
  EXPECT_EQ(*bearer.answer(""), "n,a=a=3Db=2Cc@example.org,\x01host=mx.example.org\x01port=587\x01" "auth=Bearer vF9dft4qmT\x01\x01");
  Mechanism xoauth = started("XOAUTH2", with_token);
  EXPECT_EQ(*xoauth.answer(""), "user=a=b,c@example.org\x01" "auth=Bearer vF9dft4qmT\x01\x01");
}

// RFC 7628 section 3.2.3: the client ends the refused exchange with ^A; XOAUTH2 with an empty line.
TEST(Mechanism, TheErrorOfARefusedTokenIsKept) {
  for (const auto& [name, end] : {std::pair{"OAUTHBEARER", "\x01"s}, {"XOAUTH2", ""s}}) {
    Mechanism client = started(name, with_token);
    ASSERT_TRUE(client.answer(""));
    EXPECT_EQ(*client.answer(R"({"status":"invalid_token"})"), end);
    EXPECT_EQ(client.server_error(), R"({"status":"invalid_token"})");
    EXPECT_FALSE(client.answer("more"));
  }
}

TEST(Mechanism, AServerCannotAskForEver) {
  for (const char* name : {"PLAIN", "LOGIN", "CRAM-MD5"}) {
    Mechanism client = started(name);
    int answers = 0;
    while (answers < 20 && client.answer("x")) ++answers;
    EXPECT_LT(answers, 4) << name;
  }
}

TEST(Mechanism, SaysWhatIsMissing) {
  EXPECT_EQ(Mechanism::start("PLAIN", with_token, {}).error().why, "no password was given");
  EXPECT_EQ(Mechanism::start("XOAUTH2", with_password, {}).error().why, "no access token was given");
  EXPECT_EQ(Mechanism::start("SCRAM-SHA-1-PLUS", with_password, {}).error().why, "the connection gives nothing to bind to");
  EXPECT_FALSE(Mechanism::start("GSSAPI", with_password, {}));
}

TEST(Strongest, ByStrengthWishAndMeans) {
  const std::vector<std::string> offered{"LOGIN", "PLAIN", "XOAUTH2", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "GSSAPI"};
  EXPECT_EQ(strongest(offered, {}, with_password, true), "SCRAM-SHA-256-PLUS");
  EXPECT_EQ(strongest(offered, {}, with_password, false), "SCRAM-SHA-256");
  EXPECT_EQ(strongest(offered, {"LOGIN", "PLAIN"}, with_password, true), "PLAIN");
  EXPECT_EQ(strongest(offered, {}, with_token, true), "XOAUTH2");
  EXPECT_EQ(strongest({"GSSAPI", "NTLM"}, {}, with_password, true), std::nullopt);
  EXPECT_EQ(strongest(offered, {"CRAM-MD5"}, with_password, true), std::nullopt);
}
