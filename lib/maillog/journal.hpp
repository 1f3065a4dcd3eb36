#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace mailmedic::maillog {

/// Does it begin as the export of a systemd journal does?
bool is_journal_export(std::string_view beginning);

/// Makes lines of syslog of a journal's export format (systemd's JOURNAL_EXPORT_FORMATS), which may come in pieces.
class JournalReader {
 public:
  /// Appends a line for each entry that became complete.
  void read(std::string_view bytes, std::string& lines);
  /// The last entry, if it has no empty line behind it.
  void finish(std::string& lines);

 private:
  /// The field at `at`, which goes on behind it; false when its end has not come yet.
  bool take_field(std::size_t& at, std::string& lines);
  void keep(std::string_view name, std::string_view value);
  void end_entry(std::string& lines);

  std::string waiting_;
  std::string message_, identifier_, process_;
  std::int64_t microseconds_ = 0;
  std::uint64_t to_skip_ = 0;  ///< of a field too large to keep
};

}  // namespace mailmedic::maillog
