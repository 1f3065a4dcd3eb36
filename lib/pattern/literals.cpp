#include "lib/pattern/literals.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace mailmedic::pattern {

namespace {

/// As RE2 folds Latin-1: C0..DE are the capitals of E0..FE.
constexpr char folded(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool capital = (byte >= 'A' && byte <= 'Z') || (byte >= 0xC0 && byte <= 0xDE && byte != 0xD7);
  return capital ? static_cast<char>(byte + 0x20) : c;
}

std::uint32_t byte_of(char c) { return static_cast<unsigned char>(c); }

std::uint32_t three_at(std::string_view text, std::size_t at) { return byte_of(text[at]) << 16 | byte_of(text[at + 1]) << 8 | byte_of(text[at + 2]); }

constexpr std::array<std::uint8_t, 256> folds = [] {
  std::array<std::uint8_t, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(folded(static_cast<char>(i)));
  return out;
}();

/// `literal` is folded.
bool begins(std::string_view text, std::string_view literal) {
  if (text.size() < literal.size()) return false;
  for (std::size_t i = 0; i < literal.size(); ++i)
    if (folds[byte_of(text[i])] != byte_of(literal[i])) return false;
  return true;
}

}  // namespace

Literals::Literals(const std::vector<std::string>& all) : all_(all) {
  // Few enough to stay in the fastest memory, and so many that most are not set.
  const std::size_t bits = std::clamp<std::size_t>(std::bit_ceil(all_.size() * 32), 512, 1 << 16);
  shift_ = 33 - std::bit_width(bits);
  std::vector<std::uint32_t> uses(bits);  // how many strings have three bytes of this hash
  for (std::string& one : all_) {
    std::transform(one.begin(), one.end(), one.begin(), folded);
    for (std::size_t at = 0; at + least_length <= one.size(); ++at) ++uses[bit_of(three_at(one, at))];
  }
  std::vector<std::pair<std::uint32_t, Place>> places;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    std::size_t rarest = 0;
    for (std::size_t at = 1; at + least_length <= all_[i].size(); ++at)
      if (uses[bit_of(three_at(all_[i], at))] < uses[bit_of(three_at(all_[i], rarest))]) rarest = at;
    const std::uint32_t three = three_at(all_[i], rarest);
    places.push_back({bit_of(three), {static_cast<int>(i), static_cast<std::uint32_t>(rarest), three}});
  }
  std::stable_sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  bits_.resize(bits / 64);
  for (const auto& [bit, place] : places) {
    if (!(bits_[bit / 64] >> bit % 64 & 1)) places_.emplace_back();
    bits_[bit / 64] |= std::uint64_t{1} << bit % 64;
    places_.back().push_back(place);
  }
  std::uint32_t before = 0;
  for (const std::uint64_t word : bits_) {
    before_.push_back(before);
    before += static_cast<std::uint32_t>(std::popcount(word));
  }
}

/// Apart from what is done with a place, which is rare, so that its few values stay in registers.
std::size_t Literals::next_place(std::string_view text, std::size_t at, std::uint32_t& three) const {
  const std::uint64_t* const words = bits_.data();
  const int shift = shift_;
  std::uint32_t last = three;
  for (; at < text.size(); ++at) {
    last = last << 8 | folds[byte_of(text[at])];
    const std::uint32_t bit = last * multiplier >> shift;
    if (words[bit / 64] >> bit % 64 & 1) break;
  }
  three = last;
  return at;
}

const std::vector<Literals::Place>& Literals::places_of(std::uint32_t bit) const {
  const std::uint64_t lower = bits_[bit / 64] & ((std::uint64_t{1} << bit % 64) - 1);
  return places_[before_[bit / 64] + static_cast<std::size_t>(std::popcount(lower))];
}

std::vector<int> Literals::found_in(std::string_view text) const {
  constexpr std::uint32_t three_bytes = 0xffffff;
  std::vector<int> out;
  out.reserve(16);
  std::uint32_t three = 0;
  for (std::size_t end = next_place(text, 0, three); end < text.size(); end = next_place(text, end + 1, three))
    for (const Place& place : places_of(bit_of(three)))
      if (const std::size_t in_front = place.at + least_length - 1; place.three == (three & three_bytes) && in_front <= end && begins(text.substr(end - in_front), all_[static_cast<std::size_t>(place.number)]))
        out.push_back(place.number);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace mailmedic::pattern
