// Raw header fields, as they come from files of every kind.
#include "lib/message/fields.hpp"

#include <gmock/gmock.h>

#include "tests/support/tool.hpp"

using namespace mailmedic;
using testing::HasSubstr;

TEST(MessageFields, KeepTheirFolds) {
  const auto fields = message::parse_fields("Subject: one\r\n two\r\nX-Empty:\r\nFrom : a@example.org\r\n\r\nNot: a field\r\n").value();
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[0].raw, " one\r\n two");
  EXPECT_EQ(fields[0].unfolded(), " one two");
  EXPECT_EQ(fields[1].raw, "");
  EXPECT_EQ(fields[2].name, "From");
  EXPECT_EQ(fields[2].line, 4u);
}

TEST(MessageFields, EndInEitherWay) {
  EXPECT_EQ(message::parse_fields("A: 1\n\tx\nB: 2").value().at(0).unfolded(), " 1\tx");
  EXPECT_EQ(message::parse_fields("A: 1\n\nbody").value().size(), 1u);
  EXPECT_EQ(message::parse_fields("From someone Thu Jan  1\nA: 1\n\n").value().size(), 1u);
  EXPECT_TRUE(message::parse_fields("").value().empty());
}

TEST(MessageFields, AreRefusedWithTheirLine) {
  EXPECT_THAT(message::parse_fields("A: 1\nhello world\n").error().why, HasSubstr("line 2"));
  EXPECT_FALSE(message::parse_fields(" folded\n"));
  EXPECT_FALSE(message::parse_fields("\xff\xfe: x\n"));
  EXPECT_FALSE(message::parse_fields("A: 1\nFrom someone\n"));
  std::string many;
  for (std::size_t i = 0; i <= message::max_fields; ++i) many += "A: 1\n";
  EXPECT_THAT(message::parse_fields(many).error().why, HasSubstr("2000"));
  std::string large = "A: 1\n";
  while (large.size() < message::max_header_bytes + 10) large += std::string(" ") + std::string(998, 'x') + "\n";
  EXPECT_THAT(message::parse_fields(large + "B: 1\n").error().why, HasSubstr("1 MiB"));
}

TEST(MessageFields, AreReadFromAFile) {
  const test::Folder folder;
  std::ofstream(folder.file("a.eml")) << "A: 1\r\n\r\n" << std::string(3 * message::max_header_bytes, 'x');
  EXPECT_EQ(message::read_fields(folder.file("a.eml")).value().size(), 1u);
  EXPECT_THAT(message::read_fields(folder.file("none")).error().why, HasSubstr("No such file"));
  EXPECT_FALSE(message::read_fields("/"));
}
