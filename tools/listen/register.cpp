#include "tools/listen/register.hpp"

#include <sqlite3.h>
#include <stdlib.h>  // arc4random_uniform
#include <sys/stat.h>

#include <utility>

#include "lib/text/ascii.hpp"

namespace mailmedic::cli {

namespace {

using TimePoint = std::chrono::system_clock::time_point;

constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS token (token TEXT PRIMARY KEY, made INTEGER NOT NULL, until INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS report (id TEXT PRIMARY KEY, token TEXT NOT NULL, at INTEGER NOT NULL, sender TEXT NOT NULL, client TEXT NOT NULL, status TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS report_by_token ON report (token, at);";

std::int64_t seconds(TimePoint time) { return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(); }

/// A prepared statement with its values; values are never put into its text.
class Statement {
 public:
  Statement(sqlite3* database, const char* text) {
    if (sqlite3_prepare_v2(database, text, -1, &statement_, nullptr) != SQLITE_OK) statement_ = nullptr;
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::string_view value) {
    if (statement_) sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind(std::int64_t value) {
    if (statement_) sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  bool has_row() { return statement_ && sqlite3_step(statement_) == SQLITE_ROW; }
  bool is_done() { return statement_ && sqlite3_step(statement_) == SQLITE_DONE; }
  std::string text(int column) const {
    const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return value ? std::string(value, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
  }
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace

void Register::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

text::Parsed<Register> Register::open(const std::string& file) {
  sqlite3* opened = nullptr;
  const mode_t before = ::umask(0077);  // tokens are for their owner's eyes
  const int failed = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, nullptr);
  std::unique_ptr<sqlite3, Close> database(opened);
  std::string why = failed ? sqlite3_errstr(failed) : "";
  if (!failed) {
    sqlite3_busy_timeout(opened, 5000);
    char* said = nullptr;
    if (sqlite3_exec(opened, schema, nullptr, nullptr, &said) != SQLITE_OK) why = said ? said : "cannot be written";
    sqlite3_free(said);
  }
  ::umask(before);
  if (!why.empty()) return text::ParseError{0, file + ": " + why};
  return Register(std::move(database));
}

text::Parsed<std::string> Register::add_token(TimePoint until) {
  static constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";  // without those that look alike
  std::string token;
  for (int i = 0; i < 16; ++i) token += letters[arc4random_uniform(letters.size())];
  Statement insert(database_.get(), "INSERT INTO token VALUES (?, ?, ?)");
  if (!insert.bind(token).bind(seconds(std::chrono::system_clock::now())).bind(seconds(until)).is_done()) return text::ParseError{0, sqlite3_errmsg(database_.get())};
  return token;
}

std::optional<bool> Register::is_good(std::string_view token, TimePoint now) const {
  Statement select(database_.get(), "SELECT count(*) FROM token WHERE token = ? AND until > ?");
  if (!select.bind(text::lower(token)).bind(seconds(now)).has_row()) return std::nullopt;
  return select.number(0) > 0;
}

std::string Register::add_report(const Report& report) {
  Statement insert(database_.get(), "INSERT INTO report VALUES (?, ?, ?, ?, ?, ?)");
  insert.bind(report.id).bind(report.token).bind(seconds(report.at)).bind(report.sender).bind(report.client).bind(report.status);
  return insert.is_done() ? std::string() : sqlite3_errmsg(database_.get());
}

std::vector<Register::Report> Register::reports(std::string_view token, std::size_t most) const {
  Statement select(database_.get(), "SELECT id, token, at, sender, client, status FROM report WHERE ?1 = '' OR token = ?1 ORDER BY at DESC, id DESC LIMIT ?2");
  select.bind(text::lower(token)).bind(static_cast<std::int64_t>(most));
  std::vector<Report> out;
  while (select.has_row()) out.push_back({select.text(0), select.text(1), select.text(3), select.text(4), select.text(5), TimePoint(std::chrono::seconds(select.number(2)))});
  return out;
}

}  // namespace mailmedic::cli
