#include "lib/pattern/literals.hpp"

#include <algorithm>
#include <array>

namespace mailmedic::pattern {

namespace {

/// As RE2 folds Latin-1: C0..DE are the capitals of E0..FE.
char folded(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool capital = (byte >= 'A' && byte <= 'Z') || (byte >= 0xC0 && byte <= 0xDE && byte != 0xD7);
  return capital ? static_cast<char>(byte + 0x20) : c;
}

std::uint32_t byte_of(char c) { return static_cast<unsigned char>(c); }

std::uint32_t start_of(const char* at) { return byte_of(at[0]) << 16 | byte_of(at[1]) << 8 | byte_of(at[2]); }

constexpr std::uint32_t three_bytes = 0xffffff;

std::size_t hash_of(std::uint32_t start) { return (start * 2654435761u) >> 16; }

}  // namespace

Literals::Literals(const std::vector<std::string>& all) : all_(all) {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    std::transform(all_[i].begin(), all_[i].end(), all_[i].begin(), folded);
    const std::uint32_t start = start_of(all_[i].data());
    by_start_[start].push_back(static_cast<int>(i));
    may_start_.set(hash_of(start));
  }
}

std::vector<int> Literals::found_in(std::string_view given) const {
  static const std::array<char, 256> folds = [] {
    std::array<char, 256> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = folded(static_cast<char>(i));
    return out;
  }();
  std::string text(given);
  for (char& c : text) c = folds[static_cast<unsigned char>(c)];
  std::vector<int> out;
  if (text.size() < least_length) return out;
  std::uint32_t start = start_of(text.data()) >> 8;
  for (std::size_t at = 0; at + least_length <= text.size(); ++at) {
    start = (start << 8 | byte_of(text[at + 2])) & three_bytes;
    if (!may_start_[hash_of(start)]) continue;
    const auto bucket = by_start_.find(start);
    if (bucket == by_start_.end()) continue;
    for (const int number : bucket->second)
      if (std::string_view(text).substr(at).starts_with(all_[static_cast<std::size_t>(number)])) out.push_back(number);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace mailmedic::pattern
