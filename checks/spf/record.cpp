#include "checks/spf/record.hpp"

#include <array>
#include <charconv>

#include "lib/text/ascii.hpp"

namespace mailmedic::spf {

namespace {

constexpr std::string_view version = "v=spf1";
constexpr std::array<std::string_view, 10> kinds = {"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists", "redirect", "exp"};

struct Broken {
  Rule rule;
  std::size_t offset;  // in the term
  std::string why;
};
template <typename T>
using Result = boost::system::result<T, Broken>;

/// toplabel of section 7.1: letters, digits and inner hyphens, and not digits only.
bool is_toplabel(std::string_view label) {
  if (label.empty() || !text::is_alnum(label.front()) || !text::is_alnum(label.back())) return false;
  bool only_digits = true;
  for (const char c : label) {
    if (!text::is_alnum(c) && c != '-') return false;
    only_digits = only_digits && text::is_digit(c);
  }
  return !only_digits;
}

Result<DomainSpec> domain_spec(std::string_view text, std::size_t offset) {
  if (text.empty()) return Broken{Rule::arguments, offset, "a domain is missing"};
  DomainSpec spec;
  spec.text = text;
  auto macro = MacroString::parse(text, MacroUse::domain);
  if (!macro) {
    const auto at = macro.error().offset;
    const bool character = at < text.size() && (text[at] <= ' ' || text[at] == 0x7f);
    return Broken{character ? Rule::characters : Rule::macro, offset + at, macro.error().why};
  }
  spec.macro = std::move(*macro);
  if (!spec.macro.ends_in_macro()) {
    std::string_view tail = spec.macro.tail();
    if (tail.ends_with('.')) tail.remove_suffix(1);
    const auto dot = tail.rfind('.');
    if (dot == std::string_view::npos) return Broken{Rule::domain_spec, offset, "a domain needs at least two labels"};
    if (!is_toplabel(tail.substr(dot + 1)))
      return Broken{Rule::domain_spec, offset + text.size() - (tail.size() - dot - 1),
                    "the last label must be letters, digits and inner hyphens, and not digits only"};
  }
  if (spec.macro.is_literal()) {
    if (auto name = dns::Name::from_bytes(spec.macro.literal())) spec.name = std::move(*name);
  }
  return spec;
}

/// "0" or digits without a leading zero, up to `most`. Section 5.6, errata included.
std::optional<int> prefix_length(std::string_view digits, int most) {
  int value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || !text::is_digit(digits[0]) || failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (value > most || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  return value;
}

/// Four numbers to 255 without leading zeros: qnum of section 5.6.
bool is_ip4_network(std::string_view text) {
  const auto parts = text::split(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](auto part) { return part.size() <= 3 && prefix_length(part, 255); });
}

Result<Term> ip_term(Term term, std::string_view value, std::size_t offset) {
  const bool v4 = term.kind == Kind::ip4;
  const auto slash = value.find('/');
  const std::string_view network = value.substr(0, slash);
  if (network.empty()) return Broken{Rule::arguments, offset, "an address is missing"};
  boost::system::error_code failed;
  if (v4) {
    if (!is_ip4_network(network)) {
      const bool v6 = network.find(':') != network.rfind(':');
      return Broken{Rule::address, offset, v6 ? "an IPv6 address in ip4; it belongs in ip6" : "not an IPv4 address of four numbers from 0 to 255"};
    }
    term.network.network = boost::asio::ip::make_address_v4(std::string(network), failed);
  } else {
    if (network.find('%') != std::string_view::npos || network.size() > 45) return Broken{Rule::address, offset, "not an IPv6 address"};
    if (is_ip4_network(network)) return Broken{Rule::address, offset, "an IPv4 address in ip6; it belongs in ip4"};
    // An IPv4-mapped network stays IPv6 and so matches nobody: mapped clients are IPv4 (section 5).
    term.network.network = boost::asio::ip::make_address_v6(std::string(network), failed);
  }
  if (failed) return Broken{Rule::address, offset, "not an IPv6 address"};
  term.network.length = v4 ? 32 : 128;
  if (slash == std::string_view::npos) return term;
  const auto length = prefix_length(value.substr(slash + 1), term.network.length);
  if (!length)
    return Broken{Rule::address, offset + slash, fmt::format("the prefix length must be a number from 0 to {} without a leading zero", term.network.length)};
  term.network.length = *length;
  return term;
}

/// Takes "/24", "//64" or "/24//64" off the end of `value`. Section 5.6: dual-cidr-length.
std::optional<Broken> take_dual_cidr(Term& term, std::string_view& value, std::size_t offset) {
  const auto digits_from = [&] {
    std::size_t at = value.size();
    while (at > 0 && text::is_digit(value[at - 1])) --at;
    return at;
  };
  std::size_t at = digits_from();
  if (at == value.size() || at < 1 || value[at - 1] != '/') return std::nullopt;
  if (at >= 2 && value[at - 2] == '/') {
    const auto length = prefix_length(value.substr(at), 128);
    if (!length) return Broken{Rule::arguments, offset + at, "the IPv6 prefix length must be a number from 0 to 128 without a leading zero"};
    term.ip6_length = *length;
    value = value.substr(0, at - 2);
    at = digits_from();
    if (at == value.size() || at < 1 || value[at - 1] != '/') return std::nullopt;
  }
  const auto length = prefix_length(value.substr(at), 32);
  if (!length) return Broken{Rule::arguments, offset + at, "the IPv4 prefix length must be a number from 0 to 32 without a leading zero"};
  term.ip4_length = *length;
  value = value.substr(0, at - 1);
  return std::nullopt;
}

/// What follows a mechanism's name: nothing, ":..." or "/...".
Result<Term> mechanism(Term term, std::string_view rest, std::size_t offset) {
  const bool has_colon = rest.starts_with(':');
  switch (term.kind) {
    case Kind::all:
      if (!rest.empty()) return Broken{Rule::arguments, offset, "\"all\" takes no argument"};
      return term;
    case Kind::ip4:
    case Kind::ip6:
      if (!has_colon) return Broken{Rule::arguments, offset, "an address is missing"};
      return ip_term(std::move(term), rest.substr(1), offset + 1);
    case Kind::a:
    case Kind::mx:
      if (auto broken = take_dual_cidr(term, rest, offset)) return std::move(*broken);
      if (rest.empty()) return term;
      break;
    case Kind::ptr:
      if (rest.empty()) return term;
      break;
    default:
      if (rest.empty()) return Broken{Rule::arguments, offset, "a domain is missing"};
  }
  if (!rest.starts_with(':')) return Broken{Rule::arguments, offset, "a prefix length that this mechanism cannot have, or that is malformed"};
  auto spec = domain_spec(rest.substr(1), offset + 1);
  if (!spec) return spec.error();
  term.domain = std::move(*spec);
  return term;
}

Result<Term> modifier(Term term, std::string_view name, std::string_view value, std::size_t offset) {
  term.kind = text::equals_ignoring_case(name, "redirect") ? Kind::redirect
              : text::equals_ignoring_case(name, "exp")    ? Kind::exp
                                                           : Kind::unknown_modifier;
  if (term.kind == Kind::unknown_modifier) {
    if (auto macro = MacroString::parse(value, MacroUse::domain); !macro)
      return Broken{Rule::macro, offset + macro.error().offset, macro.error().why};
    return term;
  }
  auto spec = domain_spec(value, offset);
  if (!spec) return spec.error();
  term.domain = std::move(*spec);
  return term;
}

Result<Term> term_of(std::string_view text) {
  Term term;
  term.text = text;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (const auto byte = static_cast<unsigned char>(text[at]); byte <= ' ' || byte >= 0x7f)
      return Broken{Rule::characters, at, byte >= 0x80 ? "a character outside US-ASCII" : "a control character; only spaces separate terms"};
  std::size_t at = 0;
  const bool qualified = std::string_view("+-~?").find(text[0]) != std::string_view::npos;
  if (qualified) term.qualifier = static_cast<Qualifier>(text[at++]);
  const std::size_t name_at = at;
  if (at < text.size() && text::is_alpha(text[at]))
    while (at < text.size() && (text::is_alnum(text[at]) || text[at] == '-' || text[at] == '_' || text[at] == '.')) ++at;
  const std::string_view name = text.substr(name_at, at - name_at);
  // "=" right behind the name makes it a modifier (section 4.6.1), which has no qualifier.
  if (!qualified && !name.empty() && at < text.size() && text[at] == '=') return modifier(std::move(term), name, text.substr(at + 1), at + 1);
  for (std::size_t i = 0; i < static_cast<std::size_t>(Kind::redirect); ++i) {
    if (text::equals_ignoring_case(name, kinds[i])) {
      term.kind = static_cast<Kind>(i);
      return mechanism(std::move(term), text.substr(at), at);
    }
  }
  std::string why = "no such mechanism";
  if (text::equals_ignoring_case(name, "redirect") || text::equals_ignoring_case(name, "exp"))
    why = fmt::format("\"{}\" is a modifier: it is written with \"=\" and without a qualifier", text::lower(name));
  else if (is_ip4_network(text.substr(name_at, text.find('/', name_at) - name_at)))
    why = "an address needs \"ip4:\" in front";
  return Broken{Rule::unknown_mechanism, name_at, why};
}

}  // namespace

std::string_view kind_text(Kind kind) {
  return kind == Kind::unknown_modifier ? std::string_view() : kinds[static_cast<std::size_t>(kind)];
}

const Term* Record::find(Kind kind) const {
  for (const Term& term : terms)
    if (term.kind == kind) return &term;
  return nullptr;
}

bool Record::uses_macro(char letter) const {
  return std::any_of(terms.begin(), terms.end(), [&](const Term& term) { return term.domain && term.domain->macro.uses(letter); });
}

bool is_spf_record(std::string_view text) {
  return text::starts_with_ignoring_case(text, version) && (text.size() == version.size() || text[version.size()] == ' ');
}

Reading read_record(std::string_view text) {
  Reading reading;
  reading.record.text = text;
  if (!is_spf_record(text)) {
    reading.errors.push_back({Rule::characters, 0, std::string(text.substr(0, text.find(' '))), "a record starts with \"v=spf1\" and a space"});
    return reading;
  }
  std::size_t at = version.size();
  while (at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && text[at] != ' ') ++at;
    const std::string_view written = text.substr(begin, at - begin);
    auto term = term_of(written);
    if (!term) {
      reading.errors.push_back({term.error().rule, begin + term.error().offset, std::string(written), term.error().why});
      continue;
    }
    term->offset = begin;
    if ((term->kind == Kind::redirect || term->kind == Kind::exp) && reading.record.find(term->kind)) {
      reading.errors.push_back({Rule::duplicate_modifier, begin, std::string(written), fmt::format("\"{}\" may stand only once", kind_text(term->kind))});
      continue;
    }
    reading.record.terms.push_back(std::move(*term));
  }
  return reading;
}

text::Parsed<Record> parse_record(std::string_view text) {
  Reading reading = read_record(text);
  if (!reading.errors.empty()) return text::ParseError{reading.errors.front().offset, reading.errors.front().why};
  return std::move(reading.record);
}

}  // namespace mailmedic::spf
