#include "lib/tls/scan.hpp"

#include <algorithm>
#include <tuple>

namespace mailmedic::tls {

namespace {
/// A hello with more suites than this is refused by some old servers.
constexpr std::size_t suites_in_a_part = 60;

/// Strong and common ones first, as any client has them; last those that need more than a certificate.
auto rank_of(std::uint16_t suite) {
  const SuiteTraits t = traits_of(suite);
  const bool foreign = (!t.certificate && !t.anonymous) || t.exchange == KeyExchange::other;
  const bool broken = t.plaintext || t.export_grade || t.rc4 || t.rc2 || t.des;
  return std::tuple(foreign, broken, t.anonymous, t.triple_des, !t.forward_secret, !t.aead, -t.bits, suite);
}

std::vector<std::uint16_t> suites_of(Version version) {
  std::vector<std::pair<decltype(rank_of(0)), std::uint16_t>> ranked;
  for (const CipherSuite& suite : cipher_suites())
    if (is_of(suite, version)) ranked.emplace_back(rank_of(suite.number), suite.number);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::uint16_t> out;
  for (const auto& [rank, number] : ranked) out.push_back(number);
  return out;
}

std::vector<std::uint16_t> groups_of(Version version) {
  std::vector<std::uint16_t> out;
  for (const Group& group : groups())
    if (version == Version::tls1_3 || !group.post_quantum) out.push_back(group.number);
  return out;
}

bool take_out(std::vector<std::uint16_t>& from, std::uint16_t number) {
  const auto at = std::find(from.begin(), from.end(), number);
  if (at == from.end()) return false;
  from.erase(at);
  return true;
}

void note(const Heard& heard, VersionFacts& facts) {
  const ServerAnswer& answer = heard.answer;
  if (!answer.chose()) return;
  facts.compresses = facts.compresses || answer.compression != 0;
  facts.requests_certificate = facts.requests_certificate || answer.certificate_requested;
  facts.staples = facts.staples || answer.stapled;
  facts.has_tickets = facts.has_tickets || answer.tickets;
  facts.encrypts_then_macs = facts.encrypts_then_macs || answer.encrypt_then_mac;
  facts.secure_renegotiation = facts.secure_renegotiation.value_or(true) && answer.secure_renegotiation;
  facts.extended_master_secret = facts.extended_master_secret.value_or(true) && answer.extended_master_secret;
  if (answer.chain.empty() || facts.chains.size() >= 4) return;
  const bool known = std::any_of(facts.chains.begin(), facts.chains.end(), [&](const auto& chain) { return chain.front() == answer.chain.front(); });
  if (!known) facts.chains.push_back(answer.chain);
}

/// What an answer means to the question "this version, with one of these suites?"
enum class Word { yes, no, certainly_not, again, not_told };
struct Reading {
  Word word;
  std::string sign;
};

Reading read(const Heard& heard, Version version, bool was_cut) {
  using Kind = ServerAnswer::Kind;
  const ServerAnswer& answer = heard.answer;
  switch (heard.how) {
    case Heard::How::not_reached: return {Word::not_told, heard.why};
    case Heard::How::silent: return {Word::not_told, "no answer within the limit"};
    case Heard::How::cut:
      if (!was_cut) return {Word::again, {}};
      return {Word::no, "the connection was closed without an answer, twice"};
    case Heard::How::answered: break;
  }
  if (answer.kind == Kind::ssl2_hello && version == Version::ssl2) return {Word::yes, {}};
  if (answer.chose() && answer.version == static_cast<std::uint16_t>(version)) return {Word::yes, {}};
  if (answer.chose()) return {Word::certainly_not, "answered with " + version_text(answer.version)};
  if (answer.kind == Kind::alert)
    return {answer.alert == 70 ? Word::certainly_not : Word::no, "alert " + alert_text(answer.alert)};
  if (answer.kind == Kind::not_tls) return {Word::no, "an answer that is not TLS"};
  return {Word::no, answer.why.empty() ? "an answer that breaks off" : answer.why};
}
}  // namespace

std::string_view support_text(VersionFacts::Support support) {
  switch (support) {
    case VersionFacts::Support::unknown: return "unknown";
    case VersionFacts::Support::no: return "no";
    case VersionFacts::Support::yes: return "yes";
  }
  return "unknown";
}

SuitePass::SuitePass(Version version, std::string host) : host_(std::move(host)) {
  facts_.version = version;
  if (version != Version::ssl2) offered_ = left_ = suites_of(version);
}

std::optional<ClientHello> SuitePass::next() const {
  if (stage_ == Stage::done) return std::nullopt;
  ClientHello hello{.version = facts_.version, .suites = left_};
  if (facts_.version > Version::ssl3) {
    hello.groups = groups_of(facts_.version);
    hello.host = host_;
  }
  return hello;
}

void SuitePass::take(const Heard& heard) {
  if (heard.how != Heard::How::not_reached) ++facts_.connections;
  const Reading reading = read(heard, facts_.version, was_cut_);
  was_cut_ = reading.word == Word::again;
  switch (reading.word) {
    case Word::yes:
      note(heard, facts_);
      return choose(heard.answer);
    case Word::no:
    case Word::certainly_not: return refuse(reading.sign, reading.word == Word::certainly_not);
    case Word::not_told: return interrupt(reading.sign);
    case Word::again: return;
  }
}

void SuitePass::choose(const ServerAnswer& answer) {
  facts_.support = VersionFacts::Support::yes;
  if (facts_.version == Version::ssl2) {
    facts_.ssl2_suites = answer.ssl2_suites;
    facts_.suites_are_all = true;
    stage_ = Stage::done;
    return;
  }
  if (stage_ == Stage::order) {
    facts_.server_orders = answer.suite != left_.front();
    stage_ = Stage::done;
    return;
  }
  if (!take_out(left_, answer.suite)) return interrupt("chose " + suite_text(answer.suite) + ", which was not offered");
  facts_.suites.push_back({answer.suite, answer.group, answer.dh_bits, answer.export_rsa_bits});
  if (left_.empty()) end_part();
}

void SuitePass::refuse(std::string sign, bool for_certain) {
  if (stage_ == Stage::order) {
    stage_ = Stage::done;
    return;
  }
  if (facts_.is_spoken()) return end_part();
  if (facts_.version == Version::ssl2 || for_certain || stage_ == Stage::parts) {
    facts_.support = VersionFacts::Support::no;
    facts_.how = std::move(sign);
    stage_ = Stage::done;
    return;
  }
  // Was it the version or the long list? The common suites alone tell.
  stage_ = Stage::parts;
  for (std::size_t i = 0; i < offered_.size(); i += suites_in_a_part)
    parts_.emplace_back(offered_.begin() + static_cast<std::ptrdiff_t>(i),
                        offered_.begin() + static_cast<std::ptrdiff_t>(std::min(offered_.size(), i + suites_in_a_part)));
  left_ = parts_.front();
  parts_.erase(parts_.begin());
}

void SuitePass::interrupt(std::string why) {
  facts_.how = std::move(why);
  stage_ = Stage::done;
}

void SuitePass::end_part() {
  if (stage_ == Stage::parts && !parts_.empty()) {
    left_ = parts_.front();
    parts_.erase(parts_.begin());
    return;
  }
  facts_.suites_are_all = true;
  ask_for_order();
}

void SuitePass::ask_for_order() {
  const bool in_parts = stage_ == Stage::parts;  // then the order between them is ours
  stage_ = Stage::done;
  if (facts_.suites.size() < 2 || in_parts) return;
  std::vector<std::uint16_t> chosen;
  for (const SuiteSeen& seen : facts_.suites) chosen.push_back(seen.suite);
  const auto place = [this](std::uint16_t suite) { return std::find(offered_.begin(), offered_.end(), suite); };
  if (!std::is_sorted(chosen.begin(), chosen.end(), [&](auto a, auto b) { return place(a) < place(b); })) {
    facts_.server_orders = true;
    return;
  }
  // It went by our order, or its own is the same: the reverse tells.
  left_.assign(chosen.rbegin(), chosen.rend());
  stage_ = Stage::order;
}

GroupPass::GroupPass(VersionFacts& found, std::string host) : found_(found), host_(std::move(host)), left_(groups_of(found.version)) {
  std::vector<std::uint16_t> with_ecdsa;
  for (const SuiteSeen& seen : found.suites) {
    const SuiteTraits traits = traits_of(seen.suite);
    if (traits.exchange == KeyExchange::ecdh) (traits.ecdsa ? with_ecdsa : suites_).push_back(seen.suite);
  }
  // A suite with ECDSA needs the curve of the server's key among the groups (RFC 8422 section 5.1), so that not every group
  // could be taken away: the others are better to ask with.
  if (suites_.empty() && !with_ecdsa.empty()) {
    suites_ = with_ecdsa;
    key_may_matter_ = true;
  }
  done_ = suites_.empty();
  found_.groups_are_all = done_ && found.suites_are_all;
}

std::optional<ClientHello> GroupPass::next() const {
  if (done_) return std::nullopt;
  return ClientHello{.version = found_.version, .suites = suites_, .groups = left_, .host = host_};
}

void GroupPass::take(const Heard& heard) {
  if (heard.how != Heard::How::not_reached) ++found_.connections;
  const Reading reading = read(heard, found_.version, was_cut_);
  was_cut_ = reading.word == Word::again;
  if (reading.word == Word::again) return;
  done_ = true;
  if (reading.word == Word::not_told) {
    found_.how = reading.sign;
    return;
  }
  // With a key on a curve the refusal may be about the key.
  found_.groups_are_all = reading.word != Word::yes && !key_may_matter_;
  if (reading.word != Word::yes || !take_out(left_, heard.answer.group)) return;
  found_.groups.push_back(heard.answer.group);
  done_ = left_.empty();
}

Tls13Pass::Tls13Pass(std::string host) : host_(std::move(host)), offered_(suites_of(Version::tls1_3)), suites_left_(offered_), groups_left_(groups_of(Version::tls1_3)) {
  facts_.version = Version::tls1_3;
}

std::vector<std::uint16_t> Tls13Pass::found_suites() const {
  std::vector<std::uint16_t> out;
  for (const SuiteSeen& seen : facts_.suites) out.push_back(seen.suite);
  return out;
}

std::optional<ClientHello> Tls13Pass::next() const {
  if (stage_ == Stage::done) return std::nullopt;
  ClientHello hello{.version = Version::tls1_3, .suites = suites_left_, .groups = groups_left_, .host = host_};
  if (stage_ == Stage::groups) hello.suites = found_suites();
  if (stage_ == Stage::suites || stage_ == Stage::order) hello.groups = facts_.groups;
  if (stage_ == Stage::order) {
    hello.suites = found_suites();
    std::reverse(hello.suites.begin(), hello.suites.end());
  }
  hello.share_x25519 = with_share_;
  if (with_share_ && std::find(hello.groups.begin(), hello.groups.end(), 0x001D) == hello.groups.end()) hello.groups.push_back(0x001D);
  return hello;
}

void Tls13Pass::take(const Heard& heard) {
  if (heard.how != Heard::How::not_reached) ++facts_.connections;
  const Reading reading = read(heard, Version::tls1_3, was_cut_);
  was_cut_ = reading.word == Word::again;
  switch (reading.word) {
    case Word::yes: return choose(heard.answer);
    case Word::no:
    case Word::certainly_not: return refuse(reading.sign, reading.word == Word::certainly_not);
    case Word::not_told: return interrupt(reading.sign);
    case Word::again: return;
  }
}

void Tls13Pass::choose(const ServerAnswer& answer) {
  facts_.support = VersionFacts::Support::yes;
  if (stage_ == Stage::order) {
    facts_.server_orders = answer.suite != facts_.suites.back().suite;
    stage_ = Stage::done;
    return;
  }
  const bool new_suite = take_out(suites_left_, answer.suite), new_group = take_out(groups_left_, answer.group);
  if (new_suite) facts_.suites.push_back({answer.suite, answer.group, 0, 0});
  if (new_group) facts_.groups.push_back(answer.group);
  if (!new_suite && !new_group) return interrupt("chose " + suite_text(answer.suite) + " and " + group_text(answer.group) + ", which were not offered");
  if (stage_ == Stage::first) stage_ = Stage::both;
  if (stage_ == Stage::shared) {
    facts_.how = "groups: a hello without a key share is refused, and with one the server takes that";
    stage_ = Stage::suites;
  }
  // The one that just was refused together with the other had nothing left to choose from.
  if (stage_ == Stage::groups && group_was_refused_) facts_.suites_are_all = true;
  go_on();
}

void Tls13Pass::refuse(std::string sign, bool for_certain) {
  switch (stage_) {
    case Stage::first:
    case Stage::shared:
      if (stage_ == Stage::first && !for_certain) {
        with_share_ = true;
        stage_ = Stage::shared;
        return;
      }
      facts_.support = VersionFacts::Support::no;
      facts_.how = std::move(sign);
      stage_ = Stage::done;
      return;
    case Stage::both:  // one of the two is at its end: the known suites tell which
      group_was_refused_ = true;
      stage_ = Stage::groups;
      return;
    case Stage::groups:
      facts_.groups_are_all = true;
      stage_ = Stage::suites;
      return go_on();
    case Stage::suites:
      facts_.suites_are_all = true;
      return go_on();
    case Stage::order:
    case Stage::done: stage_ = Stage::done; return;
  }
}

void Tls13Pass::interrupt(std::string why) {
  facts_.how = std::move(why);
  stage_ = Stage::done;
}

/// Where to go from here, when something has become known.
void Tls13Pass::go_on() {
  if (suites_left_.empty()) facts_.suites_are_all = true;
  if (groups_left_.empty()) facts_.groups_are_all = true;
  if (stage_ == Stage::both && !facts_.suites_are_all && !facts_.groups_are_all) return;
  if (stage_ == Stage::groups && !facts_.groups_are_all) return;
  if (!facts_.suites_are_all) {
    stage_ = Stage::suites;
    return;
  }
  if (!facts_.groups_are_all && !with_share_) {
    stage_ = Stage::groups;
    return;
  }
  stage_ = Stage::done;
  if (facts_.suites.size() < 2) return;
  const std::vector<std::uint16_t> chosen = found_suites();
  const auto place = [this](std::uint16_t suite) { return std::find(offered_.begin(), offered_.end(), suite); };
  if (std::is_sorted(chosen.begin(), chosen.end(), [&](auto a, auto b) { return place(a) < place(b); }))
    stage_ = Stage::order;
  else
    facts_.server_orders = true;
}

}  // namespace mailmedic::tls
