#pragma once
// SPF, DKIM and DMARC of one message, as a receiver evaluates them. RFC 9989 section 5.3, RFC 7489 section 6.6.
#include "checks/arc/chain.hpp"
#include "checks/dmarc/identifiers.hpp"
#include "checks/dmarc/picture.hpp"
#include "checks/signature/verify.hpp"
#include "checks/spf/evaluate.hpp"

namespace mailmedic::authentication {

/// Who delivered the message, and as whom.
struct Envelope {
  std::optional<net::Address> ip{};
  std::string from{};               ///< MAIL FROM; empty: the null sender, or not known
  std::string helo{};
  std::string source = "nothing";   ///< where `ip` comes from: "--ip", "Received field 1"
};

/// What the user gave, and for what he did not give, the topmost Received field that names a client which is not this
/// network's own (unless `private_world`), and Return-Path.
Envelope envelope_of(const message::RawMessage& message, Envelope given, bool private_world);

struct Authenticated {
  Envelope envelope;
  signature::Verification dkim;
  arc::Chain arc;
  std::optional<spf::Evaluation> spf{};           ///< nothing: no client address is known
  std::optional<dns::Name> author{};              ///< nothing: From is unclear
  std::optional<dmarc::Picture> picture{};        ///< of the author
  std::vector<dmarc::AlignedIdentifier> identifiers{}, identifiers_7489{};
};

/// The words of RFC 8601 section 2.7 for DMARC.
struct Dmarc {
  std::string result;   ///< pass, fail, none, permerror, temperror
  std::string policy;   ///< that the author's domain asks for: none, quarantine, reject; empty where there is none
  std::optional<bool> aligned{};  ///< has an identifier that passed the author's organization? Nothing: not known
};
Dmarc dmarc_of(const Authenticated& all, dmarc::Standard standard);

/// Everything at once where it can be. Arguments must outlive the coroutine and the result; the report gets what is
/// wrong with From (DMA-036). `records` saves reading the same SPF texts again when there are many messages.
asio::awaitable<Authenticated> authenticate(const message::RawMessage& message, Envelope envelope, Probes& probes, signature::Workshop& workshop, CheckReport& report,
                                            spf::RecordCache* records = nullptr);

/// Findings about SPF, alignment and policy, and what Authentication-Results claims otherwise. Pure.
void judge(const Authenticated& all, const message::RawMessage& message, TimePoint now, CheckReport& report);

/// signatures[], arc.
void write_facts(const signature::Verification& dkim, const arc::Chain& arc, const message::RawMessage& message, Facts& facts);

/// Both of these, envelope, spf, dmarc {result, policy, domain, organizational_domain, aligned, identifiers[]}, dmarc_7489.
void write_facts(const Authenticated& all, const message::RawMessage& message, Facts& facts);

}  // namespace mailmedic::authentication
