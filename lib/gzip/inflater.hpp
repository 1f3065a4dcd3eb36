#pragma once
#include <cstddef>
#include <memory>
#include <string_view>

namespace mailmedic::gzip {

/// Unpacks gzip data that comes in pieces: one member or several behind each other (RFC 1952 section 2.2).
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  struct Step {
    std::size_t used = 0;   ///< bytes of `in` that were taken
    std::size_t made = 0;   ///< bytes written to `out`
    bool damaged = false;   ///< this is no gzip data; nothing behind it can be unpacked
  };
  Step unpack(std::string_view in, char* out, std::size_t room);
  /// Is the last member complete? A file that ends while it is not was cut off.
  bool is_between_members() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailmedic::gzip
