#include "tools/bounce/run.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iostream>
#include <optional>
#include <set>
#include <thread>

#include "lib/net/parallel.hpp"
#include "tools/cli/cores.hpp"
#include "tools/cli/desk.hpp"
#include "tools/cli/stops_at_signals.hpp"

namespace mailmedic::cli {

namespace {

/// Bounces that wait for answers at the same time, and about how many bytes of them are in memory.
constexpr std::size_t most_open = 32, most_open_bytes = 64 * 1024 * 1024;

/// One run, shared by its threads.
struct Run {
  const BounceOrder& order;
  MessageSource& source;
  const Common& common;
  Desk desk;
  std::mutex counting{};
  BounceCounts counts{};
  std::vector<std::jthread> others{};

  void start_others();
};

/// One thread's share of the run.
class Lane {
 public:
  Lane(Run& run, Network* network) : run_(run), network_(network), renderer_(run.common), explainer_(run.order, network ? &network->probes() : nullptr, renderer_.catalogue()) {}

  /// Works until there are no more messages.
  void work() {
    if (!run(all())) interrupt();
    close();
  }

  /// Works on this one.
  void work(message::DeliveryReport delivery, std::string name) {
    if (!run(explain(0, std::move(delivery), std::move(name)))) interrupt();
    close();
  }

 private:
  /// False when it was interrupted.
  bool run(asio::awaitable<void> work) {
    if (network_) return network_->run(std::move(work));
    boost::asio::io_context alone;
    boost::asio::co_spawn(alone, std::move(work), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    alone.run();
    return true;
  }

  void hand_in(std::size_t number, reports::Report report) {
    const std::string bundles = run_.common.format == Format::text ? bundles_of(report.facts) : std::string();
    Rendered out = renderer_.render(std::move(report));
    if (!bundles.empty()) out.text = bundles;
    run_.desk.put(number, std::move(out));
    open_.erase(number);
  }

  asio::awaitable<void> all() {
    std::vector<asio::awaitable<bool>> seats;
    for (std::size_t i = 0; i < (network_ ? most_open : 1); ++i) seats.push_back(seat());
    co_await net::in_parallel(std::move(seats));
  }

  asio::awaitable<bool> seat() {
    std::optional<boost::asio::steady_timer> pause;
    for (;;) {
      if (!run_.desk.has_room() || open_bytes_ > most_open_bytes) {
        if (!pause) pause.emplace(co_await boost::asio::this_coro::executor);
        pause->expires_after(std::chrono::milliseconds(2));
        co_await pause->async_wait(boost::asio::use_awaitable);
        continue;
      }
      auto next = run_.source.next();
      if (!next) co_return true;
      if (next->number == 1 && !network_) run_.start_others();
      co_await take(std::move(*next));
    }
  }

  asio::awaitable<void> take(NumberedMessage given) {
    if (!given.why.empty()) {
      run_.desk.tell(given.name + ": " + given.why);
      run_.desk.put(given.number, std::nullopt);
      co_return;
    }
    const std::size_t bytes = given.text.size();
    open_bytes_ += bytes;
    message::DeliveryReport delivery = message::read_delivery_report(given.text);
    co_await explain(given.number, std::move(delivery), std::move(given.name));
    open_bytes_ -= bytes;
  }

  asio::awaitable<void> explain(std::size_t number, message::DeliveryReport delivery, std::string name) {
    open_.insert(number);
    reports::Report report = co_await explainer_.explain(std::move(delivery), std::move(name));
    hand_in(number, std::move(report));
  }

  /// What was begun is left out, so that what was done behind it can be written.
  void interrupt() {
    run_.source.stop();
    for (const std::size_t number : open_) run_.desk.put(number, std::nullopt);
    run_.desk.tell(fmt::format("interrupted; what was explained is written, {} that were begun are left out", open_.size()));
  }

  void close() {
    const std::scoped_lock lock(run_.counting);
    run_.counts.add(explainer_.counts());
    if (!renderer_.error().empty()) run_.desk.fail(renderer_.error());
  }

  Run& run_;
  Network* const network_;
  Renderer renderer_;
  Explainer explainer_;
  std::set<std::size_t> open_;  ///< begun and not handed in
  std::size_t open_bytes_ = 0;
};

/// With the second message: then there are many. What is looked up is asked by one thread, which knows what was asked already.
void Run::start_others() {
  for (std::size_t i = 1; i < usable_cores(); ++i) others.emplace_back([this] { Lane(*this, nullptr).work(); });
}

}  // namespace

int explain_all(const BounceOrder& order, MessageSource& source, Network* network, const Common& common) {
  Run run{.order = order, .source = source, .common = common, .desk = Desk("bounce", common, false)};
  std::optional<StopsAtSignals> stops;
  if (!network) stops.emplace(source);
  Lane(run, network).work();
  run.others.clear();
  if (stops && StopsAtSignals::stopped()) run.desk.tell("interrupted; what was explained is written");
  const int status = run.desk.finish();
  if (run.counts.messages() > 1 && !common.quiet) std::cerr << run.counts.text();
  return status;
}

int explain_one(const BounceOrder& order, message::DeliveryReport delivery, Network* network, const Common& common) {
  MessageSource none({});
  Run run{.order = order, .source = none, .common = common, .desk = Desk("bounce", common, false)};
  Lane(run, network).work(std::move(delivery), "reply");
  return run.desk.finish();
}

}  // namespace mailmedic::cli
