#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace mailmedic::smtp {

/// What must appear in no report, whoever says it: a server that echoes a password included.
class Secrets {
 public:
  /// Kept as it is and in base64. One of fewer than 4 bytes is none.
  void add(std::string_view secret);
  /// The text with "********" instead of each secret, and instead of each word of base64 that has one inside.
  std::string masked(std::string text) const;
  bool empty() const { return secrets_.empty(); }

 private:
  bool holds_one(std::string_view text) const;

  std::vector<std::string> secrets_;
};

}  // namespace mailmedic::smtp
