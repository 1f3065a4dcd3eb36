#include "lib/gzip/inflater.hpp"

#include <zlib.h>

#include <new>

namespace mailmedic::gzip {

struct Inflater::State {
  State() {
    constexpr int window_of_gzip = 15 + 16;
    if (inflateInit2(&stream, window_of_gzip) != Z_OK) throw std::bad_alloc();
  }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  z_stream stream{};
  bool between_members = true;
};

Inflater::Inflater() : state_(std::make_unique<State>()) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

Inflater::Step Inflater::unpack(std::string_view in, char* out, std::size_t room) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out);
  stream.avail_out = static_cast<uInt>(room);
  if (!in.empty()) state_->between_members = false;
  const int ended = ::inflate(&stream, Z_NO_FLUSH);
  Step step;
  step.used = in.size() - stream.avail_in;
  step.made = room - stream.avail_out;
  if (ended == Z_STREAM_END) {
    state_->between_members = true;
    inflateReset(&stream);
  }
  step.damaged = ended != Z_OK && ended != Z_STREAM_END && ended != Z_BUF_ERROR;
  return step;
}

bool Inflater::is_between_members() const { return state_->between_members; }

}  // namespace mailmedic::gzip
