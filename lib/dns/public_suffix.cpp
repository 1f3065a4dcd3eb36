#include "lib/dns/public_suffix.hpp"

#include <libpsl.h>

#include <memory>

namespace mailmedic::dns {

namespace {
struct FreeList {
  void operator()(psl_ctx_t* list) const { psl_free(list); }
};

/// Constant data: read once, never changed.
const psl_ctx_t* list() {
  static const std::unique_ptr<psl_ctx_t, FreeList> newest(psl_latest("/usr/share/publicsuffix/public_suffix_list.dafsa"));
  return newest ? newest.get() : psl_builtin();
}
}  // namespace

std::optional<Name> registrable_domain(const Name& name) {
  if (name.is_root() || !list()) return std::nullopt;
  // libpsl points into the text that it is given.
  const char* found = psl_registrable_domain(list(), name.text().c_str());
  if (!found) return std::nullopt;
  auto domain = Name::parse(found);
  if (!domain) return std::nullopt;
  return std::move(*domain);
}

bool is_public_suffix(const Name& name) {
  return !name.is_root() && list() && psl_is_public_suffix(list(), name.text().c_str()) != 0;
}

}  // namespace mailmedic::dns
