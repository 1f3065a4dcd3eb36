#include "checks/dmarc/record.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "lib/text/ascii.hpp"

namespace mailmedic::dmarc {

namespace {

std::optional<Policy> policy_of(std::string_view value) {
  for (const Policy policy : {Policy::none, Policy::quarantine, Policy::reject})
    if (text::equals_ignoring_case(value, policy_text(policy))) return policy;
  return std::nullopt;
}

/// "mailto:reports@example.org!10m". RFC 9989 section 4.8; the size is obsolete, and "!" and "," must be encoded.
std::optional<ReportUri> uri_of(std::string_view text, std::string& why) {
  ReportUri uri;
  if (const auto mark = text.rfind('!'); mark != std::string_view::npos) {
    std::string_view size = text.substr(mark + 1);
    if (!size.empty() && std::string_view("kmgtKMGT").find(size.back()) != std::string_view::npos) size.remove_suffix(1);
    if (size.empty() || !std::all_of(size.begin(), size.end(), text::is_digit)) {
      why = "an exclamation mark must be written %21";
      return std::nullopt;
    }
    uri.has_size = true;
    text = text.substr(0, mark);
  }
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) { return c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>'; });
  const auto colon = text.find(':');
  if (bad != text.end()) {
    why = "a character that no URI can hold";
    return std::nullopt;
  }
  if (colon == std::string_view::npos || colon == 0) {
    why = text.find('@') != std::string_view::npos ? "an address needs \"mailto:\" in front" : "not a URI";
    return std::nullopt;
  }
  uri.text = text;
  uri.scheme = text::lower(text.substr(0, colon));
  if (!text::is_alpha(uri.scheme.front()) ||
      !std::all_of(uri.scheme.begin(), uri.scheme.end(), [](char c) { return text::is_alnum(c) || c == '+' || c == '-' || c == '.'; })) {
    why = "not a URI";
    return std::nullopt;
  }
  if (uri.scheme == "mailto") {
    std::string_view address = text.substr(colon + 1);
    address = address.substr(0, address.find('?'));
    const auto at = address.rfind('@');
    auto domain = at == std::string_view::npos || at == 0 ? dns::Name::from_bytes("") : dns::Name::from_bytes(address.substr(at + 1));
    if (!domain || domain->is_root()) {
      why = "not an address with a domain";
      return std::nullopt;
    }
    uri.domain = std::move(*domain);
  }
  return uri;
}

class Reader {
 public:
  explicit Reader(Record& record) : record_(record) {}

  void read(std::string_view text) {
    std::size_t count = 0;
    for (const std::string_view part : text::split(text, ';')) {
      const std::string_view body = text::trimmed(part);
      if (body.empty()) continue;
      const auto offset = static_cast<std::size_t>(body.data() - text.data());
      // One part at a time: a broken one is skipped, the rest still counts (section 4.7).
      const auto parsed = text::TagList::parse(body);
      if (!parsed) {
        note(Fault::syntax, std::string(body), "", parsed.error().why, offset);
        continue;
      }
      text::Tag tag = parsed->tags().front();
      tag.offset = offset;
      tag.name = text::lower(tag.name);
      if (!seen_.insert(tag.name).second)
        note(Fault::duplicate, tag.name, tag.value, "the first one counts", offset);
      else
        take(tag, ++count);
    }
  }

 private:
  void note(Fault fault, std::string tag, std::string value, std::string why, std::size_t offset) {
    // A text of the largest size can hold tens of thousands of them. What changes the policy is never left out.
    if (record_.problems.size() >= max_problems && fault != Fault::bad_policy) return;
    record_.problems.push_back({fault, std::move(tag), std::move(value), std::move(why), offset});
  }
  void bad_value(const text::Tag& tag, std::string why) { note(Fault::bad_value, tag.name, tag.value, std::move(why), tag.offset); }

