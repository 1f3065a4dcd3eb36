// mailmedic connect: every step of a connection to a mail server, and where it stops.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "lib/net/parallel.hpp"
#include "tools/cli/destination.hpp"
#include "tools/cli/login_options.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/connect/destinations.hpp"
#include "tools/connect/examination.hpp"
#include "tools/connect/refusal_rules.hpp"
#include "tools/connect/wishes.hpp"

using namespace mailmedic;
using connect::Wishes;
namespace asio = boost::asio;

namespace {

/// Many destinations side by side, their reports in the order in which they were named.
class Fleet {
 public:
  Fleet(const std::vector<cli::Destination>& destinations, const Wishes& wishes, const cli::Common& common, cli::Network& network)
      : destinations_(destinations), wishes_(wishes), common_(common), network_(network), renderer_(common), output_(common, destinations.size() > 1), reports_(destinations.size()) {}

  int run(std::size_t at_once) {
    const bool finished = network_.run(all(at_once));
    print_finished(!finished);
    const int status = output_.finish(renderer_.error());
    if (!finished) std::cerr << fmt::format("mailmedic connect: interrupted; {} of {} reports were written\n", printed_, destinations_.size());
    return status;
  }

 private:
  struct Job {
    reports::Report report;
    bool is_done = false;
  };

  asio::awaitable<void> all(std::size_t at_once) {
    std::vector<asio::awaitable<bool>> seats;
    for (std::size_t i = 0; i < std::min(at_once, destinations_.size()); ++i) seats.push_back(seat());
    co_await net::in_parallel(std::move(seats));
  }

  asio::awaitable<bool> seat() {
    while (next_ < destinations_.size()) {
      const std::size_t number = next_++;
      Job& job = reports_[number].emplace();
      job.report = cli::begin_report("connect", destinations_[number].written);
      co_await connect::examine(destinations_[number], wishes_, common_, network_, rules_, job.report);
      job.is_done = true;
      print_finished(false);
    }
    co_return true;
  }

  /// At the end of a run that was interrupted, also what was begun.
  void print_finished(bool begun_too) {
    for (; printed_ < reports_.size() && reports_[printed_] && (begun_too || reports_[printed_]->is_done); ++printed_) {
      output_.add(renderer_.render(std::move(reports_[printed_]->report)));
      reports_[printed_].emplace();
    }
  }

  const std::vector<cli::Destination>& destinations_;
  const Wishes& wishes_;
  const cli::Common& common_;
  cli::Network& network_;
  connect::RefusalRules rules_;
  cli::Renderer renderer_;
  cli::Output output_;
  std::vector<std::optional<Job>> reports_;
  std::size_t next_ = 0, printed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "connect",
      "[OPTIONS] DOMAIN | HOST:PORT | ADDRESS | smtp://HOST | submission://HOST | smtps://HOST | lmtp://HOST | unix:/PATH ...",
      "Connects as a sending server would: every mail exchanger and address of a domain side by side, or one host.\n"
      "Shows each step with its time, the transcript, and the cause where it stops. Sends no mail.",
      {{"all mail exchangers of a domain", "mailmedic connect example.org"},
       {"one server's submission port", "mailmedic connect submission://mail.example.org"},
       {"one address, IPv6, to the greeting only", "mailmedic connect [2001:db8::25]:25 --quit-after banner"},
       {"would this sender be accepted? (asks the server about a recipient: for your own servers)",
        "mailmedic connect example.org --from me@example.net --to you@example.org --quit-after rcpt --allow-rcpt-probe"},
       {"does this login work? (asks for the password)", "mailmedic connect submission://mail.example.org --auth --user me@example.org"},
       {"for a monitoring system, with times and days to expiry", "mailmedic connect example.org --format nagios --warn-time 2 --warn-days 21"},
       {"a fleet, for Prometheus", "mailmedic connect --input servers.txt --format prometheus -o mail.prom"},
       {"is a server of yours an open relay, does it fall for smuggling?", "mailmedic connect mx.example.org:25 --test relay,smuggling --relay-to you@elsewhere.example --to you@example.org"},
       {"a delivery socket of Dovecot", "mailmedic connect lmtp:unix:/run/dovecot/lmtp"}},
  });
  connect::add_options(line);
  connect::add_destination_options(line);
  if (cli::has_secret_word(argc, argv)) return line.fail(cli::secret_word_remedy);
  if (const auto status = line.parse(argc, argv)) return *status;
  const auto wishes = connect::read_wishes(line);
  if (!wishes) return line.fail(wishes.error().why);
  const auto destinations = connect::read_destinations(line);
  if (!destinations) return line.fail(destinations.error().why);
  const auto at_once = connect::read_at_once(line);
  if (!at_once) return line.fail(at_once.error().why);
  auto network = cli::Network::make(line.common(), line.text("helo"));
  if (!network) return line.fail(network.error().why);
  (*network)->expect_tls();
  return Fleet(*destinations, *wishes, line.common(), **network).run(at_once->value);
}
