#pragma once
// check_host(): may this address send for this sender? RFC 7208 sections 4 to 7.
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checks/spf/record.hpp"
#include "checks/spf/record_cache.hpp"
#include "lib/dns/resolver.hpp"

namespace mailmedic::spf {

namespace asio = boost::asio;

/// Terms that may ask DNS in one evaluation. RFC 7208 section 4.6.4.
inline constexpr int max_lookups = 10;
/// Terms in one evaluation whose answer may be empty. RFC 7208 section 4.6.4.
inline constexpr int max_void_lookups = 2;
/// Hosts of one `mx`. RFC 7208 section 4.6.4.
inline constexpr std::size_t max_mx_hosts = 10;

/// RFC 7208 section 2.6.
enum class Result { none, neutral, pass, fail, soft_fail, temp_error, perm_error };
/// "softfail", "permerror" ...: the words of RFC 7208 section 2.6, as Received-SPF has them.
std::string_view result_text(Result result);

struct Query {
  net::Address ip;                    ///< of the SMTP client; IPv4-mapped IPv6 counts as IPv4 (section 5)
  std::string sender{};               ///< MAIL FROM without angle brackets; empty: postmaster@HELO (section 2.4)
  std::string helo{};                 ///< what the client said in EHLO, raw
  std::string receiver = "unknown";   ///< for %{r}
  std::string default_explanation{};  ///< where the domain gives none
  std::chrono::system_clock::time_point now{};  ///< for %{t}
};

enum class StepOutcome {
  match,
  no_match,
  error,
  not_evaluated,  ///< decided before, or nothing to evaluate (exp, unknown modifiers)
};

struct Trace;

/// One term and what became of it.
struct Step {
  std::string term;  ///< as written
  Kind kind = Kind::all;
  StepOutcome outcome = StepOutcome::not_evaluated;
  std::string target;           ///< the domain that was asked about, macros expanded
  int lookups = 0;              ///< counted for this term and all below it
  int void_lookups = 0;         ///< likewise
  std::vector<std::string> names;       ///< hosts of an mx, validated names of a ptr
  std::vector<net::Address> addresses;  ///< that were compared with the client's
  std::string why;              ///< for an error, in English
  std::unique_ptr<Trace> child;  ///< of include and redirect
};

/// One record and how far it was evaluated.
struct Trace {
  std::string domain;
  std::string record;  ///< empty where there is none, or several
  Result result = Result::none;
  std::string why;     ///< of none, temperror and permerror, in English
  std::vector<Step> steps;
};

/// A term whose question had an empty answer or NXDOMAIN. A term counts once, however many of its questions (hosts
/// of an mx) are empty: section 4.6.4 limits the number of terms.
struct VoidLookup {
  std::string name;    ///< the name that was asked
  dns::Type type = dns::Type::a;
  std::string term;    ///< as written
  std::string domain;  ///< whose record holds the term
};

struct Evaluation {
  Result result = Result::none;
  std::string domain;       ///< whose record was evaluated first
  std::string sender;       ///< as completed by sections 2.4 and 4.3
  std::string explanation;  ///< for fail: the domain's own, or the default
  std::string mechanism;    ///< the directive that decided; "default" where none matched; empty without a verdict
  std::vector<std::string> path;  ///< the terms from the first record down to the one that matched
  std::string why;          ///< of none, temperror and permerror, in English
  int lookups = 0;
  std::vector<VoidLookup> void_lookups;
  Trace trace;
};

/// Evaluates the published record. All arguments must outlive the coroutine; `cache` saves reading the same texts
/// again when many queries are evaluated. A question that DNS does not answer makes temperror, never none.
asio::awaitable<Evaluation> evaluate(const Query& query, dns::Resolver& resolver, RecordCache* cache = nullptr);

/// What if the sender's domain had `record`? All other records are the published ones.
asio::awaitable<Evaluation> evaluate_proposed(const Query& query, const std::string& record, dns::Resolver& resolver,
                                              RecordCache* cache = nullptr);

/// {domain, record, result, why, terms: [{term, outcome, target, lookups, void_lookups, names, addresses, why, trace}]}.
boost::json::object to_json(const Trace& trace);
/// {result, domain, sender, explanation, mechanism, path, why, lookups, void_lookups, voids, trace}.
boost::json::object to_json(const Evaluation& evaluation);

}  // namespace mailmedic::spf
