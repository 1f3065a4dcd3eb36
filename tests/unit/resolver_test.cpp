// The stub and the caching resolver against servers on loopback, healthy and hostile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lib/dns/caching_resolver.hpp"
#include "lib/dns/server.hpp"
#include "lib/dns/send_window.hpp"
#include "lib/dns/stub_resolver.hpp"
#include "lib/dns/zone.hpp"

using namespace mailmedic;
using namespace std::chrono_literals;
using dns::Answer;
using dns::Name;
using dns::Status;
using dns::Type;
using testing::HasSubstr;

namespace {

Name name(std::string_view text) { return Name::parse(text).value(); }

/// Servers and resolvers in one thread; `ask` runs until the answer is there.
class World {
 public:
  net::Endpoint serve(dns::Server::Responder responder) {
    servers_.push_back(dns::Server::listen(context_.get_executor(), {net::parse_address("127.0.0.1").value(), 0},
                                           std::move(responder)).value());
    return servers_.back().endpoint();
  }
  net::Endpoint serve_zone(std::string_view text) {
    return serve([zone = dns::Zone::parse(text).value(), this](std::string_view query, bool over_udp) {
      ++served_;
      return dns::respond(query, zone, over_udp);
    });
  }
  dns::StubResolver stub(std::vector<net::Endpoint> servers, std::chrono::milliseconds timeout = 6000ms) {
    return dns::StubResolver(context_.get_executor(), {std::move(servers), timeout, {}});
  }
  Answer ask(dns::Resolver& resolver, std::string_view text, Type type) {
    return ask_many(resolver, {{name(text), type}}).front();
  }
  std::vector<Answer> ask_many(dns::Resolver& resolver, const std::vector<dns::Question>& questions) {
    std::vector<Answer> answers(questions.size());
    std::size_t left = questions.size();
    for (std::size_t i = 0; i < questions.size(); ++i) {
      auto done = [&, i](std::exception_ptr thrown, Answer answer) {
        if (thrown) std::rethrow_exception(thrown);
        answers[i] = std::move(answer);
        if (--left == 0) context_.stop();
      };
      boost::asio::co_spawn(context_, resolver.query(questions[i].name, questions[i].type), done);
    }
    context_.restart();
    context_.run();
    return answers;
  }
  int served() const { return served_; }

 private:
  boost::asio::io_context context_;
  std::vector<dns::Server> servers_;
  int served_ = 0;
};

constexpr std::string_view zone_text = "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n";

std::string silence(std::string_view, bool) { return {}; }

}  // namespace

TEST(StubResolver, AnswersAndTellsAbsenceFromNonexistence) {
  World world;
  auto stub = world.stub({world.serve_zone(zone_text)});
  EXPECT_EQ(world.ask(stub, "example.org", Type::mx).records.at(0).text(), "10 mx.example.org.");
  EXPECT_EQ(world.ask(stub, "example.org", Type::txt).status, Status::no_data);
  EXPECT_EQ(world.ask(stub, "nothere.org", Type::mx).status, Status::nx_domain);
}

