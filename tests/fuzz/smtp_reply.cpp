// Replies of SMTP servers, fed in pieces: the result must not depend on where they are cut.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/smtp/capabilities.hpp"
#include "lib/smtp/reply.hpp"

using namespace mailmedic;

namespace {
struct Seen {
  smtp::ReplyParser::State state;
  std::optional<smtp::Reply> reply;
};

Seen read(std::string_view bytes, std::size_t piece) {
  smtp::ReplyParser parser;
  while (!bytes.empty() && parser.state() == smtp::ReplyParser::State::incomplete) {
    const std::size_t taken = parser.feed(bytes.substr(0, piece));
    if (taken == 0) break;
    bytes.remove_prefix(taken);
  }
  Seen seen{parser.state(), {}};
  if (seen.state == smtp::ReplyParser::State::complete) seen.reply = parser.take();
  return seen;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Seen whole = read(bytes, size + 1), single = read(bytes, 1);
  if (whole.state != single.state || whole.reply != single.reply) std::abort();
  if (whole.reply) {
    whole.reply->text();
    smtp::capabilities_of(*whole.reply);
  }
  return 0;
}
