#pragma once
#include <string>
#include <string_view>

namespace mailmedic::message {

/// What a person reads in an HTML body, in UTF-8: tags gone, a line for each block and table cell, the character
/// references decoded that occur in mail. Not a parser of HTML: good enough to find addresses and replies in it.
std::string html_text(std::string_view html);

}  // namespace mailmedic::message
