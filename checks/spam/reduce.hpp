#pragma once
// A message without one of its parts, so that an engine shows what that part costs. Pure.
#include <string>
#include <vector>

#include "lib/message/raw_message.hpp"

namespace mailmedic::spam {

struct Reduced {
  std::string without;  ///< "the attachment price.zip", "the subject", "the links", in English
  std::string text;     ///< the whole message
};

inline constexpr std::size_t max_reduced = 12;

/// The message without signatures first (any change would break them, which engines count), with an empty `without`; then
/// without one thing each: the subject's words, each part of a multipart, the hosts that links lead to, the Received fields, the
/// X- fields. What is not there is left out. At most max_reduced in all.
std::vector<Reduced> reductions_of(const message::RawMessage& message);

}  // namespace mailmedic::spam
