// connect_rate ADDR[:PORT] PROBES IN_FLIGHT: whole probes a second with STARTTLS, as mailmedic connect makes them, each on a
// connection of its own.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>

#include "lib/smtp/network_prober.hpp"

using namespace mailmedic;
using Clock = std::chrono::steady_clock;

namespace {

struct Work {
  smtp::Prober& prober;
  net::Endpoint server;
  std::size_t left, complete = 0, with_tls = 0;
};

boost::asio::awaitable<void> worker(Work& work) {
  while (work.left > 0) {
    --work.left;
    smtp::ProbeRequest request{.endpoint = work.server, .host = "postfix.lab.test"};
    const smtp::Probe probe = co_await work.prober.probe(std::move(request));
    work.complete += probe.cause == smtp::Cause::none;
    work.with_tls += probe.handshake && probe.handshake->completed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto server = argc == 4 ? net::parse_endpoint(argv[1], 25) : std::nullopt;
  if (!server) {
    std::cerr << "usage: connect_rate ADDR[:PORT] PROBES IN_FLIGHT\n";
    return 2;
  }
  const std::size_t probes = std::stoul(argv[2]);
  boost::asio::io_context context(1);
  const tls::TrustStore trust = tls::TrustStore::system();
  smtp::NetworkProber prober({}, trust, std::chrono::system_clock::now());
  Work work{prober, *server, probes};
  const auto rethrow = [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < std::stoul(argv[3]); ++i) boost::asio::co_spawn(context, worker(work), rethrow);
  context.run();
  const double took = std::chrono::duration<double>(Clock::now() - begin).count();
  std::cout << fmt::format("{:.0f} probes/s ({} of {} complete, {} with TLS, {:.2f} s)\n", static_cast<double>(probes) / took, work.complete, probes, work.with_tls, took);
  return work.complete == probes ? 0 : 1;
}
