#include "lib/message/trace.hpp"

#include <boost/json/object.hpp>

#include "lib/message/addresses.hpp"
#include "lib/message/date.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace json = boost::json;

namespace {

/// "TLSv1.3" out of "TLS1_3", "TLSv1.3", "TLS1.3" and "TLSv1"; empty for any other word.
std::string version_of(std::string_view word) {
  if (!text::starts_with_ignoring_case(word, "TLS")) return {};
  word.remove_prefix(3);
  if (!word.empty() && text::lower(word.front()) == 'v') word.remove_prefix(1);
  if (word == "1") return "TLSv1.0";
  const bool is_minor = word.size() == 3 && word[0] == '1' && (word[1] == '.' || word[1] == '_') && text::is_digit(word[2]);
  return is_minor ? "TLSv1." + std::string(word.substr(2)) : std::string();
}

bool is_cipher(std::string_view word) {
  if (word.find_first_of("_-") == word.npos || word.find('.') != word.npos) return false;
  for (const std::string_view part : {"AES", "CHACHA", "RC4", "3DES", "CAMELLIA", "ARIA"})
    if (word.find(part) != word.npos) return true;
  return false;
}

/// Servers write it in their own ways: "(using TLSv1.3 with cipher X", "(version=TLS1_2, cipher=X)", "(TLSv1.3:X:256:NO)".
void read_tls(std::string_view field, Hop& out) {
  constexpr std::string_view ends = " \t\r\n()[];:,=/";
  while (!field.empty()) {
    const auto begin = std::min(field.find_first_not_of(ends), field.size());
    field.remove_prefix(begin);
    const std::string_view word = field.substr(0, field.find_first_of(ends));
    if (out.tls_version.empty()) out.tls_version = version_of(word);
    if (out.tls_cipher.empty() && is_cipher(word)) out.tls_cipher = word;
    field.remove_prefix(word.size());
  }
}

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

}  // namespace

Hop read_hop(std::string_view field) {
  constexpr std::size_t read_bytes = 4000;
  field = field.substr(0, read_bytes);
  Hop out;
  const auto semicolon = field.rfind(';');
  if (semicolon != field.npos) out.time = read_date(field.substr(semicolon + 1));
  const std::string_view said = field.substr(0, semicolon);
  const auto words = text::words(said);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (text::equals_ignoring_case(words[i], "from") && out.from.empty()) out.from = words[i + 1];
    else if (text::equals_ignoring_case(words[i], "by") && out.by.empty()) out.by = words[i + 1];
    else if (text::equals_ignoring_case(words[i], "with") && out.with.empty() && !out.by.empty()) out.with = words[i + 1];
  }
  if (const auto client = client_of(field)) out.address = client->address;
  read_tls(said, out);
  const std::string with = text::upper(out.with);
  if (!out.tls_version.empty() || with.starts_with("ESMTPS") || with.starts_with("UTF8SMTPS") || with.starts_with("LMTPS")) out.tls = true;
  else if (with == "SMTP" || with == "ESMTP" || with == "ESMTPA") out.tls = text::lower(field).find("tls") != std::string::npos;
  return out;
}

std::vector<Hop> hops_of(const RawMessage& message) {
  std::vector<Hop> out;
  for (auto field = message.fields.rbegin(); field != message.fields.rend() && out.size() < max_hops; ++field)
    if (text::equals_ignoring_case(field->name, "Received")) out.push_back(read_hop(field->value));
  return out;
}

std::optional<std::chrono::seconds> delay_of(std::span<const Hop> hops, std::size_t index) {
  if (index == 0 || index >= hops.size() || !hops[index].time || !hops[index - 1].time) return std::nullopt;
  return *hops[index].time - *hops[index - 1].time;
}

json::array to_json(std::span<const Hop> hops) {
  json::array out;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const Hop& hop = hops[i];
    json::object one{{"from", text_or_null(hop.from)}, {"by", text_or_null(hop.by)}, {"with", text_or_null(hop.with)}, {"address", text_or_null(hop.address)},
                     {"time", nullptr}, {"delay_seconds", nullptr}, {"tls", nullptr}, {"tls_version", text_or_null(hop.tls_version)}, {"tls_cipher", text_or_null(hop.tls_cipher)}};
    if (hop.time) one["time"] = hop.time->time_since_epoch().count();
    if (const auto delay = delay_of(hops, i)) one["delay_seconds"] = delay->count();
    if (hop.tls) one["tls"] = *hop.tls;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace mailmedic::message
