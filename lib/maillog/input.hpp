#pragma once
// Log files as blocks of whole lines, in the order of time, unpacked on the way. Memory is bounded by the block.
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lib/maillog/journal.hpp"
#include "lib/maillog/line.hpp"
#include "lib/unpack/unpacker.hpp"

namespace mailmedic::maillog {

/// No line of a mail server is longer; what is longer is skipped and counted.
inline constexpr std::size_t max_line_bytes = 64 * 1024;

/// What became of one file.
struct FileAccount {
  std::string name;
  unpack::Format format = unpack::Format::plain;
  std::uint64_t bytes = 0;       ///< of log text, unpacked
  std::uint64_t long_lines = 0;  ///< larger than a block: skipped here
  std::string trouble{};         ///< why it was not read to its end; empty: it was
  std::chrono::system_clock::time_point newest{};  ///< no line can be younger: when the file was last written
};

/// The bytes of one file, unpacked; those of `journalctl -o export` as lines of syslog.
class Input {
 public:
  /// "-" is standard input. What cannot be opened says so in account().trouble and gives nothing.
  explicit Input(std::string name);
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// 0 at the end, or where it cannot go on.
  std::size_t read(char* out, std::size_t room);
  FileAccount& account() { return account_; }

 private:
  std::size_t read_unpacked(char* out, std::size_t room);
  std::size_t read_journal(char* out, std::size_t room);
  bool fill();

  FileAccount account_;
  int file_ = -1;
  bool at_end_ = false;
  std::unique_ptr<unpack::Unpacker> unpacker_;
  std::vector<char> packed_;
  std::string_view waiting_;  ///< packed bytes that were read and not yet unpacked
  std::unique_ptr<JournalReader> journal_;
  std::string lines_;         ///< made of the journal and not yet given out
  std::size_t lines_given_ = 0;
};

struct Block {
  std::size_t number = 0;    ///< from 0, over all files
  std::size_t file = 0;      ///< index of its account
  std::string_view text{};   ///< whole lines; the last of a file may lack its end
};

/// Hands out the blocks of all files; several threads may ask. Files are read in the order of their first line's time,
/// so that rotated logs may be named in any order.
class Blocks {
 public:
  static constexpr std::size_t usual_block_bytes = 4 * 1024 * 1024;
  explicit Blocks(const std::vector<std::string>& files, std::size_t block_bytes = usual_block_bytes);

  /// The next block in `room`, which is the caller's and is used again. False when all files were read.
  bool next(std::vector<char>& room, Block& out);
  /// When a file was last written.
  std::chrono::system_clock::time_point newest_of(std::size_t file) const { return accounts_[file].newest; }
  /// To be read when next() gave nothing to any thread. In the order of reading.
  const std::vector<FileAccount>& accounts() const { return accounts_; }

 private:
  std::size_t read_block(std::vector<char>& room, bool& at_end);
  void finish_file();

  std::mutex one_at_a_time_;
  std::vector<FileAccount> accounts_;
  std::unique_ptr<Input> input_;   ///< the file that is being read
  std::size_t block_bytes_, file_ = 0, number_ = 0;
  std::vector<char> carried_;      ///< the beginning of a line whose end is in the next block
  bool skipping_ = false;          ///< within a line that is longer than a block
};

}  // namespace mailmedic::maillog
