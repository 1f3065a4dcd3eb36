#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace mailmedic::reception {

/// A message as it came behind DATA or BDAT.
struct Content {
  std::string bytes;              ///< without the dots in front of lines; empty when it was too large
  std::uint64_t size = 0;         ///< also of what was too large to keep
  std::uint64_t bare_lf = 0;      ///< line feeds without CR in front. RFC 5321 section 2.3.8
  std::uint64_t bare_cr = 0;
};

/// Takes the bytes behind DATA up to the line that is a dot alone. RFC 5321 section 4.5.2. Only CR LF ends a line: a dot
/// between line feeds is text, so that nobody can hide a second message behind it.
class DataReader {
 public:
  /// Of a message larger than `limit` bytes nothing is kept.
  explicit DataReader(std::uint64_t limit) : limit_(limit) {}

  /// Takes bytes up to the end of the message; returns how many. Nothing when it is done.
  std::size_t take(std::string_view bytes);
  bool is_done() const { return place_ == Place::done; }
  bool is_too_large() const { return content_.size > limit_; }
  std::uint64_t size() const { return content_.size; }
  Content take_content() { return std::move(content_); }

 private:
  enum class Place { line_start, dot, dot_cr, text, cr, done };
  void step(char c);
  void keep(std::string_view bytes);

  std::uint64_t limit_;
  Place place_ = Place::line_start;
  Content content_;
};

/// Takes the chunks behind BDAT. RFC 3030 section 2.
class ChunkReader {
 public:
  explicit ChunkReader(std::uint64_t limit) : limit_(limit) {}

  void begin(std::uint64_t size) { left_ = size; }
  std::size_t take(std::string_view bytes);
  bool chunk_is_done() const { return left_ == 0; }
  bool is_too_large() const { return content_.size > limit_; }
  std::uint64_t size() const { return content_.size; }
  Content take_content() { return std::move(content_); }

 private:
  std::uint64_t limit_, left_ = 0;
  bool after_cr_ = false;
  Content content_;
};

}  // namespace mailmedic::reception
