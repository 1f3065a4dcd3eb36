#pragma once
// Packed data in pieces: gzip, xz and Zstandard behind one face.
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace mailmedic::unpack {

enum class Format { plain, gzip, xz, zstd };
std::string_view format_text(Format format);  ///< "gzip"

/// By its first bytes; six are enough. RFC 1952, RFC 8878, and the .xz file format 1.1.
Format format_of(std::string_view beginning);

/// Unpacks one stream, or several behind each other as `cat` joins them.
class Unpacker {
 public:
  virtual ~Unpacker() = default;

  struct Step {
    std::size_t used = 0, made = 0;
    bool damaged = false;  ///< nothing behind this can be unpacked
  };
  /// Takes from `in`, writes to `out`. Neither used nor made anything: it wants more input.
  virtual Step unpack(std::string_view in, char* out, std::size_t room) = 0;
  /// Is everything that was begun complete? Data that ends while it is not was cut off.
  virtual bool is_complete() const = 0;
};

/// For what `format_of` found; plain data passes as it is.
std::unique_ptr<Unpacker> unpacker_for(Format format);

}  // namespace mailmedic::unpack
