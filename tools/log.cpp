// mailmedic log: what became of the mail, by the server's own log, and why.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "checks/log/digest.hpp"
#include "checks/log/judge.hpp"
#include "lib/text/ascii.hpp"
#include "tools/cli/list_options.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/targets.hpp"
#include "tools/log/exhibits.hpp"
#include "tools/log/follower.hpp"
#include "tools/log/recheck.hpp"
#include "tools/log/reply_rules.hpp"
#include "tools/log/suppression.hpp"
#include "tools/log/times.hpp"

using namespace mailmedic;

namespace {

/// What the command line asks for.
struct Wishes {
  log::Wanted wanted{};
  std::size_t top = 10;
  std::string suppression{};
  bool follow = false;
  std::chrono::seconds every{10};
};

std::optional<std::size_t> number(const std::string& text, std::size_t least, std::size_t most) {
  std::size_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  return wrong == std::errc() && end == text.data() + text.size() && out >= least && out <= most ? std::optional(out) : std::nullopt;
}

text::Parsed<Wishes> wishes_of(const cli::CommandLine& line) {
  Wishes out;
  const auto now = std::chrono::system_clock::now();
  for (const auto& [option, to] : {std::pair("since", &out.wanted.since), std::pair("until", &out.wanted.until)}) {
    if (!line.has(option)) continue;
    const auto moment = cli::parse_moment(line.text(option), now);
    if (!moment) return text::ParseError{0, fmt::format("--{} {}: give a time, as 2026-11-23, \"2026-11-23 22:30\", 2026-11-23T22:30:00Z, 12h, 7d or yesterday", option, line.text(option))};
    *to = *moment;
  }
  if (out.wanted.since >= out.wanted.until) return text::ParseError{0, fmt::format("--since {} is not before --until {}", line.text("since"), line.text("until"))};
  const auto top = number(line.text("top"), 1, 10'000), every = number(line.text("every"), 1, 86'400);
  if (!top) return text::ParseError{0, fmt::format("--top {}: give 1 to 10000", line.text("top"))};
  if (!every) return text::ParseError{0, fmt::format("--every {}: give seconds, 1 to 86400", line.text("every"))};
  out.top = *top;
  out.every = std::chrono::seconds(*every);
  out.follow = line.flag("follow");
  const bool from_pipe = std::find(line.arguments().begin(), line.arguments().end(), "-") != line.arguments().end();
  if (out.follow && from_pipe) return text::ParseError{0, "--follow: name a FILE that grows, not standard input"};
  out.suppression = line.text("suppression");
  out.wanted.addresses = !out.suppression.empty();
  return out;
}

/// All that was counted, as a report.
reports::Report report_of(const log::Gathered& all, const std::string& target, std::size_t top) {
  reports::Report report = cli::begin_report("log", target);
  CheckReport check{.check = "log"};
  log::judge(all, check);
  report.checks.push_back(std::move(check));
  report.facts = log::facts_of(all, top);
  report.exhibits = cli::log_exhibits(all, top);
  if (all.tally.first) report.histograms.push_back(cli::log_chart(all));
  return report;
}

/// An error text, or empty.
std::string write_suppression(const log::Tally& tally, const std::string& file) {
  std::ofstream out(file, std::ios::binary);
  out << cli::suppression_table(tally);
  out.close();
  return out ? std::string() : fmt::format("--suppression {}: {}", file, std::strerror(errno));
}

/// What the user says of himself, for --recheck.
text::Parsed<bounce::Context> context_of(cli::CommandLine& line) {
  bounce::Context out;
  out.helo = line.text("helo");
  out.families = {line.common().ipv4, line.common().ipv6};
  const auto own = cli::parse_addresses(line.texts("own"));
  if (!own) return own.error();
  out.own = *own;
  const auto lists = cli::chosen_lists(line);
  if (!lists) return lists.error();
  out.lists = {*lists, &(*lists)->asked};
  return out;
}

boost::asio::awaitable<void> look_again(const log::Tally& tally, const bounce::Classifier& classifier, const bounce::Context& context, reports::Catalogue* chinese, Probes& probes, reports::Report& report, std::string& bundles) {
  cli::RecheckedCauses seen = co_await cli::recheck_causes(tally, classifier, context, chinese, probes, report.checks.front());
  report.facts["claims"] = std::move(seen.claims);
  bundles = std::move(seen.bundles);
}

std::atomic<bool> asked_to_end = false;
void ask_to_end(int) { asked_to_end = true; }

/// Reads the last file as it grows until the process is asked to end, and reports again and again: only what is
/// written a report at a time can be.
void follow(log::Gatherer& gatherer, cli::ReplyRules& rules, const std::string& file, const std::string& target, const Wishes& wishes, const cli::Common& common, cli::Renderer& renderer, cli::Output& output) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds pause(200);
  std::signal(SIGINT, ask_to_end);
  std::signal(SIGTERM, ask_to_end);
  const bool again_and_again = common.format == cli::Format::text || common.format == cli::Format::ndjson;
  cli::Follower follower(file);
  bool news = false;
  for (auto next = Clock::now() + wishes.every; !asked_to_end;) {
    const std::string_view lines = follower.read_more();
    if (!lines.empty()) gatherer.read_more(lines), news = true;
    else std::this_thread::sleep_for(pause);
    if (Clock::now() < next) continue;
    next += wishes.every;
    if (!std::exchange(news, false) || !again_and_again) continue;
    log::Gathered all = gatherer.result();
    rules.look_closer(all.tally);
    output.add(renderer.render(report_of(all, target, wishes.top)));
    output.flush();
  }
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "log",
      "[OPTIONS] FILE...",
      "Reads logs of Postfix, Exim, OpenSMTPD and Sendmail and tells what was delivered, deferred, bounced and rejected, and\n"
      "why. FILE may be packed (.gz, .xz, .zst), syslog in any of its times, Exim's mainlog, a journal (journalctl -o export or\n"
      "-o json) or JSON lines; several files are read in the order of their times; - is standard input.",
      {{"why does our mail not arrive?", "mailmedic log /var/log/mail.log"},
       {"and is what the receivers say still so?", "mailmedic log --recheck --own 192.0.2.25 /var/log/mail.log"},
       {"of the last week, rotated files included", "mailmedic log --since 7d /var/log/mail.log*"},
       {"addresses that are gone for good, as a table", "mailmedic log --suppression gone.csv /var/log/mail.log"},
       {"watch a server", "mailmedic log --follow --since now /var/log/mail.log"},
       {"out of the journal", "journalctl -t postfix/smtp -o export | mailmedic log -"}},
  });
  // clang-format off
  line.options().add_options()
      ("since", cli::po::value<std::string>()->value_name("TIME"), "leave out what happened before: 2026-11-23, \"2026-11-23 22:30\", 12h, 7d, yesterday")
      ("until", cli::po::value<std::string>()->value_name("TIME"), "leave out what happened at TIME and later")
      ("top", cli::po::value<std::string>()->value_name("N")->default_value("10"), "show the N largest groups, receivers and senders")
      ("follow", cli::po::bool_switch(), "go on with the last FILE as it grows, and report again until ended (Ctrl-C)")
      ("every", cli::po::value<std::string>()->value_name("SECONDS")->default_value("10"), "with --follow: how often to report what is new (text, ndjson)")
      ("rules", cli::po::value<std::vector<std::string>>()->value_name("FOLDER")->composing(), "a folder of rules for replies of one's own, which come first (repeatable)")
      ("recheck", cli::po::bool_switch(), "look up again what the largest causes claim: lists, SPF, names, the receivers' servers (20 claims at most)")
      ("bundle", cli::po::bool_switch(), "with --recheck: plain texts for the forms of those who refuse, instead of the report")
      ("own", cli::po::value<std::vector<std::string>>()->value_name("ADDR")->composing(), "with --recheck: an address that sends our mail (repeatable)")
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "with --recheck: the name that our server says in EHLO")
      ("suppression", cli::po::value<std::string>()->value_name("FILE"), "write the addresses that bounced for good to FILE (CSV)");
  // clang-format on
  cli::add_list_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("no log: name a FILE, or - for standard input");
  const auto wishes = wishes_of(line);
  if (!wishes) return line.fail(wishes.error().why);
  if (line.flag("bundle") && !(line.flag("recheck") && line.common().format == cli::Format::text)) return line.fail("--bundle goes with --recheck, as text");
  std::unique_ptr<cli::Network> network;
  bounce::Context context;
  if (line.flag("recheck")) {
    auto known = context_of(line);
    if (!known) return line.fail(known.error().why);
    context = std::move(*known);
    auto made = cli::Network::make(line.common());
    if (!made) return line.fail(made.error().why);
    network = std::move(*made);
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::string target = text::joined(line.arguments(), ", ");
  cli::Renderer renderer(line.common());
  cli::Output output(line.common(), false);
  std::vector<std::string> folders{cli::data_directory() + "/rules"};
  for (const std::string& folder : line.texts("rules")) folders.push_back(folder);
  cli::ReplyRules rules(std::move(folders));
  log::Gatherer gatherer(wishes->wanted);
  std::vector<std::string> files = line.arguments();
  if (wishes->follow) files.pop_back();
  gatherer.read(files);
  if (wishes->follow) {
    if (const std::string wrong = cli::Follower(line.arguments().back()).error(); !wrong.empty()) return line.fail(fmt::format("{}: {}", line.arguments().back(), wrong));
    follow(gatherer, rules, line.arguments().back(), target, *wishes, line.common(), renderer, output);
  }
  log::Gathered all = gatherer.result();
  if (const std::string wrong = rules.look_closer(all.tally); !wrong.empty()) return line.fail(wrong);
  reports::Report report = report_of(all, target, wishes->top);
  std::string bundles;
  if (network && rules.classifier()) network->run(look_again(all.tally, *rules.classifier(), context, line.common().language == reports::Language::zh ? &renderer.catalogue() : nullptr, network->probes(), report, bundles));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (!wishes->suppression.empty())
    if (const std::string wrong = write_suppression(all.tally, wishes->suppression); !wrong.empty()) return line.fail(wrong);
  cli::Rendered rendered = renderer.render(std::move(report));
  if (line.flag("bundle")) rendered.text = bundles;
  output.add(std::move(rendered));
  return output.finish(renderer.error());
}
