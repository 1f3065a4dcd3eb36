#pragma once
// How patterns are read, the same for all. For the sources of this folder only: no header of the room includes it.
#include <re2/re2.h>

namespace mailmedic::pattern {

/// Without regard to case, a dot is a byte, no word on standard error.
inline RE2::Options engine_options() {
  RE2::Options out;
  out.set_case_sensitive(false);
  out.set_encoding(RE2::Options::EncodingLatin1);
  out.set_log_errors(false);
  return out;
}

}  // namespace mailmedic::pattern
