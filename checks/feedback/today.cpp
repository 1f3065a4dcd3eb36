#include "checks/feedback/today.hpp"

#include "checks/dmarc/align.hpp"
#include "checks/spf/evaluate.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::feedback {

namespace {

/// The selectors that are asked for, of one source.
constexpr std::size_t most_keys = 8;

asio::awaitable<void> ask_names(const net::Address& address, Probes& probes, Today& out) {
  const auto name = dns::Name::parse(net::reverse_name(address));
  if (!name) co_return;
  const dns::Answer answer = co_await probes.dns.query(*name, dns::Type::ptr);
  if (!answer.is_definite()) co_return;
  out.names.emplace();
  for (const dns::Name& name_of : answer.all<dns::Name>()) out.names->push_back(name_of.text());
}

/// The MAIL FROM domain that would help DMARC: an aligned one, if the reports name one.
asio::awaitable<void> ask_spf(const Source& source, const net::Address& address, Probes& probes, Today& out) {
  const auto author = dns::Name::parse(source.domain);
  if (!author) co_return;
  for (const std::string& text : source.envelope_domains) {
    const auto envelope = dns::Name::parse(text);
    if (!envelope) continue;
    spf::Query query{.ip = address};
    query.sender = "postmaster@" + text;
    query.now = probes.now;
    const spf::Evaluation evaluation = co_await spf::evaluate(query, probes.dns);
    const dmarc::Alignment alignment = co_await dmarc::align(*author, *envelope, probes.dns);
    const auto aligned = dmarc::is_aligned(alignment, dmarc::AlignmentMode::relaxed);
    const bool passes = evaluation.result == spf::Result::pass, unsure = evaluation.result == spf::Result::temp_error;
    out.spf = std::string(spf::result_text(evaluation.result));
    out.spf_domain = text;
    out.spf_aligned = unsure || (passes && !aligned) ? std::nullopt : std::optional(passes && *aligned);
    if (out.spf_aligned == true) co_return;
  }
}

asio::awaitable<void> ask_keys(const Source& source, Probes& probes, Today& out) {
  std::vector<dns::Question> questions;
  for (const auto& [selector, domain] : source.keys) {
    if (questions.size() == most_keys) break;
    const auto name = dns::Name::parse(selector + "._domainkey." + domain);
    if (name) questions.push_back({*name, dns::Type::txt});
  }
  if (questions.empty()) co_return;
  const auto answers = co_await dns::query_all(probes.dns, std::move(questions));
  std::size_t missing = 0;
  for (const dns::Answer& answer : answers) {
    if (!answer.is_definite()) co_return;
    missing += answer.is_absent();
  }
  out.keys_missing = missing;
}

asio::awaitable<Today> ask_one(const Source& source, Probes& probes) {
  Today out;
  const auto address = net::parse_address(source.address);
  if (!address) co_return out;
  co_await ask_names(*address, probes, out);
  co_await ask_spf(source, *address, probes, out);
  co_await ask_keys(source, probes, out);
  co_return out;
}

}  // namespace

asio::awaitable<std::vector<Today>> ask_today(const std::vector<Source>& sources, Probes& probes) {
  std::vector<asio::awaitable<Today>> tasks;
  for (const Source& source : sources) tasks.push_back(ask_one(source, probes));
  co_return co_await net::in_parallel(std::move(tasks));
}

}  // namespace mailmedic::feedback
