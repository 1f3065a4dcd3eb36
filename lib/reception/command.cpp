#include "lib/reception/command.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::reception {

Command command_of(std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  return {text::upper(line.substr(0, space)), text::trimmed(line.substr(space))};
}

namespace {
/// Where the bracket closes, quoted local parts passed over; npos where it does not.
std::size_t end_of_path(std::string_view text) {
  bool quoted = false;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') ++at;
    else if (text[at] == '"') quoted = !quoted;
    else if (text[at] == '>' && !quoted) return at;
  }
  return std::string_view::npos;
}

/// "@one,@two:joe@example.org": the route is to be ignored. RFC 5321 appendix C.
std::string_view without_route(std::string_view address) {
  if (!address.starts_with('@')) return address;
  const std::size_t colon = address.find(':');
  return colon == std::string_view::npos ? address : address.substr(colon + 1);
}
}  // namespace

std::optional<Path> path_of(std::string_view text) {
  Path out;
  out.loose = !text.empty() && text::is_space(text.front());
  text = text::trimmed(text);
  if (!text.starts_with('<')) return std::nullopt;
  const std::size_t end = end_of_path(text);
  if (end == std::string_view::npos) return std::nullopt;
  out.address = without_route(text.substr(1, end - 1));
  const std::string_view rest = text.substr(end + 1);
  if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  for (const std::string_view word : text::words(rest)) {
    if (out.parameters.size() == 10) return std::nullopt;
    const std::size_t equals = std::min(word.find('='), word.size());
    if (equals == 0) return std::nullopt;
    out.parameters.emplace_back(text::upper(word.substr(0, equals)), equals < word.size() ? word.substr(equals + 1) : std::string_view());
  }
  return out;
}

bool is_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size() || address.size() > 320) return false;
  if (std::any_of(address.begin(), address.end(), [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; })) return false;
  return address.find_first_of(" <>", at) == std::string_view::npos && (address.front() == '"' || address.find_first_of(" <>") == std::string_view::npos);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.empty() || text.size() > 18 || !std::all_of(text.begin(), text.end(), text::is_digit)) return std::nullopt;
  return std::stoull(std::string(text));
}

}  // namespace mailmedic::reception
