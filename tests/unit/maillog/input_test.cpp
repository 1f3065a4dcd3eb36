// Files as blocks of whole lines: packed, cut off, rotated, binary, without line ends.
#include <gmock/gmock.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "lib/maillog/input.hpp"
#include "tests/support/gzip.hpp"
#include "tests/support/tool.hpp"

namespace mailmedic::maillog {
namespace {

using test::Folder;
using ::testing::HasSubstr;

std::string file_with(const Folder& folder, const std::string& name, std::string_view text) {
  std::ofstream(folder.file(name), std::ios::binary) << text;
  return folder.file(name);
}

using test::gzipped;

std::string in_xz(std::string_view text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()), LZMA_OK);
  out.resize(size);
  return out;
}

std::string in_zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

/// Everything that the blocks hold, and what became of the files.
struct Read {
  std::string text;
  std::vector<FileAccount> accounts;
  std::size_t blocks = 0;
};

Read read(const std::vector<std::string>& files, std::size_t block_bytes) {
  Blocks blocks(files, block_bytes);
  std::vector<char> room;
  Block block;
  Read out;
  while (blocks.next(room, block)) {
    EXPECT_EQ(block.number, out.blocks++);
    out.text += block.text;
    if (!out.text.ends_with('\n')) out.text += '\n';
  }
  out.accounts = blocks.accounts();
  return out;
}

std::string lines(int count, int day = 23) {
  std::string out;
  for (int i = 0; i < count; ++i) out += "2026-11-" + std::to_string(day) + "T22:24:38Z lab postfix/qmgr[1]: line " + std::to_string(i) + "\n";
  return out;
}

