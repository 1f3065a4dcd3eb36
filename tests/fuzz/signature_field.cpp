// The fields that sign: DKIM-Signature, ARC-Message-Signature, ARC-Seal. What was read must fit the text, and be made
// into a hash without harm.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/dkim/hasher.hpp"

using namespace mailmedic;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void try_kind(std::string_view text, dkim::FieldKind kind) {
  const auto field = dkim::parse_signature_field(text, kind);
  if (!field) {
    require(field.error().offset <= text.size() && !field.error().why.empty());
    return;
  }
  require(field->value_begin <= field->value_end && field->value_end <= text.size());
  require(!field->signature.empty() && field->names.size() <= dkim::max_signed_names);
  if (kind != dkim::FieldKind::signature) require(field->instance >= 1 && field->instance <= 50);
  require(dkim::decoded_base64(text.substr(field->value_begin, field->value_end - field->value_begin)) == field->signature);
  static dkim::Hasher hasher;
  const message::RawField own{text, "DKIM-Signature", text};
  const dkim::FieldPicker picker({&own, 1});
  const auto picked = picker.pick(field->names);
  require(picked.size() == field->names.size());
  require(hasher.header(picked, text, field->value_begin, field->value_end, field->header).size() == 32);
  require(hasher.body(text, field->body, field->length).bytes.size() == 32);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto kind : {dkim::FieldKind::signature, dkim::FieldKind::arc_signature, dkim::FieldKind::arc_seal}) try_kind(text, kind);
  return 0;
}
