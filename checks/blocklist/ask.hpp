#pragma once
// Asks lists about subjects and about their own health, all at once.
#include <boost/asio/awaitable.hpp>
#include <variant>

#include "checks/blocklist/lists.hpp"
#include "lib/dns/resolver.hpp"

namespace mailmedic::blocklist {

namespace asio = boost::asio;

enum class State {
  listed,
  clean,
  refused,    ///< the list would not tell: no verdict
  dead,       ///< its test entries say that it does not work, or that it lists everything: no verdict
  rewritten,  ///< something between us and the list answers for it: no verdict
  timeout,    ///< no answer: no verdict
};
std::string_view state_word(State state);

using Subject = std::variant<net::Address, dns::Name>;
std::string subject_text(const Subject& subject);

/// What one list says of one subject, and on what grounds.
struct Result {
  const List* list = nullptr;
  Subject subject;
  State state = State::timeout;
  bool policy_only = false;
  bool missing_zone = false;           ///< dead because nothing of the zone exists
  std::vector<std::string> codes;      ///< addresses answered
  std::vector<std::string> meanings;   ///< of the codes; or why there is no verdict
  std::string reason;                  ///< the list's own words (TXT)
  dns::Name question;                  ///< the name that was asked
  std::string server;
  std::chrono::seconds ttl{0};
};

/// One result for each list and each subject that the list is about, in the order of the lists. A list is believed
/// only while its test entry is listed (RFC 5782 section 5). Test entries and subjects are asked in one round trip; or, as
/// `one_of_many`, the test entries first, which are the same for all, then the subjects at the lists that work. A listing
/// is believed only where the entry that must not be listed is not, which is asked when a list has named the subject, together
/// with its reason (TXT). No list waits for another. The lists must outlive the results.
asio::awaitable<std::vector<Result>> ask(const std::vector<List>& lists, const std::vector<Subject>& subjects, dns::Resolver& dns, bool one_of_many);

/// A list whose kinds are not known, and that has the test entries of one kind of subject only, is about that kind: its silence on
/// others means nothing. For the results of several questions together; each alone has it done.
void leave_out_other_kinds(std::vector<Result>& results);

}  // namespace mailmedic::blocklist