TEST(StubResolver, FetchesWhatWasTruncatedOverTcp) {
  World world;
  std::string text;
  for (int i = 0; i < 300; ++i) text += "big.org. TXT \"" + std::string(180, 'a' + i % 26) + std::to_string(i) + "\"\n";
  auto stub = world.stub({world.serve_zone(text)});
  const Answer answer = world.ask(stub, "big.org", Type::txt);
  EXPECT_EQ(answer.status, Status::answered);
  EXPECT_EQ(answer.records.size(), 300u);
  EXPECT_TRUE(answer.over_tcp);
  EXPECT_GT(answer.bytes, 50'000u);
}

TEST(StubResolver, TruncatedWithoutTcpIsNotAbsence) {
  World world;
  auto stub = world.stub({world.serve([zone = dns::Zone::parse("big.org. TXT \"" + std::string(200, 'x') + "\"").value()](
                              std::string_view query, bool over_udp) {
    std::string reply = over_udp ? dns::respond(query, zone, true) : std::string();
    if (!reply.empty()) reply[2] |= 2;  // TC
    return reply;
  })});
  const Answer answer = world.ask(stub, "big.org", Type::txt);
  EXPECT_FALSE(answer.is_definite());
  EXPECT_THAT(answer.why, HasSubstr("TCP"));
}

TEST(StubResolver, SilenceTimesOutAndSaysWhom) {
  World world;
  const auto silent = world.serve(silence);
  auto stub = world.stub({silent}, 120ms);
  const Answer answer = world.ask(stub, "example.org", Type::mx);
  EXPECT_EQ(answer.status, Status::timed_out);
  EXPECT_THAT(answer.why, HasSubstr(silent.text() + ": no answer in"));
  EXPECT_EQ(stub.messages_sent(), 3u);
}

TEST(StubResolver, GoesOnToTheNextServer) {
  World world;
  const auto refusing = world.serve([](std::string_view query, bool) {
    std::string reply(query);
    reply[2] |= static_cast<char>(0x80);
    reply[3] = 5;
    return reply;
  });
  auto stub = world.stub({refusing, world.serve_zone(zone_text)});
  EXPECT_EQ(world.ask(stub, "example.org", Type::mx).status, Status::answered);
  auto alone = world.stub({refusing});
  EXPECT_EQ(world.ask(alone, "example.org", Type::mx).status, Status::refused);
}

TEST(StubResolver, APortWithoutServerFailsAtOnce) {
  World world;
  net::Endpoint closed;
  {
    World other;
    closed = other.serve(silence);
  }
  auto stub = world.stub({closed}, 60'000ms);
  const Answer answer = world.ask(stub, "example.org", Type::mx);
  EXPECT_FALSE(answer.is_definite());
  EXPECT_THAT(answer.why, HasSubstr("refused"));
}

TEST(StubResolver, IgnoresAnswersToAnotherQuestion) {
  World world;
  for (const int byte : {0, 1, 13}) {  // the id's bytes, a letter of the name
    auto stub = world.stub({world.serve([byte, zone = dns::Zone::parse(zone_text).value()](std::string_view query, bool over_udp) {
      std::string reply = dns::respond(query, zone, over_udp);
      reply[byte] ^= 1;
      return reply;
    })}, 90ms);
    EXPECT_EQ(world.ask(stub, "example.org", Type::mx).status, Status::timed_out) << byte;
  }
}

TEST(StubResolver, GarbageIsMalformedNotAbsent) {
  World world;
  auto stub = world.stub({world.serve([](std::string_view query, bool) {
    std::string reply(query);
    reply[2] |= static_cast<char>(0x80);
    reply[7] = 3;  // three answers announced, none there
    return reply;
  })});
  EXPECT_EQ(world.ask(stub, "example.org", Type::mx).status, Status::malformed);
}

TEST(StubResolver, TellsWhatTheValidatorSaid) {
  World world;
  auto stub = world.stub({world.serve([](std::string_view query, bool) {
    std::string reply(query);
    reply[2] |= static_cast<char>(0x80);
    reply[3] = 2;  // SERVFAIL; the OPT record at the end gets an option: extended error 6, "bad"
    const std::string option("\x00\x0f\x00\x05\x00\x06" "bad", 9);
    reply[reply.size() - 1] = static_cast<char>(option.size());
    return reply + option;
  })});
  const Answer answer = world.ask(stub, "example.org", Type::mx);
  EXPECT_EQ(answer.status, Status::bogus);
  EXPECT_THAT(answer.why, HasSubstr("extended error 6: bad"));
}

TEST(StubResolver, LosesNoneOfManyQuestionsAtOnce) {
  World world;
  std::string text;
  std::vector<dns::Question> questions;
  for (int i = 0; i < 2000; ++i) {
    text += fmt::format("d{}.org. TXT \"{}\"\n", i, i);
    questions.push_back({name(fmt::format("d{}.org", i)), Type::txt});
  }
  // A sixth of it for the first try: on a loaded machine a late answer must not look like a lost question.
  auto stub = world.stub({world.serve_zone(text)}, 120'000ms);
  const auto answers = world.ask_many(stub, questions);
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(answers[i].records.at(0).text(), fmt::format("\"{}\"", i));
  EXPECT_EQ(stub.messages_sent(), 2000u);
}

TEST(StubResolver, ALostMessageIsSentAgainBeforeItsTryEnds) {
  World world;
  std::string first;
  auto stub = world.stub({world.serve([&first, zone = dns::Zone::parse(zone_text).value()](std::string_view query, bool over_udp) {
    if (first.empty()) return first = query, std::string();
    EXPECT_EQ(query, first) << "the same message: a server that works on it does nothing for it";
    return dns::respond(query, zone, over_udp);
  })}, 120'000ms);
  EXPECT_EQ(world.ask(stub, "example.org", Type::mx).status, Status::answered);
  EXPECT_EQ(stub.messages_sent(), 1u);
  EXPECT_EQ(stub.repeats(), 1u);
}

/// How many questions a new window lets out before any answer.
std::size_t burst(dns::SendWindow window) {
  std::size_t sent = 0;
  for (; window.has_room(); ++sent) window.on_sent();
  return sent;
}

TEST(SendWindow, IsDividedAmongThreads) {
  EXPECT_EQ(burst(dns::SendWindow()), 208u);
  EXPECT_EQ(burst(dns::SendWindow(2)), 104u);
  EXPECT_EQ(burst(dns::SendWindow(64)), 16u) << "but each may have some";
}

TEST(CachingResolver, AsksOnceHoweverManyAsk) {
  World world;
  auto stub = world.stub({world.serve_zone(zone_text)});
  dns::CachingResolver caching(stub);
  const std::vector<dns::Question> same(50, {name("example.org"), Type::mx});
  for (const Answer& answer : world.ask_many(caching, same)) EXPECT_EQ(answer.status, Status::answered);
  EXPECT_EQ(world.ask(caching, "example.org", Type::mx).status, Status::answered);
  EXPECT_EQ(world.served(), 1);
  EXPECT_EQ(world.ask(caching, "example.org", Type::txt).status, Status::no_data);
  EXPECT_EQ(world.served(), 2);
}

TEST(ResolvConf, NamesTheFileAndTheCause) {
  const auto missing = dns::read_resolv_conf("/nonexistent/resolv.conf");
  ASSERT_TRUE(missing.has_error());
  EXPECT_THAT(missing.error().why, HasSubstr("/nonexistent/resolv.conf: No such file"));

  const std::string path = testing::TempDir() + "resolv.conf";
  std::ofstream(path) << "# comment\nnameserver 192.0.2.53\nsearch example.org\nnameserver 2001:db8::53\n";
  const auto servers = dns::read_resolv_conf(path).value();
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[1].text(), "[2001:db8::53]:53");
  std::ofstream(path) << "search example.org\n";
  EXPECT_TRUE(dns::read_resolv_conf(path).has_error());
}
