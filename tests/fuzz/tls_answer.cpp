// The first words of a TLS server, in any pieces.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/tls/server_hello.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  mailmedic::tls::AnswerParser whole, pieces;
  whole.feed(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) pieces.feed(bytes.substr(i, 1));
  if (whole.answer().kind != pieces.answer().kind || whole.answer().chain != pieces.answer().chain) __builtin_trap();
  return 0;
}
