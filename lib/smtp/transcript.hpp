#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "lib/smtp/secrets.hpp"

namespace mailmedic::smtp {

/// A command line, without its end, and how it is shown: a secret is masked where the line is made, so that the
/// clear form never reaches a transcript.
struct Line {
  std::string wire;
  std::string shown;

  static Line plain(std::string text) { return {text, text}; }
  /// `shown` is what reports may have, "AUTH PLAIN ********".
  static Line secret(std::string wire, std::string shown) { return {std::move(wire), std::move(shown)}; }
  bool operator==(const Line&) const = default;
};

struct TranscriptEntry {
  enum class Direction { sent, received, note };
  Direction direction = Direction::note;
  bool encrypted = false;
  std::chrono::microseconds at{0};  ///< since the start of the probe
  std::string text;                 ///< raw bytes of the network, without the line end; at most 4096

  /// As swaks marks them: "->" and "<-", "~>" and "<~" inside TLS, "~~" for a note of ours.
  std::string_view mark() const {
    if (direction == Direction::note) return "~~";
    if (direction == Direction::sent) return encrypted ? "~>" : "->";
    return encrypted ? "<~" : "<-";
  }
};

/// What was said, in order, without secrets. At most 1000 entries are kept.
class Transcript {
 public:
  using Clock = std::chrono::steady_clock;
  Transcript() : start_(Clock::now()) {}
  explicit Transcript(Clock::time_point start) : start_(start) {}

  void sent(const Line& line, bool encrypted) { add(TranscriptEntry::Direction::sent, encrypted, line.shown); }
  void received(std::string_view line, bool encrypted) {
    add(TranscriptEntry::Direction::received, encrypted, secrets_.empty() ? line : std::string_view(secrets_.masked(std::string(line.substr(0, 4096)))));
  }
  void note(std::string_view text) { add(TranscriptEntry::Direction::note, false, text); }

  /// From now on masked in what is received.
  void hide(std::string_view secret) { secrets_.add(secret); }
  const Secrets& secrets() const { return secrets_; }

  const std::vector<TranscriptEntry>& entries() const { return entries_; }
  /// Time since the start.
  std::chrono::microseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_);
  }

 private:
  void add(TranscriptEntry::Direction direction, bool encrypted, std::string_view text) {
    if (entries_.size() < 1000) entries_.push_back({direction, encrypted, elapsed(), std::string(text.substr(0, 4096))});
  }

  Clock::time_point start_;
  std::vector<TranscriptEntry> entries_;
  Secrets secrets_;
};

}  // namespace mailmedic::smtp
