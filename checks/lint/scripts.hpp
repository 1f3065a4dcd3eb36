#pragma once
#include <string_view>

namespace mailmedic::lint {

/// Does a label of the name (with U-labels) mix scripts that no language mixes? UTS 39 section 5.2, level "highly restrictive":
/// one script, or Latin with the scripts of Chinese, Japanese or Korean.
bool mixes_scripts(std::string_view name);

/// Characters that are not seen, in UTF-8: zero width space and joiners, word joiner, byte order mark, soft hyphen,
/// directional overrides.
bool has_invisible(std::string_view text);

}  // namespace mailmedic::lint
