#pragma once
#include "checks/blocklist/ask.hpp"
#include "checks/check.hpp"

namespace mailmedic::blocklist {

/// Is the domain, or an address that sends its mail, on a list? A list that refuses, is dead, is rewritten on the way
/// or does not answer is never a listing, and never "not listed".
asio::awaitable<CheckReport> check(const Target& target, Probes& probes);

/// The same for any subjects: what the blocklist tool asks. `one_of_many`: see Target.
asio::awaitable<CheckReport> check_subjects(const std::vector<Subject>& subjects, const Lists& lists, dns::Resolver& dns, bool one_of_many);

}  // namespace mailmedic::blocklist
