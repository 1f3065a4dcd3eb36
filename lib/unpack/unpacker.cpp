#include "lib/unpack/unpacker.hpp"

#include <lzma.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <new>

#include "lib/gzip/inflater.hpp"

namespace mailmedic::unpack {

namespace {

/// What a decoder may use; no log needs more, a hostile file may ask for gigabytes.
constexpr std::uint64_t most_memory = 100 * 1024 * 1024;
constexpr int most_window_log = 26;

class Plain final : public Unpacker {
 public:
  Step unpack(std::string_view in, char* out, std::size_t room) override {
    const std::size_t size = std::min(in.size(), room);
    if (size > 0) std::memcpy(out, in.data(), size);
    return {size, size, false};
  }
  bool is_complete() const override { return true; }
};

class Gzip final : public Unpacker {
 public:
  Step unpack(std::string_view in, char* out, std::size_t room) override {
    const gzip::Inflater::Step step = inflater_.unpack(in, out, room);
    return {step.used, step.made, step.damaged};
  }
  bool is_complete() const override { return inflater_.is_between_members(); }

 private:
  gzip::Inflater inflater_;
};

class Xz final : public Unpacker {
 public:
  Xz() {
    if (lzma_stream_decoder(&stream_, most_memory, 0) != LZMA_OK) throw std::bad_alloc();
  }
  ~Xz() override { lzma_end(&stream_); }
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;

  Step unpack(std::string_view in, char* out, std::size_t room) override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out);
    stream_.avail_out = room;
    if (!in.empty()) complete_ = false;
    const lzma_ret ended = lzma_code(&stream_, LZMA_RUN);
    Step step{in.size() - stream_.avail_in, room - stream_.avail_out, false};
    if (ended == LZMA_STREAM_END) {
      complete_ = true;
      step.damaged = lzma_stream_decoder(&stream_, most_memory, 0) != LZMA_OK;
    } else {
      step.damaged = ended != LZMA_OK && ended != LZMA_BUF_ERROR;
    }
    return step;
  }
  bool is_complete() const override { return complete_; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool complete_ = true;
};

class Zstd final : public Unpacker {
 public:
  Zstd() : stream_(ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, most_window_log);
  }
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Step unpack(std::string_view in, char* out, std::size_t room) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out, room, 0};
    const std::size_t hint = ZSTD_decompressStream(stream_, &to, &from);
    if (from.pos > 0 || to.pos > 0) complete_ = hint == 0;
    return {from.pos, to.pos, ZSTD_isError(hint) != 0};
  }
  bool is_complete() const override { return complete_; }

 private:
  ZSTD_DStream* stream_;
  bool complete_ = true;
};

}  // namespace

std::string_view format_text(Format format) {
  switch (format) {
    case Format::plain: return "plain";
    case Format::gzip: return "gzip";
    case Format::xz: return "xz";
    case Format::zstd: return "zstd";
  }
  return "plain";
}

Format format_of(std::string_view beginning) {
  if (beginning.starts_with("\x1f\x8b")) return Format::gzip;
  if (beginning.starts_with(std::string_view("\xfd" "7zXZ\0", 6))) return Format::xz;
  if (beginning.starts_with("\x28\xb5\x2f\xfd")) return Format::zstd;
  return Format::plain;
}

std::unique_ptr<Unpacker> unpacker_for(Format format) {
  switch (format) {
    case Format::plain: return std::make_unique<Plain>();
    case Format::gzip: return std::make_unique<Gzip>();
    case Format::xz: return std::make_unique<Xz>();
    case Format::zstd: return std::make_unique<Zstd>();
  }
  return std::make_unique<Plain>();
}

}  // namespace mailmedic::unpack
