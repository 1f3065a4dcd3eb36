#include "checks/tls_rpt/record.hpp"

#include <fmt/format.h>

#include "lib/text/ascii.hpp"

namespace mailmedic::tls_rpt {

bool is_record(std::string_view text) {
  constexpr std::string_view version = "v=TLSRPTv1";
  return text.starts_with(version) && text::trimmed(text.substr(version.size())).starts_with(';');
}

bool is_nearly_record(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (plain.size() == 8) break;
    if (!text::is_space(c) && c != '"' && c != '\'' && static_cast<unsigned char>(c) < 0x80) plain += text::lower(c);
  }
  return plain == "v=tlsrpt" && !is_record(text);
}

namespace {

Destination read_destination(std::string_view text) {
  Destination out{.text = std::string(text), .mailbox = {}, .url = {}, .why = {}};
  const auto colon = text.find(':');
  const std::string scheme = text::lower(text.substr(0, colon));
  if (colon == text.npos) {
    out.why = "it has no scheme; write mailto: or https:// in front";
  } else if (text.find('!') != text.npos) {
    out.why = "a \"!\" must be written as %21";
  } else if (scheme == "mailto") {
    const std::string_view address = text.substr(colon + 1, text.find('?') == text.npos ? text.npos : text.find('?') - colon - 1);
    const auto at = address.rfind('@');
    const auto domain = at == address.npos || at == 0 ? text::Parsed<dns::Name>(text::ParseError{0, "no address"}) : dns::Name::parse(address.substr(at + 1));
    if (domain && !domain->is_root()) out.mailbox = *domain;
    else out.why = "it is no mail address";
  } else if (scheme == "https") {
    auto url = https::Url::parse(text);
    if (url) out.url = std::move(*url);
    else out.why = url.error().why;
  } else {
    out.why = fmt::format("the scheme {} is neither mailto nor https", scheme.substr(0, 20));
  }
  return out;
}

}  // namespace

text::Parsed<Record> parse_record(std::string_view text) {
  const auto tags = text::TagList::parse(text);
  if (!tags) return tags.error();
  Record record{.text = std::string(text), .destinations = {}, .extensions = {}};
  for (const text::Tag& tag : tags->tags()) {
    if (tag.name == "rua" && !record.has_rua) {
      record.has_rua = true;
      for (const std::string_view part : text::split(tag.value, ','))
        if (const auto one = text::trimmed(part); !one.empty() && record.destinations.size() < max_destinations) record.destinations.push_back(read_destination(one));
    } else if (tag.name != "v" && tag.name != "rua") {
      record.extensions.push_back(tag);
    }
  }
  return record;
}

}  // namespace mailmedic::tls_rpt
