// mailmedic log: what became of the mail, by the server's own log, and why.
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <fstream>
#include <iostream>

#include "checks/log/digest.hpp"
#include "checks/log/judge.hpp"
#include "lib/text/shown.hpp"
#include "tools/cli/output.hpp"
#include "tools/log/exhibits.hpp"
#include "tools/log/suppression.hpp"
#include "tools/log/times.hpp"

using namespace mailmedic;

namespace {

/// What the command line asks for.
struct Wishes {
  log::Wanted wanted{};
  std::size_t top = 10;
  std::string suppression{};
};

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
  const std::string top = line.text("top");
  const auto [end, wrong] = std::from_chars(top.data(), top.data() + top.size(), out.top);
  if (wrong != std::errc() || end != top.data() + top.size() || out.top < 1 || out.top > 10'000) return text::ParseError{0, fmt::format("--top {}: give 1 to 10000", top)};
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
  return report;
}

/// An error text, or empty.
std::string write_suppression(const log::Tally& tally, const std::string& file) {
  std::ofstream out(file, std::ios::binary);
  out << cli::suppression_table(tally);
  out.close();
  return out ? std::string() : fmt::format("--suppression {}: {}", file, std::strerror(errno));
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
       {"of the last week, rotated files included", "mailmedic log --since 7d /var/log/mail.log*"},
       {"addresses that are gone for good, as a table", "mailmedic log --suppression gone.csv /var/log/mail.log"},
       {"out of the journal", "journalctl -t postfix/smtp -o export | mailmedic log -"}},
  });
  // clang-format off
  line.options().add_options()
      ("since", cli::po::value<std::string>()->value_name("TIME"), "leave out what happened before: 2026-11-23, \"2026-11-23 22:30\", 12h, 7d, yesterday")
      ("until", cli::po::value<std::string>()->value_name("TIME"), "leave out what happened at TIME and later")
      ("top", cli::po::value<std::string>()->value_name("N")->default_value("10"), "show the N largest groups, receivers and senders")
      ("suppression", cli::po::value<std::string>()->value_name("FILE"), "write the addresses that bounced for good to FILE (CSV)");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("no log: name a FILE, or - for standard input");
  const auto wishes = wishes_of(line);
  if (!wishes) return line.fail(wishes.error().why);
  const auto begin = std::chrono::steady_clock::now();
  log::Gatherer gatherer(wishes->wanted);
  gatherer.read(line.arguments());
  const log::Gathered all = gatherer.result();
  reports::Report report = report_of(all, text::joined(line.arguments(), ", "), wishes->top);
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (!wishes->suppression.empty())
    if (const std::string wrong = write_suppression(all.tally, wishes->suppression); !wrong.empty()) return line.fail(wrong);
  std::vector<reports::Report> reports;
  reports.push_back(std::move(report));
  return cli::print(std::move(reports), line.common());
}
