#include "checks/spam/reduce.hpp"

#include <algorithm>
#include <functional>

#include "lib/message/structure.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::spam {

namespace {

using message::RawField;

bool is_seal(const RawField& field) { return text::equals_ignoring_case(field.name, "DKIM-Signature") || text::starts_with_ignoring_case(field.name, "ARC-"); }

/// The header with the fields that `keep` lets pass, each as `written` writes it.
std::string header_of(const message::RawMessage& message, const std::string& end, const std::function<bool(const RawField&)>& keep,
                      const std::function<std::string(const RawField&)>& written = {}) {
  std::string out;
  for (const RawField& field : message.fields)
    if (!is_seal(field) && keep(field)) out.append(written ? written(field) : std::string(field.whole)).append(end);
  return out + end;
}

/// The delimiter line in front of the part, its own header and its body.
std::optional<std::pair<std::size_t, std::size_t>> extent_of(const message::Entity& part, const message::Entity& parent, std::string_view body) {
  const std::string delimiter = "--" + std::string(parent.boundary);
  if (part.body.data() < body.data() || part.body.data() > body.data() + body.size()) return std::nullopt;
  const auto at = static_cast<std::size_t>(part.body.data() - body.data());
  const auto begin = body.substr(0, at).rfind("\n" + delimiter);
  const auto end = message::find_delimiter(body, delimiter, at + part.body.size());
  if (end == body.npos) return std::nullopt;
  if (begin == body.npos) return body.starts_with(delimiter) ? std::optional(std::pair(std::size_t{0}, end)) : std::nullopt;
  return std::pair(begin + 1, end);
}

std::string name_of(const message::Entity& part) {
  const std::string name = message::file_name(part);
  return name.empty() ? "the part " + part.type : "the attachment " + name;
}

/// Each host in "http://host/..." becomes one that nothing is known of. Empty where there is none.
std::string without_link_hosts(std::string_view body) {
  std::string out;
  bool any = false;
  while (!body.empty()) {
    const auto at = body.find("://");
    if (at == body.npos) break;
    std::size_t end = at + 3;
    while (end < body.size() && (text::is_alnum(body[end]) || body[end] == '.' || body[end] == '-')) ++end;
    out.append(body.substr(0, at + 3));
    if (end > at + 3) out += "www.example.org";
    any = any || end > at + 3;
    body.remove_prefix(end);
  }
  return any ? out.append(body) : std::string();
}

}  // namespace

std::vector<Reduced> reductions_of(const message::RawMessage& message) {
  const std::string end = message.head.find("\r\n") == message.head.npos ? "\n" : "\r\n";
  const auto all = [](const RawField&) { return true; };
  const auto has = [&](const auto& wanted) { return std::any_of(message.fields.begin(), message.fields.end(), wanted); };
  const std::string header = header_of(message, end, all), body(message.body);
  std::vector<Reduced> out{{"", header + body}};

  const auto is_subject = [](const RawField& field) { return text::equals_ignoring_case(field.name, "Subject"); };
  if (has(is_subject)) out.push_back({"the subject", header_of(message, end, all, [&](const RawField& field) { return is_subject(field) ? "Subject: note" : std::string(field.whole); }) + body});

  const std::string whole = std::string(message.head) + end + body;
  const message::Header read(whole);
  const message::Structure structure = message::structure_of(read);
  for (const message::Entity& part : structure.entities) {
    const message::Entity& parent = structure.entities[part.parent];
    if (&part == &parent || part.is_multipart() || out.size() + 3 >= max_reduced) continue;
    const auto extent = extent_of(part, parent, read.body());
    if (!extent) continue;
    std::string cut(read.body());
    cut.erase(extent->first, extent->second - extent->first);
    out.push_back({name_of(part), header + cut});
  }
  if (std::string without = without_link_hosts(body); !without.empty()) out.push_back({"the hosts of the links", header + without});
  const auto is_trace = [](const RawField& field) { return text::equals_ignoring_case(field.name, "Received"); };
  const auto is_private = [](const RawField& field) { return text::starts_with_ignoring_case(field.name, "X-"); };
  if (has(is_trace)) out.push_back({"the Received fields", header_of(message, end, [&](const RawField& field) { return !is_trace(field); }) + body});
  if (has(is_private)) out.push_back({"the X- fields", header_of(message, end, [&](const RawField& field) { return !is_private(field); }) + body});
  return out;
}

}  // namespace mailmedic::spam
