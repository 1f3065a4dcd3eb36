// Signatures to findings.
#include "checks/signature/judge.hpp"

#include <algorithm>

#include "checks/no_answer.hpp"
#include "checks/signature/damage.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::signature {

namespace {

constexpr std::size_t shown_bytes = 1000, wire_line = 998;  // RFC 5322 section 2.1.1
constexpr std::uint64_t old_seconds = 30 * 24 * 3600;       // keys are changed every few months

const message::RawField* find(const message::RawMessage& message, std::string_view name) {
  const auto found = std::find_if(message.fields.begin(), message.fields.end(), [&](const auto& field) { return text::equals_ignoring_case(field.name, name); });
  return found == message.fields.end() ? nullptr : &*found;
}

std::size_t count(const message::RawMessage& message, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(message.fields.begin(), message.fields.end(), [&](const auto& field) { return text::equals_ignoring_case(field.name, name); }));
}

/// One signature to findings.
class Judge {
 public:
  Judge(const Verified& one, const message::RawMessage& message, TimePoint now, CheckReport& report) : one_(one), message_(message), now_(now), report_(report) {
    subject_ = one.tags ? text::lower(one.tags->domain) : "DKIM-Signature";
  }

  void run() {
    if (!one_.tags) return add("signature.unreadable", {{"problem", one_.why}});
    judge_result();
    judge_algorithm();
    judge_times();
    judge_names();
    judge_copies();
  }

 private:
  void add(std::string_view id, Args args, std::vector<Evidence> more = {}) {
    Finding finding{.id = id, .subject = subject_};
    finding.args = std::move(args);
    finding.args.emplace_back("domain", subject_);
    if (one_.tags) finding.args.emplace_back("selector", one_.tags->selector);
    finding.evidence = {{"field " + std::to_string(one_.line + 1), message::in_one_line(one_.field->whole.substr(0, shown_bytes))}};
    for (Evidence& evidence : more) finding.evidence.push_back(std::move(evidence));
    report_.findings.push_back(std::move(finding));
  }

  void judge_result() {
    const Evidence key{"TXT " + one_.key.name.text(), one_.key.text.substr(0, shown_bytes)};
    if (one_.key.state == KeyState::no_answer) report_.could_not_tell(no_answer(one_.key.name, dns::Type::txt, one_.key.answer));
    else if (one_.key.state == KeyState::missing) add(is_old() ? "signature.key-gone" : "signature.key-missing", {{"name", one_.key.name.text()}});
    else if (one_.key.state != KeyState::usable) add("signature.key-unusable", {{"name", one_.key.name.text()}, {"problem", one_.key.why}}, {key});
    if (one_.tags->length && *one_.tags->length > one_.body_bytes && one_.body_hash == Hash::fail)
      add("signature.body-too-short", {{"length", std::to_string(*one_.tags->length)}, {"bytes", std::to_string(one_.body_bytes)}});
    else if (one_.body_hash == Hash::fail) {
      explain(body_damage(*one_.tags, message_.body, hasher_));
      add("signature.body-changed", {});
    }
    if (one_.header_hash != Hash::fail) return;
    if (one_.reason == Reason::size || is_of_other_size()) add("signature.wrong-size", {{"bytes", std::to_string(one_.tags->signature.size())}, {"name", one_.key.name.text()}}, {key});
    else if (is_of_other_key()) add("signature.other-key", {{"name", one_.key.name.text()}}, {key});
    else {
      explain(header_damage(one_, message_, hasher_));
      add("signature.header-changed", {});
    }
  }

  /// The change that explains it, where one was found. DKS-022.
  void explain(const std::optional<Damage>& damage) {
    if (damage) add(damage->id, damage->args, {{"the place as it is now", damage->seen}});
  }

