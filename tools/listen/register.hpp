#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

struct sqlite3;

namespace mailmedic::cli {

/// The addresses that reports are made for, and the reports, in an SQLite file: it outlives the tool, and may be read and added
/// to by others while a tool listens. Tokens are kept in lower case.
class Register {
 public:
  /// Opens the file, or makes it. The error names it.
  static text::Parsed<Register> open(const std::string& file);

  /// A new token of 16 random letters and digits that is good until then; an error when it cannot be written.
  text::Parsed<std::string> add_token(std::chrono::system_clock::time_point until);
  /// Is the token known, and not over? Nothing where the file cannot be read.
  std::optional<bool> is_good(std::string_view token, std::chrono::system_clock::time_point now) const;

  struct Report {
    std::string id, token, sender, client, status;
    std::chrono::system_clock::time_point at;
  };
  /// An error text, or empty.
  std::string add_report(const Report& report);
  /// The last reports, the newest first; all tokens where `token` is empty.
  std::vector<Report> reports(std::string_view token, std::size_t most) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Register(std::unique_ptr<sqlite3, Close> database) : database_(std::move(database)) {}
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace mailmedic::cli
