// Where the message came from, hop by hop; and fields that must not be in a message that is sent.
#include "checks/lint/trace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/lint/parts.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

Hop hop_of(std::string_view field) {
  Hop out{message::read_hop(field)};
  if (!out.address.empty()) out.client = net::parse_address(out.address);
  // Examples use addresses of documentation in place of real ones
  const std::string_view use = out.client ? net::special_use(*out.client) : std::string_view("not told");
  out.is_private = !use.empty() && !use.starts_with("documentation");
  return out;
}

std::string said(const Hop& hop) { return fmt::format("from {} by {} with {}", hop.from.empty() ? "?" : hop.from, hop.by.empty() ? "?" : hop.by, hop.with.empty() ? "?" : hop.with); }

void judge_times(const std::vector<Hop>& hops, CheckReport& report) {
  constexpr std::chrono::minutes skew{5}, slow{30};
  for (std::size_t i = 1; i < hops.size(); ++i) {
    if (!hops[i].time || !hops[i - 1].time) continue;
    const auto taken = *hops[i].time - *hops[i - 1].time;
    const Args args{{"hop", std::to_string(i + 1)}, {"from", hops[i].from}, {"by", hops[i].by}, {"minutes", std::to_string(std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(taken)).count())}};
    const std::string source = fmt::format("Received, hop {}", i + 1);
    if (taken < -skew) return add(report, "lint.clock-skew", args, source, said(hops[i]));
    if (taken > slow) return add(report, "lint.slow-hop", args, source, said(hops[i]));
  }
}

void judge_hops(const Letter& letter, CheckReport& report) {
  constexpr std::size_t gmail_limit = 50;
  const std::size_t count = letter.count("Received");
  const auto hops = hops_of(letter);
  if (count > gmail_limit) add(report, "lint.too-many-hops", {{"count", std::to_string(count)}}, "Received", said(hops.back()));
  judge_times(hops, report);
  for (std::size_t i = 0; i < hops.size(); ++i)
    if (!hops[i].is_private && hops[i].tls == false)
      return add(report, "lint.hop-without-tls", {{"hop", std::to_string(i + 1)}, {"from", hops[i].from}, {"by", hops[i].by}}, fmt::format("Received, hop {}", i + 1), said(hops[i]));
}

}  // namespace

std::vector<Hop> hops_of(const Letter& letter) {
  auto fields = letter.all("Received");
  if (fields.size() > message::max_hops) fields.resize(message::max_hops);
  std::vector<Hop> out;
  for (auto one = fields.rbegin(); one != fields.rend(); ++one) out.push_back(hop_of(*one));
  return out;
}

void judge_trace(const Letter& letter, CheckReport& report) {
  judge_hops(letter, report);
  // RFC 5322 section 3.6.3: what a recipient gets has no Bcc, or an empty one
  if (!letter.raw("Bcc").empty() && letter.was_received()) add(report, "lint.bcc", {}, "Bcc", message::in_one_line(letter.raw("Bcc").substr(0, 300)));
  if (letter.was_received()) return;
  for (const std::string_view name : {"Return-Path", "Delivered-To", "X-Original-To"})
    if (letter.has(name)) return add(report, "lint.delivery-field", {{"field", std::string(name)}}, std::string(name), message::in_one_line(letter.raw(name).substr(0, 300)));
}

}  // namespace mailmedic::lint