  void policy(const text::Tag& tag, std::optional<Policy>& into) {
    into = policy_of(tag.value);
    if (into) return;
    const bool runs_on = tag.value.find('=') != std::string::npos || tag.value.find(' ') != std::string::npos;
    note(Fault::bad_policy, tag.name, tag.value, runs_on ? "a \";\" seems to be missing behind the policy" : "must be none, quarantine or reject", tag.offset);
  }
  void mode(const text::Tag& tag, AlignmentMode& into) {
    if (text::equals_ignoring_case(tag.value, "s"))
      into = AlignmentMode::strict;
    else if (!text::equals_ignoring_case(tag.value, "r"))
      bad_value(tag, "must be r or s");
  }
  void uris(const text::Tag& tag, std::vector<ReportUri>& into) {
    for (const std::string_view piece : text::split(tag.value, ',')) {
      if (into.size() == max_uris) return;
      std::string why = "an empty address";
      const std::string_view text = text::trimmed(piece);
      auto uri = text.empty() ? std::nullopt : uri_of(text, why);
      if (uri)
        into.push_back(std::move(*uri));
      else
        note(Fault::bad_uri, tag.name, std::string(text), why, tag.offset);
    }
  }
  void failure_options(const text::Tag& tag) {
    record_.fo = tag.value;
    bool zero = false, one = false;
    for (const std::string_view piece : text::split(tag.value, ':')) {
      const std::string option = text::lower(text::trimmed(piece));
      if (option != "0" && option != "1" && option != "d" && option != "s") return bad_value(tag, "must be 0, 1, d or s, with colons between");
      zero = zero || option == "0";
      one = one || option == "1";
    }
    if (zero && one) bad_value(tag, "0 and 1 exclude each other");
  }
  void take(const text::Tag& tag, std::size_t place) {
    if (tag.name == "v") return;
    if (tag.name == "p") {
      record_.has_p = true;
      record_.p_is_second = place == 2;
      policy(tag, record_.p);
    } else if (tag.name == "sp") {
      policy(tag, record_.sp);
    } else if (tag.name == "np") {
      policy(tag, record_.np);
    } else if (tag.name == "adkim") {
      mode(tag, record_.adkim);
    } else if (tag.name == "aspf") {
      mode(tag, record_.aspf);
    } else if (tag.name == "t") {
      record_.testing = text::equals_ignoring_case(tag.value, "y");
      if (!record_.testing && !text::equals_ignoring_case(tag.value, "n")) bad_value(tag, "must be y or n");
    } else if (tag.name == "psd") {
      if (text::equals_ignoring_case(tag.value, "y")) record_.psd = Psd::yes;
      else if (text::equals_ignoring_case(tag.value, "n")) record_.psd = Psd::no;
      else if (!text::equals_ignoring_case(tag.value, "u")) bad_value(tag, "must be y, n or u");
    } else if (tag.name == "fo") {
      failure_options(tag);
    } else if (tag.name == "rua") {
      record_.has_rua = true;
      uris(tag, record_.rua);
    } else if (tag.name == "ruf") {
      record_.has_ruf = true;
      uris(tag, record_.ruf);
    } else if (tag.name == "pct" || tag.name == "rf" || tag.name == "ri") {
      note(Fault::removed_tag, tag.name, tag.value, "removed by RFC 9989", tag.offset);
      int value = 0;
      const auto [end, failed] = std::from_chars(tag.value.data(), tag.value.data() + tag.value.size(), value);
      if (tag.name == "pct" && failed == std::errc() && end == tag.value.data() + tag.value.size() && value >= 0 && value <= 100) record_.pct = value;
    } else {
      note(Fault::unknown_tag, tag.name, tag.value, "ignored by receivers", tag.offset);
    }
  }

  Record& record_;
  std::unordered_set<std::string> seen_;
};

Policy lowered(Policy policy) { return policy == Policy::reject ? Policy::quarantine : Policy::none; }

}  // namespace

std::string_view policy_text(Policy policy) {
  constexpr std::string_view words[] = {"none", "quarantine", "reject"};
  return words[static_cast<std::size_t>(policy)];
}

bool Record::has(Fault fault) const {
  return std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) { return problem.fault == fault; });
}

bool is_dmarc_record(std::string_view text) {
  const auto white = [&] {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  };
  if (text.empty() || text::lower(text.front()) != 'v') return false;
  text.remove_prefix(1);
  white();
  if (!text.starts_with('=')) return false;
  text.remove_prefix(1);
  white();
  if (!text.starts_with("DMARC1")) return false;
  text.remove_prefix(6);
  white();
  return text.empty() || text.front() == ';';
}

text::Parsed<Record> parse_record(std::string_view text) {
  if (!is_dmarc_record(text)) return text::ParseError{0, "the first tag is not v=DMARC1"};
  Record record;
  record.text = text;
  Reader(record).read(text);
  return record;
}

Effective effective_policy(const Record& record, Subject subject, Standard standard) {
  const bool new_rules = standard == Standard::rfc9989;
  const auto broken = [&](const Problem& problem) { return problem.fault == Fault::bad_policy && (new_rules || problem.tag != "np"); };
  const bool invalid = std::any_of(record.problems.begin(), record.problems.end(), broken);
  if (invalid || (!new_rules && !record.has_p)) return {!record.rua.empty(), Policy::none, "default"};
  Effective effective;
  effective.from = record.p ? "p" : "default";
  effective.policy = record.p.value_or(Policy::none);
  if (subject != Subject::domain && record.sp) {
    effective.from = "sp";
    effective.policy = *record.sp;
  }
  if (subject == Subject::nonexistent_subdomain && new_rules && record.np) {
    effective.from = "np";
    effective.policy = *record.np;
  }
  if (new_rules && record.testing) effective.policy = lowered(effective.policy);
  return effective;
}

}  // namespace mailmedic::dmarc
