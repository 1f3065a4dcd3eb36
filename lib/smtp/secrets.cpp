#include "lib/smtp/secrets.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"

namespace mailmedic::smtp {

namespace {
constexpr std::string_view mask = "********";

bool is_base64(char c) { return text::is_alnum(c) || c == '+' || c == '/' || c == '='; }
}  // namespace

void Secrets::add(std::string_view secret) {
  if (secret.size() < 4) return;
  secrets_.emplace_back(secret);
  secrets_.push_back(text::to_base64(secret));
}

bool Secrets::holds_one(std::string_view text) const {
  return std::any_of(secrets_.begin(), secrets_.end(), [&](const std::string& secret) { return text.find(secret) != text.npos; });
}

std::string Secrets::masked(std::string text) const {
  if (secrets_.empty()) return text;
  for (const std::string& secret : secrets_)
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + mask.size())) text.replace(at, secret.size(), mask);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::size_t end = at;
    while (end < text.size() && is_base64(text[end])) ++end;
    if (end - at >= 8) {
      const auto plain = text::from_base64(std::string_view(text).substr(at, end - at));
      if (plain && holds_one(*plain)) {
        text.replace(at, end - at, mask);
        end = at + mask.size();
      }
    }
    at = end;
  }
  return text;
}

}  // namespace mailmedic::smtp
