#include "checks/bounce/reply_text.hpp"

#include "lib/message/reply_words.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

message::RecipientReport read_reply(std::string_view given) {
  constexpr std::size_t longest = 8000;
  message::RecipientReport out;
  const std::string text = message::reply_in_one(given, longest);
  const message::Server server = message::server_of(text);
  out.remote_mta = text::lower(server.name);
  out.remote_address = server.address;
  out.command = message::command_of(text);
  if (text.starts_with('<'))
    if (const auto close = text.find('>'); close != text.npos && message::is_address(std::string_view(text).substr(1, close - 1))) out.recipient = text.substr(1, close - 1);
  const message::Codes codes = message::codes_of(text);
  out.reply_code = std::string(codes.reply);
  out.status = std::string(codes.status);
  std::string_view words = codes.reply.empty() ? std::string_view(text) : std::string_view(text).substr(codes.at);
  if (const auto tail = words.find(" (in reply to "); tail != words.npos) words = words.substr(0, tail);
  out.diagnostic = std::string(words);
  return out;
}

}  // namespace mailmedic::bounce
