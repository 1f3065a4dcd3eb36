// dns_rate RESOLVER QUERIES [IN_FLIGHT] [SECONDS]: questions a second through our stub resolver, without a cache.
// QUERIES is a file as dnsperf reads it ("name TYPE" a line), asked over and over. Prints one line.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iostream>

#include "lib/dns/stub_resolver.hpp"
#include "lib/dns/wire.hpp"

using namespace mailmedic;
using Clock = std::chrono::steady_clock;

namespace {

struct Count {
  std::size_t next = 0, answered = 0, lost = 0;
};

/// Asks one question after the other until the time is over.
boost::asio::awaitable<void> worker(dns::Resolver& dns, const std::vector<dns::Question>& questions, Clock::time_point end, Count& count,
                                    std::size_t& working, boost::asio::io_context& context) {
  while (Clock::now() < end) {
    const dns::Question& question = questions[count.next++ % questions.size()];
    const dns::Answer answer = co_await dns.query(question.name, question.type);
    ++(answer.is_definite() ? count.answered : count.lost);
  }
  if (--working == 0) context.stop();
}

std::optional<dns::Type> type_of(std::string_view word) {
  for (const dns::Type type : {dns::Type::a, dns::Type::aaaa, dns::Type::mx, dns::Type::txt, dns::Type::ptr, dns::Type::tlsa, dns::Type::ns})
    if (dns::type_text(type) == word) return type;
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  const auto server = argc > 2 ? net::parse_endpoint(argv[1], 53) : std::nullopt;
  std::ifstream file(argc > 2 ? argv[2] : "");
  if (!server || !file) {
    std::cerr << "usage: dns_rate ADDR[:PORT] QUERIES [IN_FLIGHT] [SECONDS]\n";
    return 2;
  }
  const std::size_t in_flight = argc > 3 ? std::stoul(argv[3]) : 1000;
  const double seconds = argc > 4 ? std::stod(argv[4]) : 4;
  std::vector<dns::Question> questions;
  std::string name, type;
  while (file >> name >> type)
    if (const auto known = type_of(type)) questions.push_back({dns::Name::parse(name).value(), *known});

  boost::asio::io_context context(1);
  dns::StubResolver stub(context.get_executor(), {{*server}, std::chrono::seconds(8), {}});
  Count count;
  std::size_t working = in_flight;
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  const auto rethrow = [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  for (std::size_t i = 0; i < in_flight; ++i)
    boost::asio::co_spawn(context, worker(stub, questions, end, count, working, context), rethrow);
  context.run();
  const double took = std::chrono::duration<double>(Clock::now() - begin).count();
  std::cout << fmt::format("{:.0f} questions/s ({} answered, {} lost, {} messages, {} in flight)\n", static_cast<double>(count.answered) / took,
                           count.answered, count.lost, stub.messages_sent(), in_flight);
  return count.lost ? 1 : 0;
}
