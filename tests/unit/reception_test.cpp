// The server's side of SMTP: every order of commands, hostile bytes, and a delivery over loopback.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "checks/reception/judge.hpp"
#include "lib/reception/command.hpp"
#include "lib/reception/proxy.hpp"
#include "lib/reception/receiver.hpp"
#include "lib/smtp/courier.hpp"
#include "lib/smtp/proxy_header.hpp"
#include "tests/support/catalogue.hpp"

using namespace mailmedic;
using namespace mailmedic::reception;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Event = Dialogue::Event;

namespace {
Settings settings(Limits limits = {}) {
  Settings out{.name = "mx.example.org"};
  out.limits = limits;
  return out;
}

/// What a client hears that sends all of it at once, and what is kept.
struct Heard {
  std::string replies;
  std::vector<Arrival> kept;
  Event end = Event::more;
};
Heard talk(Dialogue& dialogue, std::string_view bytes) {
  Heard out;
  do {
    out.end = dialogue.take(bytes);
    if (out.end == Event::message) {
      out.kept.push_back(dialogue.take_arrival());
      dialogue.on_kept("m1");
    }
    out.replies += dialogue.take_output();
  } while (out.end == Event::message && !bytes.empty());
  return out;
}
Heard talk(std::string_view bytes, Limits limits = {}) {
  Dialogue dialogue(settings(limits));
  return talk(dialogue, bytes);
}
const std::string opening = "EHLO client.example.net\r\nMAIL FROM:<joe@example.net> SIZE=20 BODY=8BITMIME\r\nRCPT TO:<sue@example.org>\r\n";
}  // namespace

