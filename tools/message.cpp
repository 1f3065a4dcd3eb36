// mailmedic message: what SPF, DKIM and DMARC say of a message, why a signature broke, and what else is wrong with it.
#include <fmt/format.h>

#include "checks/authentication/authenticate.hpp"
#include "checks/lint/judge.hpp"
#include "checks/receivers/judge.hpp"
#include "checks/table/table.hpp"
#include "lib/text/shown.hpp"
#include "lib/text/toml.hpp"
#include "reports/receivers_table.hpp"
#include "tools/cli/check_run.hpp"
#include "tools/cli/message_input.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/profile.hpp"
#include "tools/cli/targets.hpp"
#include "tools/message/engines.hpp"
#include "tools/message/summary.hpp"

using namespace mailmedic;

namespace {

/// The message without the line of a mailbox file.
std::string whole(const message::RawMessage& message) {
  if (message.body.empty()) return std::string(message.head) + "\r\n";
  return {message.head.data(), message.body.data() + message.body.size()};
}

struct Wishes {
  bool blame = false;
  bool engines_here = false;  ///< besides those that are named, whichever listens on this machine
  cli::WantedReceivers receivers;
};

/// What the receivers ask for, by what was found in the message.
void hold_against_receivers(const cli::WantedReceivers& wanted, reports::Catalogue& catalogue, reports::Language language, reports::Report& report) {
  std::vector<CheckReport> seen = report.checks;
  seen.front().facts = report.facts;
  const auto author = dns::Name::parse(text::string_of(seen.front().facts.at("dmarc").as_object(), "domain"));
  CheckReport receivers = receivers::judge(*wanted.rules, wanted.profile, author ? *author : dns::Name(), seen);
  report.exhibits.push_back(reports::receivers_table(receivers, catalogue, language));
  report.checks.push_back(std::move(receivers));
}

asio::awaitable<void> look(std::string_view text, const message::RawMessage& message, authentication::Envelope envelope, std::vector<spam::Engine> engines, const Wishes& wishes, Probes& probes, reports::Report& report) {
  signature::Workshop workshop;
  CheckReport& check = report.checks.front();
  const authentication::Authenticated all = co_await authentication::authenticate(message, std::move(envelope), probes, workshop, check);
  authentication::judge(all, message, probes.now, check);
  authentication::write_facts(all, message, report.facts);
  lint::Circumstances about;
  about.now = probes.now;
  about.to_be_sent = false;
  about.marketing = wishes.receivers.profile.bulk;
  CheckReport linted = co_await lint::check(text, about, probes.dns);
  report.checks.push_back(std::move(linted));
  report.exhibits.push_back(cli::summary_of(all));
  if (wishes.engines_here) {
    std::vector<spam::Engine> found = co_await cli::engines_of_this_machine();
    engines.insert(engines.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  } else if (engines.empty()) {
    co_return;
  }
  const spam::Circumstances circumstances{all.envelope.ip ? all.envelope.ip->to_string() : "", all.envelope.helo, all.envelope.from};
  std::vector<spam::Reduced> reductions;
  if (wishes.blame) reductions = spam::reductions_of(message);
  CheckReport scores = co_await cli::ask_engines(std::move(engines), whole(message), circumstances, std::move(reductions));
  report.checks.push_back(std::move(scores));
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "message",
      "[OPTIONS] FILE...",
      "Verifies a message as a receiver does: every DKIM signature (body and header apart), SPF of the client that\n"
      "delivered it, and DMARC by both standards. FILE is one message (RFC 5322) as it was received; - is standard input.",
      {{"why does this message fail?", "mailmedic message received.eml"},
       {"as a certain client would deliver it", "mailmedic message letter.eml --ip 192.0.2.25 --from user@example.org --helo mail.example.org"},
       {"does it meet what Gmail and Yahoo ask of newsletters?", "mailmedic message newsletter.eml --profile gmail,yahoo --bulk"},
       {"what makes it look like spam?", "mailmedic message letter.eml --rspamd 127.0.0.1 --blame"},
       {"as JSON", "mailmedic message received.eml --json"}},
  });
  // clang-format off
  line.options().add_options()
      ("ip", cli::po::value<std::string>()->value_name("ADDR"), "the address that delivers it; otherwise that of the Received fields")
      ("from", cli::po::value<std::string>()->value_name("SENDER"), "the MAIL FROM address; otherwise that of Return-Path")
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "the name said in EHLO");
  // clang-format on
  cli::add_profile_options(line, "the message");
  cli::add_engine_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("no message: name a FILE, or - for standard input");
  authentication::Envelope given{.ip = {}, .from = line.text("from"), .helo = line.text("helo"), .source = "nothing"};
  if (line.has("ip")) {
    const auto addresses = cli::parse_addresses({line.text("ip")});
    if (!addresses) return line.fail(addresses.error().why);
    given.ip = addresses->front();
    given.source = "--ip";
  }
  const auto engines = cli::read_engines(line);
  if (!engines) return line.fail(text::shown(engines.error().why, 300));
  if (line.flag("blame") && engines->empty() && !line.flag("engines")) return line.fail("--blame: name the engine that is to score, with --spamd, --rspamd or --engines");
  Wishes wishes{.blame = line.flag("blame"), .engines_here = line.flag("engines"), .receivers = {}};
  auto receivers = cli::wanted_receivers(line);
  if (!receivers) return line.fail(receivers.error().why);
  wishes.receivers = std::move(*receivers);
  auto network = cli::Network::make(line.common());
  if (!network) return line.fail(network.error().why);
  reports::Catalogue catalogue(cli::data_directory() + "/findings");
  std::vector<reports::Report> reports;
  for (const std::string& file : line.arguments()) {
    const auto text = cli::read_message(file);
    if (!text) return line.fail(text::shown(text.error().why, 300));
    const auto message = message::parse_raw(*text);
    if (!message) return line.fail(text::shown(file + ": " + message.error().why, 300));
    reports::Report& report = reports.emplace_back(cli::begin_report("message", file));
    report.checks.push_back({.check = "authentication"});
    const auto begin = std::chrono::steady_clock::now();
    const auto envelope = authentication::envelope_of(*message, given, cli::is_private_world(line.common()));
    if (!(*network)->run(look(*text, *message, envelope, *engines, wishes, (*network)->probes(), report))) report.checks = {interrupted({"authentication", "", nullptr})};
    report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    if (wishes.receivers.rules && report.checks.size() > 1) hold_against_receivers(wishes.receivers, catalogue, line.common().language, report);
    if (auto trouble = (*network)->resolver_trouble()) report.checks.insert(report.checks.begin(), std::move(*trouble));
  }
  return cli::print(std::move(reports), line.common());
}
