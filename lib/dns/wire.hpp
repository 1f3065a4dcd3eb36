#pragma once
// DNS messages to values and back. The only place, with zone.cpp, that knows ldns.
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/dns/answer.hpp"

namespace mailmedic::dns {

/// Largest answer that we ask for over UDP: fits every path without fragments (DNS flag day 2020).
inline constexpr std::uint16_t udp_payload_size = 1232;

struct Question {
  Name name;
  Type type = Type::a;
  auto operator<=>(const Question&) const = default;
};

/// A query message, class IN, recursion desired, with EDNS (RFC 6891); AD set, so that a validating resolver
/// tells its verdict (RFC 6840 section 5.7). With `with_proof`, DO and CD set: signatures are wanted, and data that a
/// resolver would hold back as bogus (RFC 4035 section 3.2).
std::string encode_query(const Question& question, std::uint16_t id, bool with_proof = false);

/// What came back for `question` asked with `id`.
struct Decoded {
  bool ours = false;       ///< the id, the QR bit and the echoed question fit: otherwise the message is ignored
  bool truncated = false;  ///< TC: ask again over TCP
  Answer answer;           ///< status malformed when the message cannot be parsed
};
Decoded decode_answer(std::string_view message, const Question& question, std::uint16_t id);

}  // namespace mailmedic::dns
