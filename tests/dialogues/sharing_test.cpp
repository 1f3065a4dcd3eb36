#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>

#include "lib/net/parallel.hpp"
#include "lib/smtp/sharing_prober.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;
using namespace mailmedic::smtp;
using namespace std::chrono_literals;

namespace {
/// Takes its time, and counts.
class CountingProber : public Prober {
 public:
  asio::awaitable<Probe> probe(ProbeRequest request) override {
    ++calls;
    most = std::max(most, ++open);
    most_at_address = std::max(most_at_address, ++at[request.endpoint.address]);
    asio::steady_timer timer(co_await asio::this_coro::executor, 5ms);
    co_await timer.async_wait(asio::use_awaitable);
    --open;
    --at[request.endpoint.address];
    if (throws) throw std::runtime_error("a bug");
    Probe out;
    out.request = request;
    out.banner = Reply{220, {request.host}};
    co_return out;
  }
  int calls = 0, open = 0, most = 0, most_at_address = 0;
  bool throws = false;
  std::map<net::Address, int> at;
};

ProbeRequest request_for(int address, std::string host = "mx.example.org") {
  return {.endpoint = {net::Address(asio::ip::address_v4(0xc0000200U + static_cast<unsigned>(address))), 25}, .host = std::move(host)};
}

std::vector<Probe> all(Prober& prober, const std::vector<ProbeRequest>& requests) {
  std::vector<asio::awaitable<Probe>> probes;
  for (const ProbeRequest& request : requests) probes.push_back(prober.probe(request));
  return test::run(net::in_parallel(std::move(probes)));
}
}  // namespace

TEST(SharingProber, EqualRequestsShareOneConnection) {
  CountingProber inner;
  SharingProber prober(inner);
  const auto both = [&]() -> asio::awaitable<int> {
    std::vector<asio::awaitable<Probe>> probes;
    for (int i = 0; i < 3; ++i) probes.push_back(prober.probe(request_for(1)));
    const auto seen = co_await net::in_parallel(std::move(probes));
    const Probe later = co_await prober.probe(request_for(1));
    EXPECT_EQ(later.banner->lines[0], "mx.example.org");
    EXPECT_EQ(seen[2].banner->code, 220);
    co_return static_cast<int>(seen.size());
  };
  EXPECT_EQ(test::run(both()), 3);
  EXPECT_EQ(inner.calls, 1);
}

TEST(SharingProber, OneAtATimeForEachAddress) {
  CountingProber inner;
  SharingProber prober(inner);
  const auto seen = all(prober, {request_for(1, "a"), request_for(1, "b"), request_for(1, "c"), request_for(2, "a")});
  EXPECT_EQ(seen[1].banner->lines[0], "b");
  EXPECT_EQ(inner.calls, 4);
  EXPECT_EQ(inner.most_at_address, 1);
  EXPECT_EQ(inner.most, 2);
}

TEST(SharingProber, KeepsItsNumberOfConnections) {
  CountingProber inner;
  SharingProber prober(inner, 3);
  std::vector<ProbeRequest> requests;
  for (int i = 0; i < 20; ++i) requests.push_back(request_for(i));
  EXPECT_EQ(all(prober, requests).size(), 20u);
  EXPECT_EQ(inner.most, 3);
}

TEST(SharingProber, ABugReachesEveryoneWhoWaits) {
  CountingProber inner;
  inner.throws = true;
  SharingProber prober(inner);
  EXPECT_THROW(all(prober, {request_for(1), request_for(1)}), std::runtime_error);
}
