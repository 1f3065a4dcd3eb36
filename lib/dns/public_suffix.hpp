#pragma once
#include <optional>

#include "lib/dns/name.hpp"

namespace mailmedic::dns {

/// The public suffix and one label more, by the system's public suffix list (Debian: package publicsuffix; where that
/// is missing, the list that libpsl was built with): "example.co.uk" for "www.example.co.uk". Nothing for a name that
/// is a public suffix itself, and for the root. A top-level domain that the list does not know counts as a suffix.
std::optional<Name> registrable_domain(const Name& name);

/// Does the list (or its default rule) have the name as a suffix under which anybody may register?
bool is_public_suffix(const Name& name);

}  // namespace mailmedic::dns
