#include "checks/feedback/today.hpp"

#include "checks/dmarc/align.hpp"
#include "checks/spf/evaluate.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::feedback {

namespace {

/// What is asked for of one source: a hostile report names as many as it likes.
constexpr std::size_t most_keys = 8, most_envelopes = 4;

/// The tasks of one source write to different parts of `out`; what they return is for in_parallel alone.
using Task = asio::awaitable<bool>;

Task ask_names(const net::Address& address, Probes& probes, Today& out) {
  const auto name = dns::Name::parse(net::reverse_name(address));
  if (!name) co_return false;
  const dns::Answer answer = co_await probes.dns.query(*name, dns::Type::ptr);
  if (!answer.is_definite()) {
    out.unanswered.push_back("PTR " + name->text());
    co_return false;
  }
  out.names.emplace();
  for (const dns::Name& found : answer.all<dns::Name>()) out.names->push_back(found.text());
  co_return true;
}

/// One MAIL FROM domain: does it pass today, aligned? Nothing when that cannot be told.
asio::awaitable<std::optional<bool>> ask_envelope(const dns::Name& author, const dns::Name& envelope, const net::Address& address, dmarc::AlignmentMode mode, Probes& probes, Today& out) {
  spf::Query query{.ip = address};
  query.sender = "postmaster@" + envelope.text();
  query.now = probes.now;
  const spf::Evaluation evaluation = co_await spf::evaluate(query, probes.dns);
  const dmarc::Alignment alignment = co_await dmarc::align(author, envelope, probes.dns);
  const std::optional<bool> aligned = dmarc::is_aligned(alignment, mode);
  const bool passes = evaluation.result == spf::Result::pass, unsure = evaluation.result == spf::Result::temp_error || (passes && !aligned);
  if (out.spf.empty() || (passes && aligned == true)) {
    out.spf = std::string(spf::result_text(evaluation.result));
    out.spf_domain = envelope.text();
  }
  if (unsure) out.unanswered.push_back("SPF " + envelope.text());
  co_return unsure ? std::nullopt : std::optional(passes && *aligned);
}

/// The MAIL FROM domains of the reports, until one of them passes aligned.
asio::awaitable<void> ask_spf(const Source& source, const dns::Name& author, const net::Address& address, dmarc::AlignmentMode mode, Probes& probes, Today& out) {
  std::size_t asked = 0;
  bool unsure = source.envelope_domains.size() > most_envelopes;
  for (const std::string& text : source.envelope_domains) {
    const auto envelope = dns::Name::parse(text);
    if (!envelope || asked == most_envelopes) continue;
    ++asked;
    const std::optional<bool> passes = co_await ask_envelope(author, *envelope, address, mode, probes, out);
    if (passes == true) {
      out.spf_aligned = true;
      co_return;
    }
    unsure |= !passes;
  }
  if (asked > 0 && !unsure) out.spf_aligned = false;
}

/// The policy first, as it says how SPF is to be aligned.
Task ask_policy_and_spf(const Source& source, const net::Address& address, Probes& probes, Today& out) {
  const auto author = dns::Name::parse(source.domain);
  if (!author) co_return false;
  const dmarc::Walk walk = co_await dmarc::walk(*author, probes.dns);
  const dmarc::Discovery found = dmarc::discover(*author, walk);
  dmarc::AlignmentMode mode = dmarc::AlignmentMode::relaxed;
  if (!found.known) out.unanswered.push_back("DMARC record of " + author->text());
  else if (!found.record) out.policy = "";
  else {
    const auto subject = found.record_domain == *author ? dmarc::Subject::domain : dmarc::Subject::existing_subdomain;
    const dmarc::Effective effective = dmarc::effective_policy(*found.record, subject, dmarc::Standard::rfc9989);
    out.policy = effective.applies ? std::string(dmarc::policy_text(effective.policy)) : std::string();
    mode = found.record->aspf;
  }
  co_await ask_spf(source, *author, address, mode, probes, out);
  co_return true;
}

Task ask_keys(const Source& source, Probes& probes, Today& out) {
  std::vector<dns::Question> questions;
  for (const auto& [selector, domain] : source.keys) {
    if (questions.size() == most_keys) break;
    const auto name = dns::Name::parse(selector + "._domainkey." + domain);
    if (name) questions.push_back({*name, dns::Type::txt});
  }
  if (questions.empty()) co_return false;
  const std::vector<dns::Question> asked = questions;
  const auto answers = co_await dns::query_all(probes.dns, std::move(questions));
  std::size_t missing = 0;
  bool known = true;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    missing += answers[i].is_absent();
    if (answers[i].is_definite()) continue;
    known = false;
    out.unanswered.push_back("TXT " + asked[i].name.text());
  }
  if (known) out.keys_missing = missing;
  co_return known;
}

asio::awaitable<Today> ask_one(const Source& source, Probes& probes) {
  Today out;
  const auto address = net::parse_address(source.address);
  if (!address) co_return out;
  std::vector<Task> tasks;
  tasks.push_back(ask_names(*address, probes, out));
  tasks.push_back(ask_policy_and_spf(source, *address, probes, out));
  tasks.push_back(ask_keys(source, probes, out));
  co_await net::in_parallel(std::move(tasks));
  co_return out;
}

}  // namespace

asio::awaitable<std::vector<Today>> ask_today(const std::vector<Source>& sources, Probes& probes) {
  std::vector<asio::awaitable<Today>> tasks;
  for (const Source& source : sources) tasks.push_back(ask_one(source, probes));
  co_return co_await net::in_parallel(std::move(tasks));
}

}  // namespace mailmedic::feedback
