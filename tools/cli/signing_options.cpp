#include "tools/cli/signing_options.hpp"

#include <fmt/format.h>

#include "checks/dkim/given.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::cli {

namespace {

/// Receivers look at no more signatures of one message.
constexpr std::size_t max_signatures = 20;

/// The signatures of one message, as far as they can be read; an error text when there is none.
std::string read_message(const std::string& file, std::vector<dkim::Signature>& out) {
  const auto fields = message::read_fields(file);
  if (!fields) return fields.error().why;
  std::string wrong = file + ": no DKIM-Signature field; give a message as a recipient got it";
  std::size_t count = 0;
  for (const message::Field& field : *fields) {
    if (!text::equals_ignoring_case(field.name, "DKIM-Signature") || count == max_signatures) continue;
    auto signature = dkim::parse_signature(field.raw);
    if (signature) {
      ++count;
      out.push_back(std::move(*signature));
    } else if (count == 0) {
      wrong = fmt::format("{}: the DKIM-Signature in line {} cannot be read: {}", file, field.line, signature.error().why);
    }
  }
  return count > 0 ? std::string() : wrong;
}

}  // namespace

void add_signing_options(CommandLine& line) {
  using Texts = std::vector<std::string>;
  // clang-format off
  line.options().add_options()
      ("selector", po::value<Texts>()->value_name("NAME"), "a DKIM selector in use (repeatable)")
      ("message", po::value<Texts>()->value_name("FILE"), "take the DKIM selectors from the signatures of a message (repeatable)")
      ("key", po::value<Texts>()->value_name("FILE"), "a private key that signs: does it fit the published one? (repeatable)");
  // clang-format on
}

std::string read_signing_options(const CommandLine& line, Target& pattern) {
  pattern.selectors = line.texts("selector");
  auto given = dkim::read_given(data_directory());
  if (!given) return given.error().why;
  for (const std::string& file : line.texts("key")) {
    auto key = dkim::read_private_key(file);
    if (!key) return "--key " + text::shown(key.error().why, 300);
    given->private_keys.push_back(std::move(*key));
  }
  for (const std::string& file : line.texts("message"))
    if (const std::string wrong = read_message(file, given->signatures); !wrong.empty()) return "--message " + text::shown(wrong, 300);
  pattern.signing = std::make_shared<const dkim::Given>(std::move(*given));
  return {};
}

}  // namespace mailmedic::cli
