#include "lib/feedback/aggregate.hpp"

#include <charconv>

#include "lib/text/ascii.hpp"
#include "lib/xml/element.hpp"

namespace mailmedic::feedback {

namespace {

/// A busy domain's report has ten thousands of rows of some twenty elements each.
constexpr std::size_t most_elements = 500'000;
/// Bytes that are kept of one text: names have 253, comments some more.
constexpr std::size_t most_text = 500;
constexpr std::string_view namespace_9990 = "urn:ietf:params:xml:ns:dmarc-2.0";

std::string_view local(std::string_view name) {
  const auto colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

const xml::Element* child(const xml::Element& of, std::string_view name) {
  for (const xml::Element& one : of.children)
    if (local(one.name) == name) return &one;
  return nullptr;
}

std::string text_of(const xml::Element* of, std::string_view name) {
  const xml::Element* found = of ? child(*of, name) : nullptr;
  return found ? std::string(text::trimmed(found->text).substr(0, most_text)) : std::string();
}

std::string word_of(const xml::Element* of, std::string_view name) { return text::lower(text_of(of, name)); }

template <typename Number>
Number number_of(const xml::Element* of, std::string_view name) {
  const std::string text = text_of(of, name);
  Number out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);  // what is no number stays 0
  return out;
}

std::vector<AuthResult> results_of(const xml::Element* of, std::string_view name) {
  std::vector<AuthResult> out;
  if (!of) return out;
  for (const xml::Element& one : of->children)
    if (local(one.name) == name) out.push_back({word_of(&one, "domain"), word_of(&one, "result"), text_of(&one, "selector"), word_of(&one, "scope")});
  return out;
}

Row row_of(const xml::Element& record) {
  Row out;
  const xml::Element *row = child(record, "row"), *names = child(record, "identifiers"), *results = child(record, "auth_results");
  const xml::Element* evaluated = row ? child(*row, "policy_evaluated") : nullptr;
  out.source = text_of(row, "source_ip");
  out.count = number_of<std::uint64_t>(row, "count");
  out.disposition = word_of(evaluated, "disposition");
  out.dkim_aligned = word_of(evaluated, "dkim") == "pass";
  out.spf_aligned = word_of(evaluated, "spf") == "pass";
  if (evaluated)
    for (const xml::Element& one : evaluated->children)
      if (local(one.name) == "reason" && !word_of(&one, "type").empty()) out.overrides.push_back({word_of(&one, "type"), text_of(&one, "comment")});
  out.header_from = word_of(names, "header_from");
  out.envelope_from = word_of(names, "envelope_from");
  out.envelope_to = word_of(names, "envelope_to");
  out.dkim = results_of(results, "dkim");
  out.spf = results_of(results, "spf");
  return out;
}

Policy policy_of(const xml::Element* published) {
  return {.domain = word_of(published, "domain"), .p = word_of(published, "p"), .sp = word_of(published, "sp"), .np = word_of(published, "np"), .adkim = word_of(published, "adkim"),
          .aspf = word_of(published, "aspf"), .pct = word_of(published, "pct"), .testing = word_of(published, "testing"),
          .discovery_method = word_of(published, "discovery_method"), .fo = word_of(published, "fo")};
}

bool is_9990(const xml::Element& root, const Policy& policy) {
  for (const auto& [name, value] : root.attributes)
    if (value == namespace_9990) return true;
  return text_of(&root, "version").starts_with("2") || !policy.np.empty() || !policy.testing.empty() || !policy.discovery_method.empty();
}

}  // namespace

text::Parsed<Aggregate> parse_aggregate(std::string_view document) {
  const auto root = xml::parse(document, most_elements);
  if (!root) return root.error();
  if (local(root->name) != "feedback") return text::ParseError{0, "XML, but no DMARC report: its root is no <feedback>"};
  const xml::Element *metadata = child(*root, "report_metadata"), *published = child(*root, "policy_published");
  if (!published) return text::ParseError{0, "a DMARC report without the published policy"};
  const xml::Element* range = metadata ? child(*metadata, "date_range") : nullptr;
  Aggregate out;
  out.organization = text_of(metadata, "org_name");
  out.email = text_of(metadata, "email");
  out.contact = text_of(metadata, "extra_contact_info");
  out.id = text_of(metadata, "report_id");
  out.generator = text_of(metadata, "generator");
  out.begin = number_of<std::int64_t>(range, "begin");
  out.end = number_of<std::int64_t>(range, "end");
  out.policy = policy_of(published);
  out.is_9990 = is_9990(*root, out.policy);
  if (metadata)
    for (const xml::Element& one : metadata->children)
      if (local(one.name) == "error") out.errors.emplace_back(text::trimmed(one.text).substr(0, most_text));
  for (const xml::Element& one : root->children)
    if (local(one.name) == "record") out.rows.push_back(row_of(one));
  return out;
}

}  // namespace mailmedic::feedback
