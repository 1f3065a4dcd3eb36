#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "checks/spf/record.hpp"

namespace mailmedic::spf {

/// Records that were read before, by their text. For one thread.
class RecordCache {
 public:
  std::shared_ptr<const Reading> read(std::string_view text);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::shared_ptr<const Reading>, Hash, std::equal_to<>> readings_;
};

}  // namespace mailmedic::spf
