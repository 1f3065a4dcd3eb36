#include "tools/message/look.hpp"

#include <fmt/format.h>

#include "checks/lint/judge.hpp"
#include "checks/signature/judge.hpp"
#include "checks/verdict/judge.hpp"
#include "lib/message/trace.hpp"
#include "tools/message/engines.hpp"

namespace mailmedic::cli {

namespace {

reports::Exhibit summary_of(const signature::Verification& dkim, const arc::Chain& arc) {
  reports::Exhibit out{"Authentication", {}};
  for (const signature::Verified& one : dkim.signatures)
    out.lines.push_back(fmt::format("DKIM   {:<10} {}{}", signature::result_text(one.result), one.tags ? fmt::format("d={} s={} {}, body hash {}, header hash {}", one.tags->domain, one.tags->selector, one.tags->algorithm_text, signature::hash_text(one.body_hash), signature::hash_text(one.header_hash)) : std::string("unreadable"),
                                    one.why.empty() ? "" : ": " + one.why));
  if (!arc.sets.empty()) out.lines.push_back(fmt::format("ARC    {:<10} {} sets{}", arc::result_text(arc.result), arc.sets.size(), arc.why.empty() ? "" : ": " + arc.why));
  return out;
}

reports::Exhibit summary_of(const authentication::Authenticated& all) {
  reports::Exhibit out = summary_of(all.dkim, all.arc);
  out.lines.push_back(all.spf ? fmt::format("SPF    {:<10} {} from {} ({})", spf::result_text(all.spf->result), all.spf->sender, all.envelope.ip->to_string(), all.envelope.source) : "SPF    unknown    no client address");
  const authentication::Dmarc now = dmarc_of(all, dmarc::Standard::rfc9989), old = dmarc_of(all, dmarc::Standard::rfc7489);
  const std::string author = all.author ? all.author->text() : "From is unclear";
  out.lines.push_back(fmt::format("DMARC  {:<10} {} policy {} (RFC 9989)", now.result, author, now.policy.empty() ? "-" : now.policy));
  out.lines.push_back(fmt::format("DMARC  {:<10} {} policy {} (RFC 7489)", old.result, author, old.policy.empty() ? "-" : old.policy));
  return out;
}

/// "4 s", "3 min 20 s", "2 h 5 min".
std::string shown(std::chrono::seconds delay) {
  const long long all = delay.count(), size = all < 0 ? -all : all;
  const std::string sign = all < 0 ? "-" : "";
  if (size < 60) return fmt::format("{}{} s", sign, size);
  if (size < 3600) return fmt::format("{}{} min {} s", sign, size / 60, size % 60);
  return fmt::format("{}{} h {} min", sign, size / 3600, size % 3600 / 60);
}

std::string tls_of(const message::Hop& hop) {
  if (!hop.tls) return hop.with.empty() ? "" : hop.with + ", TLS not told";
  if (!*hop.tls) return hop.with + ", no TLS";
  return hop.with + ", " + (hop.tls_version.empty() ? "TLS" : hop.tls_version) + (hop.tls_cipher.empty() ? "" : " " + hop.tls_cipher);
}

/// The way of the message, a line a server that took it.
reports::Exhibit path_of(std::span<const message::Hop> hops) {
  constexpr std::size_t shown_bytes = 200;
  reports::Exhibit out{"Path", {}};
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const auto delay = message::delay_of(hops, i);
    const std::string way = fmt::format("{} -> {}", hops[i].from.empty() ? "?" : hops[i].from.substr(0, shown_bytes), hops[i].by.empty() ? "?" : hops[i].by.substr(0, shown_bytes));
    out.lines.push_back(fmt::format("{:>3}  {:>12}  {}  ({})", i + 1, i == 0 ? "" : delay ? shown(*delay) : "?", way, tls_of(hops[i]).substr(0, shown_bytes)));
  }
  return out;
}

/// The message without the line of a mailbox file.
std::string whole(const message::RawMessage& message) {
  if (message.body.empty()) return std::string(message.head) + "\r\n";
  return {message.head.data(), message.body.data() + message.body.size()};
}

}  // namespace

namespace {

asio::awaitable<CheckReport> authenticate(const message::RawMessage& message, authentication::Envelope envelope, MessageBench& bench, Probes& probes, reports::Report& report) {
  CheckReport check{.check = "authentication"};
  const authentication::Authenticated all = co_await authentication::authenticate(message, std::move(envelope), probes, bench.workshop, check, &bench.records);
  authentication::judge(all, message, probes.now, check);
  authentication::write_facts(all, message, report.facts);
  report.exhibits.push_back(summary_of(all));
  co_return check;
}

asio::awaitable<CheckReport> verify(const message::RawMessage& message, MessageBench& bench, Probes& probes, reports::Report& report) {
  CheckReport check{.check = "signature"};
  const signature::Verification dkim = co_await signature::verify(message, probes.dns, probes.now, bench.workshop);
  const arc::Chain arc = co_await arc::verify(message, probes.dns, bench.workshop);
  signature::judge(dkim, message, probes.now, check);
  arc::judge(arc, check);
  authentication::write_facts(dkim, arc, message, report.facts);
  report.exhibits.push_back(summary_of(dkim, arc));
  co_return check;
}

CheckReport read_trace(const message::RawMessage& message, reports::Report& report) {
  CheckReport check{.check = "verdict"};
  const std::vector<message::Verdict> verdicts = message::verdicts_of(message);
  verdict::judge(verdicts, message, check);
  const std::vector<message::Hop> hops = message::hops_of(message);
  report.facts["verdicts"] = message::to_json(verdicts);
  report.facts["path"] = message::to_json(hops);
  if (!hops.empty()) report.exhibits.push_back(path_of(hops));
  return check;
}

}  // namespace

asio::awaitable<void> look(std::string_view text, const message::RawMessage& message, const MessageOrder& order, MessageBench& bench, Probes& probes, reports::Report& report) {
  std::vector<CheckReport> checks;
  const authentication::Envelope envelope = authentication::envelope_of(message, order.given, order.private_world);
  if (order.wants("authentication")) {
    CheckReport check = co_await authenticate(message, envelope, bench, probes, report);
    checks.push_back(std::move(check));
  } else if (order.wants("signature")) {
    CheckReport check = co_await verify(message, bench, probes, report);
    checks.push_back(std::move(check));
  }
  if (order.wants("verdict")) checks.push_back(read_trace(message, report));
  if (order.wants("lint")) {
    lint::Circumstances about;
    about.now = probes.now;
    about.to_be_sent = false;
    CheckReport check = co_await lint::check(text, about, probes.dns);
    checks.push_back(std::move(check));
  }
  if (!order.engines.empty()) {
    const spam::Circumstances circumstances{envelope.ip ? envelope.ip->to_string() : "", envelope.helo, envelope.from};
    CheckReport check = co_await ask_engines(order.engines, whole(message), circumstances);
    checks.push_back(std::move(check));
  }
  report.checks = std::move(checks);
}

}  // namespace mailmedic::cli
