#pragma once
// Where several threads hand in the reports of one run.
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "tools/cli/output.hpp"

namespace mailmedic::cli {

/// Puts reports into order again and writes them as far as it has them. All of it may be called by any thread.
class Desk {
 public:
  /// `many`: several reports are expected.
  Desk(std::string tool, const Common& common, bool many) : tool_(std::move(tool)), many_(many), stream_(common, many) {}

  /// Do not too many reports wait for a slower one before them?
  bool has_room();
  /// Each number comes once, from 0 on; nothing for a thing that has no report.
  void put(std::size_t number, std::optional<Rendered> rendered);
  /// Tells on standard error what went wrong with a thing; the exit status is not 0 then.
  void tell(const std::string& wrong);
  /// The catalogue's error, or empty.
  void fail(const std::string& catalogue_error);
  /// After the last put(): ends the output and gives the exit status.
  int finish();

 private:
  const std::string tool_;
  const bool many_;
  std::mutex mutex_;
  Stream stream_;        ///< of the thread that writes
  bool writes_ = false;  ///< some thread does
  std::map<std::size_t, std::optional<Rendered>> held_;
  std::size_t next_ = 0;
  std::string broken_;
  bool failed_ = false;
};

}  // namespace mailmedic::cli
