#include "lib/dkim/published_text.hpp"

namespace mailmedic::dkim {

std::string record_of(const PrivateKey& key) { return "v=DKIM1; k=" + key.key_type + "; p=" + key.public_base64; }

std::vector<std::string> txt_strings(std::string_view text) {
  constexpr std::size_t most = 255;
  std::vector<std::string> out;
  for (; !text.empty(); text.remove_prefix(std::min(most, text.size()))) out.emplace_back(text.substr(0, most));
  return out;
}

std::string zone_entry(std::string_view name, std::string_view text) {
  const std::vector<std::string> strings = txt_strings(text);
  std::string out(name);
  out += " IN TXT";
  if (strings.size() == 1) return out + " \"" + strings.front() + "\"";
  out += " (";
  for (const std::string& one : strings) out += "\n    \"" + one + "\"";
  return out + " )";
}

}  // namespace mailmedic::dkim
