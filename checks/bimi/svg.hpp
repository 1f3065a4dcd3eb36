#pragma once
// A logo held against SVG Tiny Portable/Secure. Pure. draft-svg-tiny-ps-abrotman.
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::bimi {

enum class SvgFault {
  unreadable,    ///< no XML, or too deep or large to be read
  doctype,       ///< a document type declaration: entities, external parts
  root,          ///< the root is no svg element of the SVG namespace
  profile,       ///< version is not 1.2 or baseProfile not tiny-ps
  title,         ///< no title, or an empty one
  not_square,    ///< no viewBox, or one that is not square
  position,      ///< x or y on the root
  script,        ///< a script, an event handler, a javascript: address
  animation,     ///< moves or changes
  external,      ///< a reference to something outside the file
  bitmap,        ///< an image in it
  element,       ///< another element that the profile does not have
};

struct SvgProblem {
  SvgFault fault = SvgFault::unreadable;
  std::string what;  ///< the element or attribute, as it stands, cut; or the reader's words
};

/// Each fault once, with its first place. Nothing that the file refers to is ever fetched.
std::vector<SvgProblem> judge_svg(std::string_view svg);

}  // namespace mailmedic::bimi
