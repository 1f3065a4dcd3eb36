#include "lib/gzip/inflate.hpp"

#include <zlib.h>

namespace mailmedic::gzip {

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

text::Parsed<std::string> inflate(std::string_view bytes, std::size_t limit) {
  if (!is_gzip(bytes)) return text::ParseError{0, "not gzip data"};
  z_stream stream{};
  constexpr int window_of_gzip = 15 + 16;
  if (inflateInit2(&stream, window_of_gzip) != Z_OK) return text::ParseError{0, "no memory"};
  std::string out(limit + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = ::inflate(&stream, Z_FINISH);
  const std::size_t used = bytes.size() - stream.avail_in;
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  if (out.size() > limit) return text::ParseError{used, "more than " + std::to_string(limit) + " bytes when unpacked"};
  if (ended != Z_STREAM_END) return text::ParseError{used, "damaged or cut off gzip data"};
  return out;
}

}  // namespace mailmedic::gzip
