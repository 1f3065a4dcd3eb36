#pragma once
// The text of an SPF record as terms. Pure: no DNS. RFC 7208 sections 4.5, 4.6.1, 5, 6 and 12.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/spf/macro.hpp"
#include "lib/dns/name.hpp"
#include "lib/net/address.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::spf {

/// What a match of a mechanism means. Section 4.6.2.
enum class Qualifier : char { pass = '+', fail = '-', soft_fail = '~', neutral = '?' };

enum class Kind { all, include, a, mx, ptr, ip4, ip6, exists, redirect, exp, unknown_modifier };

/// The rule of the grammar that a text breaks.
enum class Rule {
  characters,          ///< non-ASCII or control characters. Sections 3.1, 4.6.1
  unknown_mechanism,   ///< section 4.6.1
  duplicate_modifier,  ///< redirect or exp twice. Section 6
  address,             ///< of ip4 or ip6, its prefix length too. Section 5.6
  domain_spec,         ///< section 7.1
  macro,               ///< sections 7.1 to 7.3
  arguments,           ///< one missing, or one too many; dual CIDR form. Sections 5.1 to 5.7
};

/// The target of a mechanism or modifier: a macro string that names a domain. Section 7.1.
struct DomainSpec {
  std::string text;               ///< as written
  MacroString macro;
  /// The domain, where it needs no expansion; nothing for one that DNS cannot carry (a label over 63 bytes).
  std::optional<dns::Name> name;
};

struct Term {
  Kind kind = Kind::all;
  Qualifier qualifier = Qualifier::pass;
  std::string text;                    ///< as written: "-include:example.org"
  std::size_t offset = 0;              ///< in the record's text, in bytes
  std::optional<DomainSpec> domain{};  ///< none: the domain of the record itself
  net::Prefix network{};               ///< for ip4 and ip6, as written (host bits kept)
  int ip4_length = 32, ip6_length = 128;  ///< for a and mx: the dual CIDR lengths. Section 5.6

  bool is_mechanism() const { return kind < Kind::redirect; }
  /// Does evaluating it count towards the ten? Section 4.6.4. (An `exp` is asked too, and does not count.)
  bool costs_lookup() const {
    return kind == Kind::include || kind == Kind::a || kind == Kind::mx || kind == Kind::ptr || kind == Kind::exists ||
           kind == Kind::redirect;
  }
};

struct Record {
  std::string text;
  std::vector<Term> terms;  ///< in the order in which they are written

  /// The first of that kind, or nothing.
  const Term* find(Kind kind) const;
  bool uses_macro(char letter) const;
};

struct SyntaxError {
  Rule rule = Rule::characters;
  std::size_t offset = 0;  ///< in bytes, in the record's text
  std::string term;        ///< the whole term, as written
  std::string why;         ///< in English
};

/// A record as far as it can be read.
struct Reading {
  Record record;                    ///< the terms without errors
  std::vector<SyntaxError> errors;  ///< any of them makes the result permerror. Section 4.6
};

/// Is `text` selected as an SPF record: "v=spf1" in any case, then a space or the end? Section 4.5.
bool is_spf_record(std::string_view text);

/// Reads a record to its end and keeps every error. `text` that is not selected gives one error at its start.
Reading read_record(std::string_view text);

/// The record, or the first error in it.
text::Parsed<Record> parse_record(std::string_view text);

/// "all", "include" ...; "" for an unknown modifier.
std::string_view kind_text(Kind kind);

}  // namespace mailmedic::spf
