#include "checks/lint/letter.hpp"

#include <algorithm>

#include "lib/dns/public_suffix.hpp"
#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    longest = std::max(longest, end > 0 && text[end - 1] == '\r' ? end - 1 : end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return longest;
}

/// Where the header ended, and whether an empty line ended it.
void find_end(Letter& letter, std::string_view body) {
  letter.body = body;
  const auto at = static_cast<std::size_t>(body.data() - letter.text.data());
  letter.head = letter.text.substr(0, at);
  const bool at_empty_line = letter.head.ends_with("\n\n") || letter.head.ends_with("\n\r\n") || letter.head == "\n" || letter.head == "\r\n";
  if (body.empty() || at_empty_line) return;
  if (letter.fields.size() == message::max_fields || letter.head.size() >= message::max_header_bytes) letter.cut = true;
  else letter.not_a_field = body.substr(0, body.find('\n'));
}

void read_texts(Letter& letter) {
  std::string storage;
  for (const message::Entity& one : letter.structure.entities) {
    if (one.is_multipart() || one.is_attached()) continue;
    const std::string_view charset = message::parameter(one.content_type, "charset");
    if (one.type == "text/plain" && letter.plain.size() < max_text_bytes) {
      letter.has_plain = true;
      letter.plain += message::to_utf8(message::decoded(one, storage, max_text_bytes), charset);
    } else if (one.type == "text/html" && !letter.has_html) {
      letter.has_html = true;
      letter.html = message::to_utf8(message::decoded(one, storage, max_text_bytes), charset);
    }
  }
  if (letter.has_html) letter.document = html::parse(letter.html);
}

}  // namespace

std::size_t Letter::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), [&](const auto& field) { return text::equals_ignoring_case(field.name, name); }));
}

std::string_view Letter::raw(std::string_view name) const {
  for (const message::RawField& field : fields)
    if (text::equals_ignoring_case(field.name, name)) return text::trimmed(field.value);
  return {};
}

std::string Letter::shown(std::string_view name) const { return message::decoded_words(raw(name)); }

std::vector<std::string_view> Letter::all(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const message::RawField& field : fields)
    if (text::equals_ignoring_case(field.name, name)) out.push_back(text::trimmed(field.value));
  return out;
}

Letter read(std::string_view text) {
  Letter letter;
  letter.text = text;
  const message::Header header(text);
  letter.fields = header.fields();
  find_end(letter, header.body());
  letter.ends = message::line_ends_of(text);
  letter.longest_header_line = longest_line(letter.head);
  letter.longest_body_line = longest_line(letter.body);
  letter.structure = message::structure_of(header);
  read_texts(letter);
  letter.from = message::address_list_of(letter.raw("From").substr(0, 20'000));
  if (letter.from.mailboxes.size() == 1) letter.author = domain_of(letter.from.mailboxes.front().address);
  return letter;
}

std::optional<dns::Name> domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == address.npos) return std::nullopt;
  const auto name = dns::Name::parse(address.substr(at + 1));
  return name && !name->is_root() && name->is_host_name() ? std::optional(*name) : std::nullopt;
}

bool is_same_organization(const dns::Name& a, const dns::Name& b) {
  const auto left = dns::registrable_domain(a), right = dns::registrable_domain(b);
  return (left ? *left : a) == (right ? *right : b);
}

bool is_signed_by_author(const Letter& letter) {
  if (!letter.author) return false;
  for (const std::string_view field : letter.all("DKIM-Signature")) {
    const auto signer = dns::Name::parse(message::parameter(field, "d"));
    if (signer && is_same_organization(*signer, *letter.author)) return true;
  }
  return false;
}

}  // namespace mailmedic::lint
