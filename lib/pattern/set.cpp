#include "lib/pattern/set.hpp"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "lib/pattern/literals.hpp"

namespace mailmedic::pattern {

namespace {

RE2::Options options() {
  RE2::Options out;
  out.set_case_sensitive(false);
  out.set_never_capture(true);
  out.set_encoding(RE2::Options::EncodingLatin1);
  out.set_log_errors(false);
  return out;
}

}  // namespace

struct Set::Parts {
  re2::FilteredRE2 filter{static_cast<int>(Literals::least_length)};
  std::optional<Literals> literals;
  std::size_t count = 0;
};

Set::Set() : parts_(std::make_unique<Parts>()) {}
Set::Set(Set&&) noexcept = default;
Set& Set::operator=(Set&&) noexcept = default;
Set::~Set() = default;

std::string Set::add(std::string_view pattern) {
  const re2::StringPiece piece(pattern.data(), pattern.size());
  int number = 0;
  if (parts_->filter.Add(piece, options(), &number) != RE2::NoError) return RE2(piece, options()).error();
  ++parts_->count;
  return {};
}

void Set::compile() {
  std::vector<std::string> atoms;
  if (parts_->count > 0) parts_->filter.Compile(&atoms);
  parts_->literals.emplace(atoms);
}

std::size_t Set::size() const { return parts_->count; }

std::vector<int> Set::match(std::string_view text) const {
  if (parts_->count == 0) return {};
  const std::string_view cut = text.substr(0, max_text);
  std::vector<int> out;
  parts_->filter.AllMatches(re2::StringPiece(cut.data(), cut.size()), parts_->literals->found_in(cut), &out);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace mailmedic::pattern
