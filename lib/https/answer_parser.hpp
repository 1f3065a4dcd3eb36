#pragma once
#include <memory>
#include <string>

#include "lib/https/getter.hpp"

namespace mailmedic::https {

/// Reads one HTTP/1.1 answer to a GET (RFC 9112), without I/O: bytes go in, a Response is filled. Interim answers
/// (1xx) are skipped, sixteen at most.
class AnswerParser {
 public:
  /// `response` must outlive the parser; its request says how long a body may be.
  explicit AnswerParser(Response& response);
  ~AnswerParser();

  /// More bytes, of any content. True when the answer is complete, or is given up: Response::cause says which.
  bool receive(std::string_view bytes);
  /// The connection ended. An answer that says no length ends so too.
  void end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailmedic::https
