#include "checks/spf/record_cache.hpp"

namespace mailmedic::spf {

namespace {
constexpr std::size_t cached_records = 10'000;
}

std::shared_ptr<const Reading> RecordCache::read(std::string_view text) {
  if (const auto found = readings_.find(text); found != readings_.end()) return found->second;
  if (readings_.size() >= cached_records) readings_.clear();
  auto reading = std::make_shared<const Reading>(read_record(text));
  readings_.emplace(std::string(text), reading);
  return reading;
}

}  // namespace mailmedic::spf
