#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace mailmedic::log {

/// Gives each text a small number. When there are too many, the others all get number 0, "(others)".
class Names {
 public:
  explicit Names(std::size_t most) : most_(most) { (void)id_of("(others)"); }
  Names(const Names&) = delete;  // the numbers are found by views into the texts
  Names& operator=(const Names&) = delete;
  Names(Names&&) = default;
  Names& operator=(Names&&) = default;

  std::uint32_t id_of(std::string_view text) {
    const auto found = ids_.find(text);
    if (found != ids_.end()) return found->second;
    if (texts_.size() >= most_) return 0;
    texts_.emplace_back(text);
    const auto id = static_cast<std::uint32_t>(texts_.size() - 1);
    ids_.emplace(texts_.back(), id);
    return id;
  }
  const std::string& text(std::uint32_t id) const { return texts_[id]; }
  std::size_t size() const { return texts_.size(); }

 private:
  std::size_t most_;
  std::deque<std::string> texts_;
  boost::unordered_flat_map<std::string_view, std::uint32_t, std::hash<std::string_view>> ids_;
};

}  // namespace mailmedic::log