TEST(ReceptionDialogue, KeepsAMessageWithItsEnvelope) {
  const Heard heard = talk(opening + "DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
  ASSERT_EQ(heard.kept.size(), 1u) << heard.replies;
  const Arrival& got = heard.kept[0];
  EXPECT_EQ(got.helo, "client.example.net");
  EXPECT_TRUE(got.extended);
  EXPECT_EQ(got.sender, "joe@example.net");
  EXPECT_THAT(got.recipients, testing::ElementsAre("sue@example.org"));
  EXPECT_EQ(got.declared_size, 20u);
  EXPECT_EQ(got.body, "8BITMIME");
  EXPECT_EQ(got.content.bytes, "Subject: x\r\n\r\n.dot\r\n");
  EXPECT_THAT(heard.replies, HasSubstr("250 2.0.0 Ok: queued as m1\r\n221"));
  EXPECT_EQ(heard.end, Event::close);
}

TEST(ReceptionDialogue, GivesTheSameByteByByte) {
  Dialogue dialogue(settings());
  std::string replies;
  std::vector<Arrival> kept;
  for (const char c : opening + "DATA\r\na\r\n.\r\n") {
    const Heard heard = talk(dialogue, std::string_view(&c, 1));
    replies += heard.replies;
    for (const Arrival& one : heard.kept) kept.push_back(one);
  }
  ASSERT_EQ(kept.size(), 1u) << replies;
  EXPECT_EQ(kept[0].content.bytes, "a\r\n");
}

TEST(ReceptionDialogue, RefusesCommandsInTheWrongOrder) {
  EXPECT_THAT(talk("MAIL FROM:<a@b.example>\r\n").replies, StartsWith("503"));
  EXPECT_THAT(talk("EHLO x\r\nRCPT TO:<a@b.example>\r\n").replies, HasSubstr("\r\n503"));
  EXPECT_THAT(talk("EHLO x\r\nDATA\r\n").replies, HasSubstr("\r\n503"));
  EXPECT_THAT(talk("EHLO x\r\nMAIL FROM:<>\r\nDATA\r\n").replies, HasSubstr("\r\n554"));
  EXPECT_THAT(talk("EHLO x\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n").replies, HasSubstr("\r\n503"));
  EXPECT_THAT(talk(opening + "RSET\r\nDATA\r\n").replies, EndsWith("250 2.0.0 Ok\r\n503 5.5.1 MAIL comes first\r\n"));
  EXPECT_THAT(talk(opening + "EHLO again\r\nDATA\r\n").replies, EndsWith("503 5.5.1 MAIL comes first\r\n"));
  EXPECT_THAT(talk("STARTTLS\r\n").replies, StartsWith("503"));
  EXPECT_THAT(talk("EHLO\r\n").replies, StartsWith("501"));
}

TEST(ReceptionDialogue, AnswersTheOtherCommands) {
  EXPECT_THAT(talk("NOOP\r\nvrfy joe\r\nHELP\r\nEXPN list\r\nAUTH PLAIN x\r\nXYZZY\r\n").replies, testing::MatchesRegex("250 [^\r]*\r\n252 [^\r]*\r\n214 [^\r]*\r\n502 [^\r]*\r\n502 [^\r]*\r\n500 [^\r]*\r\n"));
}

TEST(ReceptionDialogue, RefusesWhatItDoesNotOffer) {
  const std::string hello = "EHLO x\r\n";
  EXPECT_THAT(talk(hello + "MAIL FROM:<a@b.example> SIZE=99999999999\r\n").replies, HasSubstr("\r\n552 5.3.4"));
  EXPECT_THAT(talk(hello + "MAIL FROM:<a@b.example> RET=HDRS\r\n").replies, HasSubstr("\r\n555"));
  EXPECT_THAT(talk(hello + "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n").replies, HasSubstr("\r\n501"));
  EXPECT_THAT(talk(hello + "MAIL FROM:<zo\xc3\xab@b.example>\r\n").replies, HasSubstr("\r\n550 5.6.7"));
  EXPECT_THAT(talk(hello + "MAIL FROM:<zo\xc3\xab@b.example> SMTPUTF8\r\n").replies, HasSubstr("\r\n250 2.1.0"));
  EXPECT_THAT(talk("HELO x\r\nMAIL FROM:<a@b.example> SIZE=1\r\n").replies, HasSubstr("\r\n555"));
  Settings only_one = settings();
  only_one.accepts = [](std::string_view address) { return address == "sue@example.org"; };
  Dialogue dialogue(only_one);
  EXPECT_THAT(talk(dialogue, opening + "RCPT TO:<other@example.net>\r\n").replies, HasSubstr("\r\n550 5.1.1"));
  only_one.accepts = [](std::string_view) { return std::optional<bool>(); };
  Dialogue blind(only_one);
  EXPECT_THAT(talk(blind, opening + "RCPT TO:<other@example.net>\r\n").replies, HasSubstr("\r\n451 4.3.0"));
}

/// RFC 5321 section 4.1.1.4: a dot between line feeds ends nothing, so a second message can't hide behind it.
TEST(ReceptionDialogue, LetsOnlyCrLfEndAMessage) {
  for (const std::string end : {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r"}) {
    const Heard heard = talk(opening + "DATA\r\na" + end + "MAIL FROM:<smuggled@example.net>\r\n.\r\n");
    ASSERT_EQ(heard.kept.size(), 1u);
    EXPECT_THAT(heard.kept[0].content.bytes, HasSubstr("smuggled"));
    EXPECT_GT(heard.kept[0].content.bare_lf + heard.kept[0].content.bare_cr, 0u);
  }
  EXPECT_THAT(talk("EHLO x\n").replies, StartsWith("500 5.5.2"));
}

TEST(ReceptionDialogue, TakesChunks) {
  const Heard heard = talk(opening + "BDAT 6\r\na\r\n.\r\nBDAT 2 LAST\r\n\r\nRSET\r\n");
  ASSERT_EQ(heard.kept.size(), 1u) << heard.replies;
  EXPECT_EQ(heard.kept[0].content.bytes, "a\r\n.\r\n\r\n");
  EXPECT_TRUE(heard.kept[0].chunked);
  EXPECT_EQ(talk(opening + "BDAT 1\r\naBDAT 0 LAST\r\n").kept.size(), 1u);
  EXPECT_THAT(talk("EHLO x\r\nBDAT 4 LAST\r\nQUITNOOP\r\n").replies, EndsWith("503 5.5.1 MAIL and RCPT come first\r\n250 2.0.0 Ok\r\n"));
  EXPECT_EQ(talk(opening + "BDAT many\r\n").end, Event::close);
  EXPECT_THAT(talk(opening + "BDAT 1\r\naDATA\r\n").replies, HasSubstr("503"));
}

TEST(ReceptionDialogue, ForgetsEverythingAtTls) {
  Dialogue dialogue(settings());
  std::string_view bytes = "EHLO x\r\nSTARTTLS\r\nMAIL FROM:<injected@example.net>\r\n";
  EXPECT_EQ(dialogue.take(bytes), Event::start_tls);
  EXPECT_THAT(std::string(bytes), StartsWith("MAIL"));  // for the caller to throw away
  dialogue.take_output();
  dialogue.on_tls();
  EXPECT_THAT(talk(dialogue, "MAIL FROM:<>\r\n").replies, StartsWith("503"));
  EXPECT_THAT(talk(dialogue, "EHLO x\r\n").replies, Not(HasSubstr("STARTTLS")));
}

TEST(ReceptionDialogue, BoundsAMillionRecipients) {
  Dialogue dialogue(settings());
  talk(dialogue, opening);
  int asked = 0;
  Heard heard;
  for (; asked < 1'000'000 && heard.end != Event::close; ++asked) heard = talk(dialogue, "RCPT TO:<a@b.example>\r\n");
  EXPECT_EQ(heard.end, Event::close);
  EXPECT_LT(asked, 1100);
  EXPECT_THAT(heard.replies, StartsWith("421 4.7.0"));
}

TEST(ReceptionDialogue, BoundsMessagesWithoutEnd) {
  const std::string block(10'000, 'x');
  for (const std::string begin : {"DATA\r\n", "BDAT 999999999\r\n"}) {
    Dialogue dialogue(settings({.message = 100'000}));
    Heard heard = talk(dialogue, opening + begin);
    int blocks = 0;
    for (; blocks < 1000 && heard.end != Event::close; ++blocks) heard = talk(dialogue, block);
    EXPECT_LT(blocks, 50);
    EXPECT_THAT(heard.replies, StartsWith("421"));
  }
  const Heard heard = talk(opening + "DATA\r\n" + std::string(200, 'x') + "\r\n.\r\nNOOP\r\n", {.message = 100});
  EXPECT_TRUE(heard.kept.empty());
  EXPECT_THAT(heard.replies, EndsWith("552 5.3.4 the message is too large\r\n250 2.0.0 Ok\r\n"));
}

TEST(ReceptionDialogue, BoundsLinesAndCommands) {
  EXPECT_THAT(talk("NOOP " + std::string(1'000'000, 'x') + "\r\nNOOP\r\n").replies, "500 5.5.2 line too long\r\n250 2.0.0 Ok\r\n");
  Dialogue dialogue(settings({.commands = 50}));
  Heard heard;
  int times = 0;
  for (; times < 1000 && heard.end != Event::close; ++times) heard = talk(dialogue, "NOOP\r\n");
  EXPECT_EQ(times, 51);
  Dialogue endless(settings({.commands = 50}));
  heard = {};
  for (times = 0; times < 1000 && heard.end != Event::close; ++times) heard = talk(endless, std::string(5000, 'x'));
  EXPECT_LT(times, 60);
  EXPECT_EQ(talk("GET / HTTP/1.1\r\nEHLO x\r\n").end, Event::close);
}

TEST(ReceptionCommand, ReadsPaths) {
  EXPECT_EQ(path_of("<\"a>b\"@example.org> SIZE=1")->address, "\"a>b\"@example.org");
  EXPECT_EQ(path_of("<@one,@two:joe@example.org>")->address, "joe@example.org");
  EXPECT_TRUE(path_of(" <a@b>")->loose);
  for (const std::string_view wrong : {"", "a@b", "<a@b", "<a@b>x", "<a@b> =x", "<\"a@b>"}) EXPECT_FALSE(path_of(wrong)) << wrong;
  for (const std::string_view wrong : {"", "a", "@b", "a@", "a\x01@b", "a b@c", "a@b c"}) EXPECT_FALSE(is_address(wrong)) << wrong;
}

TEST(ReceptionProxy, ReadsBothVersions) {
  for (const std::string source : {"192.0.2.7", "2001:db8::7"})
    for (const int version : {1, 2}) {
      const net::Endpoint client{*net::parse_address(source), 4711}, local{*net::parse_address(source), 25};
      const std::string bytes = smtp::proxy_bytes(version, client, local) + "EHLO x\r\n";
      const ProxyStart start = read_proxy(bytes);
      ASSERT_EQ(start.state, ProxyStart::State::complete);
      EXPECT_EQ(start.client, client);
      EXPECT_EQ(bytes.substr(start.size), "EHLO x\r\n");
      for (std::size_t cut = 0; cut < start.size; ++cut) EXPECT_EQ(read_proxy(bytes.substr(0, cut)).state, ProxyStart::State::incomplete) << cut;
    }
  EXPECT_EQ(read_proxy("EHLO x\r\n").state, ProxyStart::State::broken);
  EXPECT_EQ(read_proxy("PROXY TCP4 nobody 192.0.2.1 1 2\r\n").state, ProxyStart::State::broken);
  EXPECT_EQ(read_proxy("PROXY " + std::string(200, 'x')).state, ProxyStart::State::broken);
  EXPECT_FALSE(read_proxy("PROXY UNKNOWN\r\n").client);
}

TEST(ReceptionGate, BoundsConnections) {
  const net::Address one = *net::parse_address("192.0.2.1"), other = *net::parse_address("192.0.2.2");
  const Gate::Time now{std::chrono::hours(1)};
  Gate gate({.connections = 3, .per_address = 2, .per_minute = 3});
  EXPECT_TRUE(gate.enter(one, now));
  EXPECT_TRUE(gate.enter(one, now));
  EXPECT_FALSE(gate.enter(one, now));
  EXPECT_TRUE(gate.enter(other, now));
  EXPECT_FALSE(gate.enter(other, now));  // three are there
  gate.leave(one);
  EXPECT_TRUE(gate.enter(one, now));
  gate.leave(one);
  EXPECT_FALSE(gate.enter(one, now)) << "the fourth of this minute";
  EXPECT_TRUE(gate.enter(one, now + std::chrono::minutes(1)));
  Gate sixes({.per_address = 1});
  EXPECT_TRUE(sixes.enter(*net::parse_address("2001:db8::1"), now));
  EXPECT_FALSE(sixes.enter(*net::parse_address("2001:db8::2"), now));
}

namespace {
/// Delivers over loopback, and what arrived.
struct Loopback {
  smtp::Delivery delivery;
  std::vector<Delivered> arrived;
  std::string wrong;

  explicit Loopback(smtp::Encryption encryption, std::optional<smtp::ProxyHeader> proxy = {}, bool chunking = false) {
    asio::io_context context;
    const auto now = std::chrono::system_clock::now();
    Options options{.at = {*net::parse_address("127.0.0.1"), 0}, .settings = settings()};
    options.identity = *tls::ServerIdentity::self_made("mx.example.org", now);
    options.proxy_protocol = proxy.has_value();
    auto receiver = Receiver::open(context.get_executor(), options, [this](Delivered one) {
      arrived.push_back(std::move(one));
      return Kept{"id7", ""};
    });
    if (!receiver) {
      wrong = receiver.error().why;
      return;
    }
    asio::co_spawn(context, (*receiver)->serve(), asio::detached);
    smtp::ProbeRequest route{.endpoint = (*receiver)->endpoint()};
    route.encryption = encryption;
    route.proxy = proxy;
    smtp::Letter letter{.sender = "joe@example.net", .recipients = {"sue@example.org"}, .message = "Subject: x\r\n\r\n.dot\r\n"};
    letter.chunking = chunking;
    const tls::TrustStore store = tls::TrustStore::from_pem("");
    const smtp::NetworkOptions network{.helo = "client.example.net"};
    const auto done = [&](std::exception_ptr, smtp::Delivery got) {
      delivery = std::move(got);
      (*receiver)->stop();
    };
    asio::co_spawn(context, smtp::deliver(route, letter, network, store, now), done);
    context.run();
  }
};
}  // namespace

TEST(Receiver, TakesAMessageOverTls) {
  const Loopback run(smtp::Encryption::starttls_if_offered);
  ASSERT_EQ(run.arrived.size(), 1u) << run.wrong;
  EXPECT_EQ(run.delivery.recipients.at(0).outcome, smtp::Handover::Outcome::accepted);
  EXPECT_EQ(run.delivery.recipients[0].queue_id, "id7");
  const Delivered& got = run.arrived[0];
  ASSERT_TRUE(got.tls);
  EXPECT_EQ(got.tls->protocol, "TLSv1.3");
  EXPECT_TRUE(got.arrival.encrypted);
  EXPECT_EQ(got.arrival.helo, "client.example.net");
  EXPECT_EQ(got.arrival.content.bytes, "Subject: x\r\n\r\n.dot\r\n");
  EXPECT_EQ(got.client.address.to_string(), "127.0.0.1");
  EXPECT_FALSE(got.spoke_early);
}

TEST(Receiver, TakesAMessageInClearAndByChunks) {
  const Loopback run(smtp::Encryption::none, {}, true);
  ASSERT_EQ(run.arrived.size(), 1u) << run.wrong;
  EXPECT_FALSE(run.arrived[0].tls);
  EXPECT_TRUE(run.arrived[0].arrival.chunked);
  EXPECT_EQ(run.arrived[0].arrival.content.bytes, "Subject: x\r\n\r\n.dot\r\n");
}

TEST(Receiver, BelievesAProxyHeaderWhereItIsToldTo) {
  const net::Endpoint client{*net::parse_address("192.0.2.7"), 4711}, local{*net::parse_address("192.0.2.1"), 25};
  const Loopback run(smtp::Encryption::none, smtp::ProxyHeader{.version = 2, .source = client, .destination = local});
  ASSERT_EQ(run.arrived.size(), 1u) << run.wrong;
  EXPECT_EQ(run.arrived[0].client, client);
}

TEST(ServerIdentity, TellsWhatIsWrong) {
  EXPECT_THAT(tls::ServerIdentity::from_pem("nonsense", "nonsense").error().why, HasSubstr("certificate"));
  EXPECT_TRUE(tls::ServerIdentity::self_made("x,DNS:y", {}).has_error());
}

namespace {
CheckReport judged(const Delivered& message) {
  CheckReport report;
  reception::judge(message, report);
  for (const Finding& finding : report.findings) test::expect_words_are_filled(finding);
  return report;
}
bool has(const CheckReport& report, std::string_view id) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& one) { return one.id == id; });
}
Delivered good() {
  Delivered out;
  out.client = {*net::parse_address("192.0.2.7"), 4711};
  out.arrival.helo = "mail.example.net";
  out.tls = tls::ClientTls{.protocol = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384", .cipher_bits = 256, .sni = "", .error = ""};
  return out;
}
}  // namespace

TEST(Reception, CatalogueFitsTheCode) { test::expect_catalogue_fits_code("reception"); }

TEST(Reception, HasNothingAgainstAProperClient) {
  const CheckReport report = judged(good());
  EXPECT_EQ(report.findings.size(), 1u);
  EXPECT_TRUE(has(report, "reception.tls"));
}

TEST(Reception, JudgesTls) {
  Delivered message = good();
  message.tls->protocol = "TLSv1";
  EXPECT_TRUE(has(judged(message), "reception.old-tls"));
  message.tls.reset();
  EXPECT_TRUE(has(judged(message), "reception.in-clear"));
}

TEST(Reception, JudgesTheName) {
  Delivered message = good();
  for (const std::string proper : {"[192.0.2.7]", "[IPv6:2001:db8::7]", "mail.example.net"}) {
    message.arrival.helo = proper;
    EXPECT_FALSE(has(judged(message), "reception.helo-form")) << proper;
  }
  for (const std::string wrong : {"localhost", "192.0.2.7", "[nobody]", "a b.example"}) {
    message.arrival.helo = wrong;
    EXPECT_TRUE(has(judged(message), "reception.helo-form")) << wrong;
  }
}

TEST(Reception, JudgesConduct) {
  Delivered message = good();
  message.spoke_early = true;
  EXPECT_TRUE(has(judged(message), "reception.early-talk"));
  message = good();
  message.arrival.content.bare_lf = 1;
  EXPECT_TRUE(has(judged(message), "reception.bare-line-ends"));
}
