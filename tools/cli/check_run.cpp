#include "tools/cli/check_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "checks/receivers/judge.hpp"
#include "checks/table/table.hpp"
#include "lib/net/parallel.hpp"
#include "reports/receivers_table.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/progress.hpp"

namespace mailmedic::cli {

namespace {

bool shows_progress(const Common& common) { return ::isatty(STDERR_FILENO) && !common.quiet && !common.verbose; }

using Clock = std::chrono::steady_clock;

/// A target at work: its report is filled as checks end.
struct Job {
  Planned planned;
  reports::Report report;
  Clock::time_point begun = Clock::now();

  Job(const CheckRun& run, Planned given) : planned(std::move(given)), report(begin_report(run.tool, planned.written)) {
    if (planned.target) {
      for (const Check& check : run.checks) report.checks.push_back(interrupted(check));
      return;
    }
    CheckReport unread{.check = "check"};
    Finding unknown{.id = "check.bad-target", .subject = planned.written, .args = {{"why", planned.wrong}}};
    unread.could_not_tell(std::move(unknown));
    report.checks.push_back(std::move(unread));
  }
  void ends() { report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun); }
};

/// Hands targets to the lanes and puts their reports into order again. The one thing that threads share.
class Desk {
 public:
  Desk(const CheckRun& run, Targets& targets, const Common& common)
      : run_(run), targets_(targets), output_(common, targets.are_many()), progress_(shows_progress(common) && targets.are_many()) {}

  enum class Turn { target, wait, end };
  /// The next target, unless too many reports wait for a slower one before them.
  Turn take(std::optional<Planned>& next) {
    const std::scoped_lock lock(mutex_);
    if (run_.in_order && waiting_.size() > 8 * run_.in_flight + 64) return Turn::wait;
    next = targets_.next();
    return next ? Turn::target : Turn::end;
  }
  void done(std::size_t number, Rendered rendered) {
    const std::scoped_lock lock(mutex_);
    ++done_;
    problems_ += rendered.status == reports::Status::problem;
    progress_.count(done_, problems_);
    if (!run_.in_order) return output_.add(std::move(rendered));
    waiting_.emplace(number, std::move(rendered));
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_; first = waiting_.erase(first), ++next_)
      output_.add(std::move(first->second));
  }
  void fail(const std::string& why) {
    const std::scoped_lock lock(mutex_);
    if (broken_.empty()) broken_ = why;
  }
  int finish() {
    progress_.clear();
    return output_.finish(broken_);
  }
  std::size_t done() const { return done_; }

 private:
  const CheckRun& run_;
  Targets& targets_;
  std::mutex mutex_;
  Output output_;
  ProgressLine progress_;
  std::map<std::size_t, Rendered> waiting_;
  std::size_t next_ = 0, done_ = 0, problems_ = 0;
  std::string broken_;
};

/// One thread's share of the run.
class Lane {
 public:
  Lane(const CheckRun& run, const Common& common, Network& network, Desk& desk)
      : run_(run), language_(common.language), network_(network), desk_(desk), renderer_(common), progress_(shows_progress(common) && run.in_flight == 1) {}

  /// Works until there are no more targets. False after Ctrl-C: then what was begun is handed in as it is.
  bool work(std::size_t in_flight) {
    const bool finished = network_.run(all(in_flight));
    while (!jobs_.empty()) hand_in(jobs_.begin()->first);
    if (!renderer_.error().empty()) desk_.fail(renderer_.error());
    return finished;
  }

 private:
  asio::awaitable<void> all(std::size_t in_flight) {
    std::vector<asio::awaitable<bool>> seats;
    for (std::size_t i = 0; i < in_flight; ++i) seats.push_back(seat());
    co_await net::in_parallel(std::move(seats));
  }

  asio::awaitable<bool> seat() {
    asio::steady_timer pause(network_.context());
    for (;;) {
      std::optional<Planned> next;
      const Desk::Turn turn = desk_.take(next);
      if (turn == Desk::Turn::end) co_return true;
      if (turn == Desk::Turn::wait) {
        pause.expires_after(std::chrono::milliseconds(5));
        co_await pause.async_wait(asio::use_awaitable);
        continue;
      }
      const std::size_t number = next->number;
      Job& job = jobs_.try_emplace(number, run_, std::move(*next)).first->second;
      if (job.planned.target) co_await check(job);
      hand_in(number);
    }
  }

  asio::awaitable<void> check(Job& job) {
    const Progress progress = [&](const Check& check, const CheckReport* ended) { progress_.check(job.planned.written, check, ended != nullptr); };
    co_await mailmedic::run_checks(run_.checks, *job.planned.target, network_.probes(), job.report.checks, progress);
    std::optional<CheckReport> trouble = co_await network_.find_resolver_trouble();
    if (trouble) job.report.checks.insert(job.report.checks.begin(), std::move(*trouble));
    if (run_.rules) {
      CheckReport receivers = receivers::judge(*run_.rules, run_.profile, job.planned.target->domain, job.report.checks);
      job.report.exhibits.push_back(reports::receivers_table(receivers, renderer_.catalogue(), language_));
      job.report.checks.push_back(std::move(receivers));
    }
  }

  void hand_in(std::size_t number) {
    const auto job = jobs_.find(number);
    job->second.ends();
    progress_.clear();
    desk_.done(number, renderer_.render(std::move(job->second.report)));
    jobs_.erase(job);
  }

  const CheckRun& run_;
  reports::Language language_;
  Network& network_;
  Desk& desk_;
  Renderer renderer_;
  ProgressLine progress_;
  std::map<std::size_t, Job> jobs_;  ///< begun and not handed in
};

}  // namespace

reports::Report run_checks(const std::string& tool, const std::vector<Check>& checks, const Target& target, Network& network, const Common& common) {
  Job job({.tool = tool, .checks = checks}, {.written = target.domain.display(), .target = target, .wrong = {}});
  ProgressLine line(shows_progress(common));
  const Progress progress = [&](const Check& check, const CheckReport* ended) { line.check(job.planned.written, check, ended != nullptr); };
  network.run(mailmedic::run_checks(checks, *job.planned.target, network.probes(), job.report.checks, progress));
  if (auto trouble = network.resolver_trouble()) job.report.checks.insert(job.report.checks.begin(), std::move(*trouble));
  job.ends();
  return std::move(job.report);
}

int check_targets(const CheckRun& run, Targets& targets, const Common& common) {
  std::vector<std::unique_ptr<Network>> networks;
  const unsigned threads = std::max(1u, run.threads);
  for (unsigned i = 0; i < threads; ++i) {
    auto network = Network::make(common, run.helo, {}, threads);
    if (!network) {
      std::cerr << fmt::format("mailmedic {}: {}\n", run.tool, network.error().why);
      return usage_error;
    }
    if (run.dns_only) (*network)->probes().https = nullptr;
    else (*network)->expect_tls();
    networks.push_back(std::move(*network));
  }
  Desk desk(run, targets, common);
  std::atomic<bool> finished = true;
  const std::size_t share = std::max<std::size_t>(1, run.in_flight / networks.size());
  const auto work = [&](Network& network) {
    if (!Lane(run, common, network, desk).work(share)) finished = false;
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < networks.size(); ++i) others.emplace_back([&, i] { work(*networks[i]); });
  work(*networks.front());
  others.clear();
  const int status = desk.finish();
  if (!finished && targets.are_many()) std::cerr << fmt::format("mailmedic {}: interrupted; {} reports were written\n", run.tool, desk.done());
  return status;
}

}  // namespace mailmedic::cli
