#pragma once
// Messages in, ids of findings out.
#include <gmock/gmock.h>

#include "checks/lint/judge.hpp"
#include "tests/support/catalogue.hpp"

namespace mailmedic::lint_test {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

/// 25 November 2026, 15:10 UTC
inline const TimePoint now{std::chrono::seconds(1'795'619'400)};

inline const std::string good_header =
    "From: Joe <joe@example.org>\r\nTo: Sue <sue@example.net>\r\nSubject: Is dinner ready?\r\nDate: Wed, 25 Nov 2026 15:04:05 +0000\r\nMessage-ID: <1@example.org>\r\n";
inline const std::string good = good_header + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nHi. We lost the game. Are you hungry yet?\r\n";

inline CheckReport report(const std::string& message, lint::Circumstances about = {.now = now}) {
  CheckReport out{.check = "lint"};
  const lint::Letter letter = lint::read(message);
  lint::judge(letter, about, out);
  for (const auto* list : {&out.findings, &out.unknowns})
    for (const Finding& finding : *list)
      if (finding.id.starts_with("lint.")) test::expect_words_are_filled(finding);
  return out;
}

inline std::vector<std::string> ids(const std::string& message, lint::Circumstances about = {.now = now}) {
  std::vector<std::string> out;
  for (const Finding& finding : report(message, std::move(about)).findings) out.emplace_back(finding.id);
  return out;
}

/// `good` with one field or text in place of another.
inline std::string with(const std::string& from, const std::string& to, std::string text = good) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}
/// `good` with more fields in front.
inline std::string and_also(const std::string& fields) { return fields + "\r\n" + good; }

}  // namespace mailmedic::lint_test
