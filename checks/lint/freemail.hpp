#pragma once
#include <string_view>

#include "lib/dns/name.hpp"

namespace mailmedic::lint {

/// Is it a domain in which anybody may have a mailbox for nothing? The large ones alone.
bool is_freemail(const dns::Name& domain);

/// Is it one whose DMARC policy has mail from elsewhere refused or filed as spam?
bool is_guarded_freemail(const dns::Name& domain);

}  // namespace mailmedic::lint
