#include "tools/message/run.hpp"

#include <atomic>
#include <map>
#include <thread>

#include "checks/table/table.hpp"
#include "tools/cli/cores.hpp"
#include "tools/cli/desk.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/seats.hpp"

namespace mailmedic::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// Messages of one thread that wait for DNS at the same time.
constexpr std::size_t most_open = 16;

struct Run {
  const MessageOrder& order;
  MessageSource& source;
  const Common& common;
  Desk desk;
  std::vector<std::jthread> others{};

  void start_others();
};

/// A message at work.
struct Job {
  NumberedMessage message;
  reports::Report report;
  Clock::time_point begun = Clock::now();
};

/// One thread's share of the run.
class Lane {
 public:
  Lane(Run& run, Network& network) : run_(run), network_(network), renderer_(run.common) {}

  /// Works until there are no more messages. After Ctrl-C what was begun is handed in as it is.
  void work() {
    auto take = [this](NumberedMessage message) { return look_at(std::move(message)); };
    auto second = [this] { run_.start_others(); };
    if (!network_.run(seats_.work(most_open, std::move(take), std::move(second)))) run_.source.stop();
    while (!jobs_.empty()) hand_in(jobs_.begin()->first);
    if (!renderer_.error().empty()) run_.desk.fail(renderer_.error());
  }

 private:
  asio::awaitable<void> look_at(NumberedMessage given) {
    const std::size_t number = given.number;
    Job& job = jobs_[number];
    job.message = std::move(given);
    const auto message = message::parse_raw(job.message.text);
    if (!message) {
      run_.desk.tell(job.message.name + ": " + message.error().why);
      run_.desk.put(number, std::nullopt);
      jobs_.erase(number);
      co_return;
    }
    job.report = begin_report("message", job.message.name);
    job.report.checks = {interrupted({run_.order.checks.front(), "", nullptr})};
    co_await look(job.message.text, *message, run_.order, bench_, network_.probes(), job.report);
    std::optional<CheckReport> trouble = co_await network_.find_resolver_trouble();
    if (trouble) job.report.checks.insert(job.report.checks.begin(), std::move(*trouble));
    hold_against_receivers(run_.order.receivers, renderer_.catalogue(), run_.common.language, job.report);
    hand_in(number);
  }

  void hand_in(std::size_t number) {
    const auto job = jobs_.find(number);
    job->second.report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - job->second.begun);
    run_.desk.put(number, renderer_.render(std::move(job->second.report)));
    jobs_.erase(job);
  }

  Run& run_;
  Network& network_;
  Renderer renderer_;
  MessageBench bench_;
  Seats seats_{run_.source, run_.desk};
  std::map<std::size_t, Job> jobs_;  ///< begun and not handed in
};

/// With the second message: then there are many.
void Run::start_others() {
  const std::size_t lanes = usable_cores();
  for (std::size_t i = 1; i < lanes; ++i)
    others.emplace_back([this, lanes] {
      auto network = Network::make(common, {}, {}, lanes);
      if (network) Lane(*this, **network).work();
      else desk.tell(network.error().why);
    });
}

}  // namespace

int look_at_all(const MessageOrder& order, MessageSource& source, bool many, const Common& common) {
  auto network = Network::make(common);
  Run run{.order = order, .source = source, .common = common, .desk = Desk("message", common, many)};
  if (!network) {
    run.desk.tell(network.error().why);
    return usage_error;
  }
  Lane(run, **network).work();
  run.others.clear();
  return run.desk.finish();
}

}  // namespace mailmedic::cli
