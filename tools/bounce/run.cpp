#include "tools/bounce/run.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <optional>
#include <set>
#include <thread>

#include "tools/cli/cores.hpp"
#include "tools/cli/desk.hpp"
#include "tools/cli/seats.hpp"
#include "tools/cli/stops_at_signals.hpp"

namespace mailmedic::cli {

namespace {

/// Bounces that wait for answers at the same time.
constexpr std::size_t most_open = 32;

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
    auto take = [this](NumberedMessage message) { return explain(message.number, message::read_delivery_report(message.text), std::move(message.name)); };
    auto second = [this] {
      if (!network_) run_.start_others();
    };
    if (!run(seats_.work(network_ ? most_open : 1, std::move(take), std::move(second)))) interrupt();
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
  Seats seats_{run_.source, run_.desk};
  std::set<std::size_t> open_;  ///< begun and not handed in
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
