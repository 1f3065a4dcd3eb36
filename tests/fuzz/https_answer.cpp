// An HTTP answer in any pieces: what is kept stays within the limits, and the end is the same however it is cut.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/https/answer_parser.hpp"
#include "lib/https/network_getter.hpp"

using namespace mailmedic;

namespace {
https::Response read(std::string_view bytes, std::size_t piece) {
  https::Response response;
  response.request.body_limit = 4096;
  https::AnswerParser parser(response);
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    if (parser.receive(bytes.substr(at, piece))) return response;
  parser.end();
  return response;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const https::Response whole = read(bytes, size), pieces = read(bytes, 1 + size / 7);
  for (const https::Response& response : {whole, pieces}) {
    if (response.body.size() > 4096) std::abort();
    if (response.is_complete() && (response.status < 200 || response.status > 999)) std::abort();
  }
  if (whole.is_complete() && pieces.is_complete() && (whole.status != pieces.status || whole.body != pieces.body)) std::abort();
  return 0;
}
