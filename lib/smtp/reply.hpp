#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::smtp {

/// An enhanced status code, "5.7.1". RFC 3463 section 2.
struct EnhancedCode {
  int status_class = 0, subject = 0, detail = 0;

  std::string text() const;
  auto operator<=>(const EnhancedCode&) const = default;
};

/// The code at the start of a reply's text (RFC 2034 section 4), or nothing.
std::optional<EnhancedCode> enhanced_code(std::string_view text);

/// A server's reply. RFC 5321 section 4.2.
struct Reply {
  int code = 0;                            ///< of the last line
  std::vector<std::string> lines;          ///< text of each line, without code, separator and line end; raw bytes
  std::optional<EnhancedCode> enhanced{};  ///< of the first line
  bool bare_lf = false;                    ///< a line ended in LF without CR. RFC 5321 section 2.3.8
  std::vector<int> other_codes{};          ///< of earlier lines that differ from `code`. RFC 5321 section 4.2.1

  bool is_positive() const { return code >= 200 && code < 400; }
  bool is_transient() const { return code >= 400 && code < 500; }
  bool is_permanent() const { return code >= 500; }
  /// The lines joined by " / ", with the code before the first: "550 5.7.1 no / more".
  std::string text() const;
  bool operator==(const Reply&) const = default;
};

/// How much of a reply is taken. RFC 5321 section 4.5.3.1.5 allows a line of 512 bytes; real ones are longer.
struct ReplyLimits {
  std::size_t line = 4096;    ///< bytes
  std::size_t lines = 256;
  std::size_t bytes = 65536;  ///< of the whole reply
};

/// Takes replies out of a stream of bytes. Bare line feeds end a line too, and are recorded.
class ReplyParser {
 public:
  enum class State { incomplete, complete, malformed, too_long };

  explicit ReplyParser(ReplyLimits limits = {}) : limits_(limits) {}

  /// Takes bytes up to the end of the reply, of the malformed line, or of what the limits allow; returns how
  /// many. Takes nothing unless the state is incomplete.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  /// For malformed and too_long: what is wrong, in English, without the server's words.
  const std::string& why() const { return why_; }
  /// The reply, once complete; the parser is then ready for the next one.
  Reply take();
  /// Lines as they came, without their ends, since the last call: for the transcript.
  std::vector<std::string> take_raw_lines();
  /// The start of a line whose end has not come yet.
  const std::string& pending() const { return pending_; }
  /// Can what has come of this line never become a reply, however it goes on?
  bool pending_is_foreign() const;

 private:
  void end_line();
  void fail(State state, std::string why);

  ReplyLimits limits_;
  State state_ = State::incomplete;
  Reply reply_;
  std::string pending_, why_;
  std::vector<std::string> raw_lines_;
  std::size_t bytes_ = 0;
};

}  // namespace mailmedic::smtp
