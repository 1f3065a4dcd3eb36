#include "tools/cli/pretty_json.hpp"

#include <boost/json/serialize.hpp>

namespace mailmedic::cli {

namespace json = boost::json;

namespace {
void write(const json::value& value, std::size_t depth, std::string& out) {
  const auto new_line = [&](std::size_t level) { out += '\n' + std::string(2 * level, ' '); };
  if (const auto* object = value.if_object(); object && !object->empty()) {
    out += '{';
    bool first = true;
    for (const auto& [key, item] : *object) {
      if (!std::exchange(first, false)) out += ',';
      new_line(depth + 1);
      out += json::serialize(json::string(key)) + ": ";
      write(item, depth + 1, out);
    }
    new_line(depth);
    out += '}';
  } else if (const auto* array = value.if_array(); array && !array->empty()) {
    out += '[';
    bool first = true;
    for (const json::value& item : *array) {
      if (!std::exchange(first, false)) out += ',';
      new_line(depth + 1);
      write(item, depth + 1, out);
    }
    new_line(depth);
    out += ']';
  } else {
    out += json::serialize(value);
  }
}
}  // namespace

std::string pretty(const json::value& value) {
  std::string out;
  write(value, 0, out);
  return out;
}

}  // namespace mailmedic::cli
