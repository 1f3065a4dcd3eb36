#pragma once
#include <string>

#include "lib/html/document.hpp"

namespace mailmedic::lint {

/// The words of an HTML part, hidden ones too, a space for each element; without styles, scripts and the title.
std::string text_of(const html::Document& document);

}  // namespace mailmedic::lint
