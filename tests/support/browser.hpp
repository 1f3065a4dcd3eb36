#pragma once
// A page in Chromium without a window.
#include "tests/support/tool.hpp"

namespace mailmedic::test {

inline constexpr const char* chromium = "/usr/bin/chromium";

/// Opens a page: with {"--dump-dom"} its text comes to standard output, with {"--screenshot=FILE"} its picture. `profile` is a
/// folder of its own. What the page logs is on standard error, marked CONSOLE.
inline Ran browse(const std::string& page, const Words& more, const std::string& profile) {
  Words words = {chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--enable-logging=stderr", "--v=0",
                 "--user-data-dir=" + profile};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back("file://" + page);
  return run_program(words, std::chrono::seconds(120));
}

}  // namespace mailmedic::test