  bool is_of_other_size() const { return one_.tags->signature.size() != one_.key.published->key->signature_size(); }
  bool is_of_other_key() const {
    dkim::VerifyKey& key = *one_.key.published->key;
    return key.is_rsa() && !key.signed_hash(one_.tags->signature);
  }
  std::uint64_t seconds_now() const { return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count())); }
  bool is_old() const { return one_.tags->time && *one_.tags->time + old_seconds < seconds_now(); }

  void judge_algorithm() {
    if (one_.tags->algorithm == dkim::Algorithm::rsa_sha1) add("signature.sha1", {});
    if (one_.tags->algorithm == dkim::Algorithm::other) add("signature.algorithm", {{"algorithm", one_.tags->algorithm_text.substr(0, 60)}});
    if (one_.tags->header == dkim::Canonicalization::simple || one_.tags->body == dkim::Canonicalization::simple) add("signature.simple", {});
    if (one_.tags->length) add("signature.body-length", {{"length", std::to_string(*one_.tags->length)}});
  }

  void judge_times() {
    constexpr std::uint64_t clock_skew = 300;
    const auto& time = one_.tags->time;
    const auto& expiry = one_.tags->expiry;
    if (time && *time > seconds_now() + clock_skew) add("signature.future", {});
    if (time && expiry && *expiry < *time) add("signature.times-reversed", {});
    else if (expiry && *expiry < seconds_now()) add("signature.expired", {});
    if (!expiry && find(message_, "List-Unsubscribe")) add("signature.no-expiry", {});
  }

  void judge_names() {
    constexpr std::string_view recommended[] = {"To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "In-Reply-To", "References"};
    const dkim::SignatureField& tags = *one_.tags;
    if (!tags.signs("From")) add("signature.from-unsigned", {});
    std::vector<std::string> without;
    for (const std::string_view name : recommended)
      if (!tags.signs(name) && find(message_, name)) without.emplace_back(name);
    if (!without.empty()) add("signature.unsigned-fields", {{"fields", text::joined(without, ", ")}});
    without.clear();
    for (const std::string_view name : {"List-Unsubscribe", "List-Unsubscribe-Post"})
      if (!tags.signs(name) && find(message_, name)) without.emplace_back(name);
    if (!without.empty()) add("signature.list-unsubscribe-unsigned", {{"fields", text::joined(without, ", ")}});
    without.clear();
    for (const std::string_view name : {"Return-Path", "Received"})
      if (tags.signs(name)) without.emplace_back(name);
    if (!without.empty()) add("signature.trace-signed", {{"fields", text::joined(without, ", ")}});
  }

  void judge_copies() {
    std::vector<std::string> open, doubled;
    for (const std::string_view name : {"From", "To", "Subject", "Date"}) {
      const std::size_t there = count(message_, name), listed = one_.tags->times_signed(name);
      if (listed == 0) continue;
      if (there > listed) doubled.emplace_back(name);
      else if (there == listed) open.emplace_back(name);
    }
    if (!doubled.empty()) add("signature.more-copies", {{"fields", text::joined(doubled, ", ")}});
    if (!open.empty()) add("signature.not-oversigned", {{"fields", text::joined(open, ", ")}});
  }

  const Verified& one_;
  const message::RawMessage& message_;
  TimePoint now_;
  CheckReport& report_;
  std::string subject_;
  dkim::Hasher hasher_;
};

void add(CheckReport& report, std::string_view id, Args args, std::string source, std::string text) {
  Finding finding{.id = id, .subject = "message"};
  finding.args = std::move(args);
  finding.evidence = {{std::move(source), std::move(text)}};
  report.findings.push_back(std::move(finding));
}

/// What a server on the way has to change. RFC 6376 section 5.3.
void judge_bytes(const message::RawMessage& message, CheckReport& report) {
  const message::LineEnds ends = message::line_ends_of(message.body);
  if (ends.bare_cr > 0 || (ends.crlf > 0 && ends.lf > 0))
    add(report, "signature.bare-line-ends", {{"bare_cr", std::to_string(ends.bare_cr)}, {"bare_lf", std::to_string(ends.lf)}}, "line ends of the body", std::to_string(ends.crlf) + " CRLF, " + std::to_string(ends.lf) + " LF, " + std::to_string(ends.bare_cr) + " CR");
  if (ends.longest > wire_line) add(report, "signature.long-lines", {{"bytes", std::to_string(ends.longest)}}, "longest line of the body", std::to_string(ends.longest) + " bytes");
}

}  // namespace

void judge(const Verification& verification, const message::RawMessage& message, TimePoint now, CheckReport& report) {
  if (verification.signatures.empty()) add(report, "signature.none", {}, "header", "no DKIM-Signature field");
  for (const Verified& one : verification.signatures) Judge(one, message, now, report).run();
  if (verification.left_out > 0) add(report, "signature.too-many", {{"count", std::to_string(verification.left_out)}}, "header", std::to_string(verification.left_out + verification.signatures.size()) + " DKIM-Signature fields");
  const auto is_ed25519 = [](const Verified& one) { return one.tags && one.tags->algorithm == dkim::Algorithm::ed25519_sha256; };
  const auto& all = verification.signatures;
  if (!all.empty() && std::all_of(all.begin(), all.end(), is_ed25519)) add(report, "signature.ed25519-only", {}, "header", "a=ed25519-sha256 in each DKIM-Signature");
  if (!all.empty()) judge_bytes(message, report);
}

}  // namespace mailmedic::signature
