#include "lib/pattern/capture.hpp"

#include "lib/pattern/engine.hpp"
#include "lib/pattern/set.hpp"

namespace mailmedic::pattern {

struct Capture::Engine {
  explicit Engine(std::string_view pattern) : expression(re2::StringPiece(pattern.data(), pattern.size()), engine_options()) {}
  RE2 expression;
};

text::Parsed<Capture> Capture::make(std::string_view pattern) {
  auto engine = std::make_shared<const Engine>(pattern);
  if (!engine->expression.ok()) return text::ParseError{0, engine->expression.error()};
  if (engine->expression.NumberOfCapturingGroups() != 1) return text::ParseError{0, "it needs one group, for what is wanted; others are written (?:...)"};
  return Capture(std::move(engine));
}

std::vector<std::string> Capture::all_in(std::string_view text, std::size_t most) const {
  const std::string_view cut = text.substr(0, Set::max_text);
  re2::StringPiece rest(cut.data(), cut.size()), group;
  std::vector<std::string> out;
  while (out.size() < most && RE2::FindAndConsume(&rest, engine_->expression, &group)) out.emplace_back(group.data(), group.size());
  return out;
}

}  // namespace mailmedic::pattern
