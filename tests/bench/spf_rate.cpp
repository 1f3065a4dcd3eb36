// spf_rate RESOLVER DOMAINS ROUNDS [IN_FLIGHT]: SPF evaluations a second, as the tools make them: user@DOMAIN from
// 10.1.0.5, through the caching and the stub resolver. The cache is empty at the start and kept over the rounds.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iostream>
#include <map>

#include "checks/spf/evaluate.hpp"
#include "lib/dns/caching_resolver.hpp"
#include "lib/dns/stub_resolver.hpp"

using namespace mailmedic;
using Clock = std::chrono::steady_clock;

namespace {

struct Work {
  std::vector<std::string> domains;
  std::size_t total = 0, next = 0, working = 0;
  std::map<std::string_view, std::size_t> results;
};

boost::asio::awaitable<void> worker(Work& work, dns::Resolver& dns, spf::RecordCache& records, boost::asio::io_context& context) {
  spf::Query query{.ip = net::parse_address("10.1.0.5").value(), .helo = "client.lab.test"};
  while (work.next < work.total) {
    query.sender = "user@" + work.domains[work.next++ % work.domains.size()];
    const spf::Evaluation evaluation = co_await spf::evaluate(query, dns, &records);
    ++work.results[spf::result_text(evaluation.result)];
  }
  if (--work.working == 0) context.stop();
}

}  // namespace

int main(int argc, char** argv) {
  const auto server = argc > 3 ? net::parse_endpoint(argv[1], 53) : std::nullopt;
  std::ifstream file(argc > 3 ? argv[2] : "");
  if (!server || !file) {
    std::cerr << "usage: spf_rate ADDR[:PORT] DOMAINS ROUNDS [IN_FLIGHT]\n";
    return 2;
  }
  Work work;
  std::string domain;
  while (file >> domain) work.domains.push_back(domain);
  work.total = work.domains.size() * std::stoul(argv[3]);
  work.working = argc > 4 ? std::stoul(argv[4]) : 100;

  boost::asio::io_context context(1);
  dns::StubResolver stub(context.get_executor(), {{*server}, std::chrono::seconds(8), {}});
  dns::CachingResolver caching(stub);
  spf::RecordCache records;
  const auto rethrow = [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  const auto begin = Clock::now();
  for (std::size_t i = 0, count = work.working; i < count; ++i)
    boost::asio::co_spawn(context, worker(work, caching, records, context), rethrow);
  context.run();
  const double took = std::chrono::duration<double>(Clock::now() - begin).count();
  std::string results;
  for (const auto& [word, count] : work.results) results += fmt::format(" {} {}", word, count);
  std::cout << fmt::format("{:.0f} evaluations/s ({} in {:.3f} s, {} questions;{})\n", static_cast<double>(work.total) / took, work.total, took,
                           stub.messages_sent(), results);
  return 0;
}
