#pragma once
// Which hello to send next, given what a server said to those before: offer all, take away what it chose, ask again until it
// refuses. Without I/O. What a server takes is then known exactly, with one connection more than it takes suites.
#include <optional>
#include <string>
#include <vector>

#include "lib/tls/client_hello.hpp"
#include "lib/tls/server_hello.hpp"

namespace mailmedic::tls {

/// How one hello ended.
struct Heard {
  enum class How {
    answered,     ///< `answer` has it; also where bytes came and then the connection ended
    cut,          ///< closed or reset without a word: a "no" of some servers, and also what a limit looks like
    silent,       ///< nothing within our limit
    not_reached,  ///< the way to the hello failed (421, no connection): nothing was measured
  };
  How how = How::not_reached;
  ServerAnswer answer{};
  std::string why{};  ///< for not_reached: a reply or an error, raw
};

/// A suite as the server chose it.
struct SuiteSeen {
  std::uint16_t suite = 0;
  std::uint16_t group = 0;  ///< that came with it
  int dh_bits = 0;
  int export_rsa_bits = 0;
};

/// What was found about one version.
struct VersionFacts {
  Version version = Version::tls1_2;
  enum class Support { unknown, no, yes } support = Support::unknown;
  std::string how;                    ///< for no: the sign it was told by. For unknown: what came in between
  std::vector<SuiteSeen> suites;      ///< in the order in which the server chose them
  std::vector<std::uint32_t> ssl2_suites;
  bool suites_are_all = false;        ///< false: what came in between stands in `how`, and there may be more
  std::optional<bool> server_orders;  ///< the server goes by an order of its own; nothing: not told, or one suite only
  std::vector<std::uint16_t> groups;  ///< in the order in which they were chosen
  bool groups_are_all = false;
  int connections = 0;
  // Of any of its answers:
  std::vector<std::vector<std::string>> chains;  ///< DER; distinct ones, four at most
  bool compresses = false, requests_certificate = false, staples = false, has_tickets = false, encrypts_then_macs = false;
  std::optional<bool> secure_renegotiation, extended_master_secret;

  bool is_spoken() const { return support == Support::yes; }
};
std::string_view support_text(VersionFacts::Support support);  ///< "yes", "no", "unknown"

/// The suites of one version from SSLv2 to TLS 1.2.
class SuitePass {
 public:
  SuitePass(Version version, std::string host);
  /// The hello to send; nothing when all is told that can be.
  std::optional<ClientHello> next() const;
  void take(const Heard& heard);
  const VersionFacts& facts() const { return facts_; }

 private:
  enum class Stage { all, parts, order, done };
  void choose(const ServerAnswer& answer);
  void refuse(std::string sign, bool for_certain);
  void interrupt(std::string why);
  void end_part();
  void ask_for_order();

  std::string host_;
  Stage stage_ = Stage::all;
  std::vector<std::uint16_t> offered_, left_;
  std::vector<std::vector<std::uint16_t>> parts_;  ///< still to be asked, where one offer of all was refused
  bool was_cut_ = false;
  VersionFacts facts_;
};

/// The elliptic curves of TLS 1.2 and older, one after the other, with suites that were found by a SuitePass.
class GroupPass {
 public:
  /// `found` gains the groups when the pass is done. Nothing is asked where no suite has a curve.
  GroupPass(VersionFacts& found, std::string host);
  std::optional<ClientHello> next() const;
  void take(const Heard& heard);

 private:
  VersionFacts& found_;
  std::string host_;
  std::vector<std::uint16_t> suites_, left_;
  bool key_may_matter_ = false, was_cut_ = false, done_ = false;
};

/// Suites and groups of TLS 1.3, both by the same hellos: the server answers with a HelloRetryRequest that names one of each.
class Tls13Pass {
 public:
  explicit Tls13Pass(std::string host);
  std::optional<ClientHello> next() const;
  void take(const Heard& heard);
  const VersionFacts& facts() const { return facts_; }

 private:
  enum class Stage {
    first,   ///< everything
    shared,  ///< everything, with a share of x25519: the server does not bear a hello without one
    both,    ///< what is left of both
    groups,  ///< known suites, groups that are left
    suites,  ///< known groups, suites that are left
    order,   ///< known suites in reverse
    done
  };
  void choose(const ServerAnswer& answer);
  void refuse(std::string sign, bool for_certain);
  void interrupt(std::string why);
  void go_on();
  std::vector<std::uint16_t> found_suites() const;

  std::string host_;
  Stage stage_ = Stage::first;
  bool with_share_ = false, group_was_refused_ = false, was_cut_ = false;
  std::vector<std::uint16_t> offered_, suites_left_, groups_left_;
  VersionFacts facts_;
};

}  // namespace mailmedic::tls
