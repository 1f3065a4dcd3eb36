// mailmedic reports: what receivers report of a domain's mail, and what its records say today.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "checks/feedback/judge.hpp"
#include "lib/message/mailbox.hpp"
#include "lib/text/ascii.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"

using namespace mailmedic;

namespace {

/// Sources that are asked about again: each takes a few questions.
constexpr std::size_t most_asked = 50;

std::string share_text(std::uint64_t part, std::uint64_t whole) { return whole == 0 ? "-" : fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole)); }

reports::Exhibit table_of_sources(const feedback::Picture& picture, std::size_t top) {
  reports::Exhibit out{"Sources", {}};
  out.lines.push_back(fmt::format("{:>9} {:>8} {:>8} {:>8}  {:<40} {:<30} {}", "messages", "aligned", "DKIM", "SPF", "address", "domain", "today"));
  for (std::size_t i = 0; i < picture.sources.size() && i < top; ++i) {
    const feedback::Source& source = picture.sources[i];
    std::string today;
    if (i < picture.today.size()) {
      const feedback::Today& now = picture.today[i];
      if (now.names && !now.names->empty()) today = now.names->front() + "  ";
      if (now.policy && !now.policy->empty()) today += "p=" + *now.policy + "  ";
      if (!now.spf.empty()) today += fmt::format("SPF {} ({})", now.spf, now.spf_domain);
    }
    out.lines.push_back(fmt::format("{:>9} {:>8} {:>8} {:>8}  {:<40} {:<30} {}", source.count, share_text(source.aligned(), source.count), share_text(source.dkim_aligned, source.count),
                                    share_text(source.spf_aligned, source.count), source.address.substr(0, 60), source.domain.substr(0, 80), today));
  }
  return out;
}

reports::Exhibit table_of_tls(const feedback::TlsSum& tls) {
  reports::Exhibit out{"TLS", {}};
  out.lines.push_back(fmt::format("{} sessions succeeded, {} failed", tls.successful, tls.failed));
  for (const feedback::TlsProblem& problem : tls.problems) out.lines.push_back(fmt::format("{:>9}  {:<28} {:<18} {}", problem.count, problem.result_type, problem.policy_type, problem.host));
  return out;
}

feedback::Documents read_all(const std::vector<std::string>& files) {
  feedback::Documents all;
  const message::TakeMessage take = [&all](const std::string& name, std::string_view bytes) {
    feedback::Documents in_file = feedback::documents_in(bytes, name);
    std::move(in_file.reports.begin(), in_file.reports.end(), std::back_inserter(all.reports));
    std::move(in_file.unreadable.begin(), in_file.unreadable.end(), std::back_inserter(all.unreadable));
  };
  for (const std::string& file : files)
    for (message::MailboxProblem& problem : message::read_mailbox(file, take)) all.unreadable.push_back({std::move(problem.name), std::move(problem.why)});
  return all;
}

asio::awaitable<void> ask(feedback::Picture& picture, Probes& probes) {
  const std::vector<feedback::Source> asked(picture.sources.begin(), picture.sources.begin() + static_cast<std::ptrdiff_t>(std::min(most_asked, picture.sources.size())));
  picture.today = co_await feedback::ask_today(asked, probes);
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "reports",
      "[OPTIONS] FILE...",
      "Reads DMARC aggregate reports (RFC 7489, RFC 9990) and TLS reports (RFC 8460): XML or JSON, packed (gzip, xz, zstd,\n"
      "zip) or in the message that brought them; FILE may be an mbox file, a Maildir or a folder too. Tells who sends in the domain's name and with what success, and asks\n"
      "today's records about the same sources. - is standard input.",
      {{"all reports of a mailbox", "mailmedic reports ~/Maildir"},
       {"without asking DNS", "mailmedic reports --offline google.com!example.org!1700000000!1700086399.zip"},
       {"as JSON", "mailmedic reports report.eml --json"}},
  });
  // clang-format off
  line.options().add_options()
      ("offline", cli::po::bool_switch(), "ask nothing: no names of addresses, no comparison with today's records")
      ("top", cli::po::value<std::string>()->value_name("N")->default_value("20"), "show the N largest sources");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("no report: name a FILE, or - for standard input");
  const std::string top_text = line.text("top");
  std::size_t top = 0;
  const auto [end, wrong] = std::from_chars(top_text.data(), top_text.data() + top_text.size(), top);
  if (wrong != std::errc() || end != top_text.data() + top_text.size() || top < 1 || top > 10'000) return line.fail(fmt::format("--top {}: give 1 to 10000", top_text));
  const auto begin = std::chrono::steady_clock::now();
  feedback::Picture picture = feedback::picture_of(read_all(line.arguments()));
  reports::Report report = cli::begin_report("reports", text::joined(line.arguments(), ", "));
  CheckReport check{.check = "feedback"};
  std::optional<CheckReport> trouble;
  if (!line.flag("offline") && !picture.sources.empty()) {
    auto network = cli::Network::make(line.common());
    if (!network) return line.fail(network.error().why);
    if (!(*network)->run(ask(picture, (*network)->probes()))) picture.today.clear();
    trouble = (*network)->resolver_trouble();
  }
  feedback::judge(picture, check);
  if (trouble) report.checks.push_back(std::move(*trouble));
  report.checks.push_back(std::move(check));
  report.facts = feedback::facts_of(picture, top);
  if (!picture.sources.empty()) report.exhibits.push_back(table_of_sources(picture, top));
  if (picture.tls.successful + picture.tls.failed > 0 || !picture.tls.problems.empty()) report.exhibits.push_back(table_of_tls(picture.tls));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  std::vector<reports::Report> all;
  all.push_back(std::move(report));
  return cli::print(std::move(all), line.common());
}
