// The getter against scripted servers on loopback: what a hostile or broken web server makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/https/answer_parser.hpp"
#include "lib/https/network_getter.hpp"
#include "lib/https/sharing_getter.hpp"
#include "lib/https/url.hpp"
#include "lib/net/parallel.hpp"
#include "tests/support/run.hpp"
#include "tools/demo/scripted_smtp_server.hpp"

using namespace mailmedic;
using namespace mailmedic::https;
using namespace std::chrono_literals;
using demo::Script;
using demo::ScriptedSmtpServer;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const demo::Identity& authority() {
  static const demo::Identity made = demo::make_identity({.common_name = "Root", .authority = true});
  return made;
}
const demo::Identity& identity() {
  static const demo::Identity made = demo::make_identity({.common_name = "web", .dns_names = {"mta-sts.example.org"}, .issuer = &authority()});
  return made;
}
const tls::TrustStore& trust() {
  static const tls::TrustStore store = tls::TrustStore::from_pem(authority().certificate);
  return store;
}

NetworkOptions patient() {
  NetworkOptions options;
  options.timeout = 5s;
  options.total = 20s;
  return options;
}

Response get(net::Endpoint endpoint, NetworkOptions options = patient(), Request request = {}) {
  NetworkGetter getter(std::move(options), trust(), std::chrono::system_clock::now());
  request.endpoint = endpoint;
  if (request.host.empty()) request.host = "mta-sts.example.org";
  return test::run(getter.get(std::move(request)));
}
Response get(const Script& script, NetworkOptions options = patient()) {
  const ScriptedSmtpServer server(script);
  return get(server.endpoint(), std::move(options));
}
/// TLS, and the whole request is read.
Script asked(const demo::Identity& who = identity()) {
  return Script().start_tls(who).expect("GET / HTTP/1.1").expect("Host: ").expect("User-Agent: ").expect("Accept: ").expect("Connection: close").expect("");
}
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Type: Text/Plain; charset=utf-8\r\n";

Response parsed(std::string_view bytes, bool ended = true) {
  Response response;
  response.request.body_limit = 1000;
  AnswerParser parser(response);
  if (!parser.receive(bytes) && ended) parser.end();
  return response;
}

}  // namespace

TEST(Https, GetsADocument) {
  const ScriptedSmtpServer server(asked().say(ok + "Content-Length: 5\r\n\r\nhello"));
  const Response seen = get(server.endpoint());
  EXPECT_TRUE(seen.is_complete()) << cause_text(seen.cause) << seen.why;
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.media_type, "text/plain");
  EXPECT_EQ(seen.body, "hello");
  ASSERT_TRUE(seen.handshake && seen.handshake->completed);
  EXPECT_TRUE(seen.handshake->verification.trusted);
  EXPECT_EQ(seen.handshake->verification.name_matches, true);
  EXPECT_EQ(seen.handshake->sni, "mta-sts.example.org");
  EXPECT_THAT(server.heard(), Contains("Host: mta-sts.example.org:" + std::to_string(server.endpoint().port)));
}

TEST(Https, NeverFollowsARedirect) {
  const ScriptedSmtpServer server(asked().say("HTTP/1.1 302 Found\r\nLocation: https://mta-sts.example.org/other\r\nContent-Length: 0\r\n\r\n"));
  const Response seen = get(server.endpoint());
  EXPECT_EQ(seen.status, 302);
  EXPECT_EQ(seen.location, "https://mta-sts.example.org/other");
  EXPECT_EQ(server.connections(), 1);
}

TEST(Https, RecordsACertificateThatNobodyTrusts) {
  const Response seen = get(asked(demo::make_identity({.dns_names = {"other.example.org"}})).say(ok + "Content-Length: 2\r\n\r\nhi"));
  EXPECT_EQ(seen.body, "hi");
  EXPECT_FALSE(seen.handshake->verification.trusted);
  EXPECT_EQ(seen.handshake->verification.name_matches, false);
}

TEST(Https, OnlyShakesHandsWhenToldSo) {
  const ScriptedSmtpServer server(Script().start_tls(identity()).expect("GET").say("never"));
  Request request;
  request.handshake_only = true;
  const Response seen = get(server.endpoint(), patient(), request);
  EXPECT_TRUE(seen.is_complete());
  EXPECT_TRUE(seen.handshake->completed);
  EXPECT_EQ(seen.status, 0);
  EXPECT_THAT(server.heard(), IsEmpty());
}

TEST(Https, SendsNothingThatWouldBeginASecondRequest) {
  const ScriptedSmtpServer server(asked());
  Request request;
  request.target = "/ HTTP/1.1\r\nX: y";
  EXPECT_EQ(get(server.endpoint(), patient(), request).cause, Cause::local_error);
  EXPECT_EQ(server.connections(), 0);
}

TEST(Https, SaysWhereItStopped) {
  const auto stopped = [](const Response& seen, Stage stage, Cause cause) {
    EXPECT_EQ(stage_text(seen.stopped_at), stage_text(stage));
    EXPECT_EQ(cause_text(seen.cause), cause_text(cause)) << seen.why;
  };
  stopped(get(demo::refused_endpoint()), Stage::connect, Cause::refused);
  stopped(get(Script().say("220 this is a mail server\r\n").hang()), Stage::tls, Cause::tls_failed);
  stopped(get(Script()), Stage::tls, Cause::tls_failed);
  stopped(get(asked()), Stage::header, Cause::closed);
  stopped(get(asked().say("HTTP/1.1 200 OK\r\nContent-")), Stage::header, Cause::closed);
  stopped(get(asked().say(ok + "Content-Length: 100\r\n\r\nhalf")), Stage::body, Cause::closed);
  stopped(get(asked().say("220 this is no web server\r\n\r\n")), Stage::header, Cause::malformed);
  stopped(get(asked().say(std::string("\0\xff\x01\r\n\r\n", 7))), Stage::header, Cause::malformed);
}