TEST(LogInput, BlocksHoldWholeLinesWhateverTheirSize) {
  const Folder folder;
  const std::string text = lines(1000), file = file_with(folder, "mail.log", text);
  for (const std::size_t size : {100u, 4096u, 70'000u, 4'000'000u}) {
    const Read got = read({file}, size);
    EXPECT_EQ(got.text, text) << size;
    EXPECT_EQ(got.accounts[0].bytes, text.size());
    EXPECT_EQ(got.accounts[0].trouble, "");
  }
  EXPECT_EQ(read({file_with(folder, "open.log", "no line end")}, 4096).text, "no line end\n");
  EXPECT_EQ(read({file_with(folder, "empty.log", "")}, 4096).blocks, 0u);
}

TEST(LogInput, PackedFilesAreUnpacked) {
  const Folder folder;
  const std::string text = lines(20'000);
  const std::pair<unpack::Format, std::string> packed[] = {{unpack::Format::gzip, gzipped(text)}, {unpack::Format::xz, in_xz(text)}, {unpack::Format::zstd, in_zstd(text)}};
  for (const auto& [format, bytes] : packed) {
    const std::string name(unpack::format_text(format));
    const Read got = read({file_with(folder, name, bytes)}, 65'536);
    EXPECT_EQ(got.accounts[0].format, format);
    EXPECT_TRUE(got.text == text) << name;
    EXPECT_EQ(got.accounts[0].trouble, "") << name;
    // Two behind each other, as `cat` makes them.
    EXPECT_EQ(read({file_with(folder, name, bytes + bytes)}, 65'536).text.size(), 2 * text.size()) << name;
  }
}

TEST(LogInput, WhatStandsInFrontOfACutIsUsed) {
  const Folder folder;
  const std::string text = lines(20'000);
  for (const std::string& bytes : {gzipped(text), in_xz(text), in_zstd(text)}) {
    const Read got = read({file_with(folder, "cut", std::string_view(bytes).substr(0, bytes.size() / 2))}, 65'536);
    EXPECT_THAT(got.accounts[0].trouble, HasSubstr("cut off"));
    EXPECT_THAT(text, ::testing::StartsWith(got.text.substr(0, got.text.rfind('\n', got.text.size() - 2) + 1)));
  }
  const Read gzip = read({file_with(folder, "cut", std::string_view(gzipped(text)).substr(0, gzipped(text).size() / 2))}, 65'536);
  EXPECT_GT(gzip.text.size(), text.size() / 4);
  std::string damaged = gzipped(text);
  for (std::size_t i = damaged.size() / 2; i < damaged.size() / 2 + 40; ++i) damaged[i] = '\x55';
  EXPECT_THAT(read({file_with(folder, "damaged", damaged)}, 65'536).accounts[0].trouble, HasSubstr("damaged"));
}

TEST(LogInput, RotatedFilesAreReadInTheOrderOfTheirTimes) {
  const Folder folder;
  const std::string now = file_with(folder, "mail.log", lines(2, 23)), before = file_with(folder, "mail.log.1", lines(2, 22)), oldest = file_with(folder, "mail.log.2.gz", gzipped(lines(2, 21)));
  EXPECT_EQ(read({now, before, oldest}, 4096).text, lines(2, 21) + lines(2, 22) + lines(2, 23));
}

TEST(LogInput, ALineWithoutEndIsSkippedAndCounted) {
  const Folder folder;
  const std::string text = lines(2) + std::string(3'000'000, 'x') + "\n" + lines(3);
  const Read got = read({file_with(folder, "long.log", text)}, 65'536);
  EXPECT_EQ(got.accounts[0].long_lines, 1u);
  EXPECT_EQ(got.text, lines(2) + lines(3));
  const Read endless = read({file_with(folder, "endless.log", std::string(3'000'000, 'x'))}, 65'536);
  EXPECT_EQ(endless.accounts[0].long_lines, 1u);
  EXPECT_LT(endless.text.size(), 65'536u);
}

TEST(LogInput, WhatCannotBeOpenedIsNamed) {
  const Folder folder;
  const Read got = read({"/no/such/mail.log", folder.file("")}, 4096);
  EXPECT_EQ(got.blocks, 0u);
  EXPECT_THAT(got.accounts[0].trouble, HasSubstr("No such file"));
  EXPECT_THAT(got.accounts[1].trouble, HasSubstr("folder"));
}

TEST(LogInput, ExportedJournalsBecomeLines) {
  const Folder folder;
  std::string text = "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795472678732106\nSYSLOG_IDENTIFIER=postfix/qmgr\n_PID=20123\nMESSAGE=4378CA9C0ED: removed\n\n";
  text += std::string("__REALTIME_TIMESTAMP=1795472679000000\nSYSLOG_IDENTIFIER=postfix/smtp\nMESSAGE\n") + std::string("\x07\0\0\0\0\0\0\0", 8) + "two\nlin\n\n";
  text += "__REALTIME_TIMESTAMP=1795472680000000\n_PID=1\nMESSAGE=without end";
  const std::string whole = "2026-11-23T22:24:38Z journal postfix/qmgr[20123]: 4378CA9C0ED: removed\n2026-11-23T22:24:39Z journal postfix/smtp[]: two lin\n2026-11-23T22:24:40Z journal unknown[1]: without end\n";
  EXPECT_EQ(read({file_with(folder, "export", text)}, 4096).text, whole);
  JournalReader reader;
  std::string lines;
  for (const char c : text) reader.read(std::string_view(&c, 1), lines);
  reader.finish(lines);
  EXPECT_EQ(lines, whole) << "byte by byte";
}

TEST(LogInput, AFieldOfAJournalMayClaimAnySize) {
  for (const std::string_view size : {std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff", 8), std::string_view("\xff\xff\xff\xff\x00\x00\x00\x00", 8), std::string_view("\xff\xff\xff\xff\xff\xff\xff\x7f", 8)}) {
    JournalReader reader;
    std::string lines;
    reader.read("MESSAGE\n" + std::string(size) + std::string(100'000, 'x') + "\n\n__REALTIME_TIMESTAMP=1\nMESSAGE=x\n\n", lines);
    reader.finish(lines);
    EXPECT_EQ(lines, "");
  }
}

}  // namespace
}  // namespace mailmedic::maillog