TEST(Https, EndlessAnswersEndAtTheLimits) {
  EXPECT_EQ(get(asked().say("HTTP/1.1 200 OK\r\nX: ").flood(10'000'000)).cause, Cause::header_too_large);
  std::string fields = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 3000; ++i) fields += "X-Field: value\r\n";
  EXPECT_EQ(get(asked().say(fields).hang()).cause, Cause::header_too_large);
  EXPECT_EQ(get(asked().say(ok + "Content-Length: 10000000\r\n\r\n").flood(10'000'000)).cause, Cause::body_too_large);
  const Response endless = get(asked().say(ok + "\r\n").flood(10'000'000));
  EXPECT_EQ(endless.cause, Cause::body_too_large);
  EXPECT_LE(endless.body.size(), 64u * 1024);
  EXPECT_EQ(endless.status, 200);
  EXPECT_EQ(get(asked().say(ok + "Transfer-Encoding: chunked\r\n\r\nFFFFFF\r\n").flood(10'000'000)).cause, Cause::body_too_large);
}

TEST(Https, SilenceAndDripsEndAtTheLimits) {
  NetworkOptions hasty = patient();
  hasty.timeout = 1500ms;
  EXPECT_EQ(get(asked().hang(), hasty).cause, Cause::timed_out);
  const Response mute = get(Script().hang(), hasty);
  EXPECT_EQ(mute.cause, Cause::tls_failed);
  EXPECT_EQ(reach_of(mute), Reach::silent);
  hasty.timeout = 5s;
  hasty.total = 2500ms;
  Script drip = asked().say(ok + "Content-Length: 1000\r\n\r\n");
  for (int i = 0; i < 100; ++i) drip.say("x").wait(100ms);
  const Response slow = get(drip, hasty);
  EXPECT_EQ(slow.cause, Cause::too_slow) << cause_text(slow.cause);
  EXPECT_EQ(reach_of(slow), Reach::answered);
}

TEST(HttpsAnswer, IsReadInAnyPieces) {
  const std::string whole = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
  for (std::size_t piece = 1; piece < whole.size(); ++piece) {
    Response response;
    AnswerParser parser(response);
    bool finished = false;
    for (std::size_t at = 0; at < whole.size() && !finished; at += piece) finished = parser.receive(std::string_view(whole).substr(at, piece));
    EXPECT_TRUE(finished) << piece;
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello!") << piece;
  }
}

TEST(HttpsAnswer, EndsAsTheProtocolSays) {
  EXPECT_EQ(parsed(ok + "\r\nuntil the end").body, "until the end");
  EXPECT_TRUE(parsed(ok + "\r\nuntil the end").is_complete());
  EXPECT_EQ(parsed(ok + "Content-Length: 9\r\n\r\nshort").cause, Cause::closed);
  EXPECT_EQ(parsed("").cause, Cause::closed);
  EXPECT_EQ(parsed("<html>").cause, Cause::malformed);
  EXPECT_TRUE(parsed("HTTP/1.1 204 No Content\r\n\r\n").is_complete());
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(parsed(interim).cause, Cause::malformed);
}

TEST(HttpsShared, EqualRequestsAreOne) {
  const ScriptedSmtpServer server(asked().say(ok + "Content-Length: 5\r\n\r\nhello"));
  NetworkGetter network(patient(), trust(), std::chrono::system_clock::now());
  SharingGetter shared(network);
  const auto thrice = [](Getter& getter, net::Endpoint endpoint) -> asio::awaitable<int> {
    Request request;
    request.endpoint = endpoint;
    request.host = "mta-sts.example.org";
    std::vector<asio::awaitable<Response>> work;
    for (int i = 0; i < 2; ++i) work.push_back(getter.get(request));
    const std::vector<Response> both = co_await net::in_parallel(std::move(work));
    const Response later = co_await getter.get(request);
    co_return static_cast<int>(both[0].body.size() + both[1].body.size() + later.body.size());
  };
  EXPECT_EQ(test::run(thrice(shared, server.endpoint())), 15);
  EXPECT_EQ(server.connections(), 1);
}

TEST(Url, IsAnHttpsUrlOfAFullHostName) {
  EXPECT_EQ(Url::parse("HTTPS://WWW.Example.org").value().text(), "https://www.example.org/");
  EXPECT_EQ(Url::parse("https://www.example.org:8443/a?b=%20#c").value().text(), "https://www.example.org:8443/a?b=%20");
  EXPECT_EQ(Url::parse("https://www.example.org?x").value().target, "/?x");
  for (const char* bad : {"", "https://", "http://www.example.org/", "https://localhost/", "https://192.0.2.1/", "https://[2001:db8::1]/", "https://user@example.org/",
                          "https://example.org:0/", "https://example.org:99999/", "https://example.org/a b", "https://example.org/\r\nX: y", "https://-.example.org/"})
    EXPECT_FALSE(Url::parse(bad)) << bad;
  EXPECT_FALSE(Url::parse("https://example.org/" + std::string(3000, 'a')));
}
