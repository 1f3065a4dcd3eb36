#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/reception/receiver.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::cli {

class Register;

/// Where messages and their reports are kept: DIRECTORY/ID.eml, and beside it what others write. With tokens, mail for
/// report-TOKEN@ any domain lies in DIRECTORY/TOKEN/.
class Mailbox {
 public:
  /// Makes the folder; the error names it. A token is 1 to 64 letters, digits, '-' and '_'.
  /// `known`, where it is not null, has further tokens, and must outlive this.
  static text::Parsed<Mailbox> open(std::string directory, std::vector<std::string> tokens, const Register* known);

  /// Is mail for this address taken? Without tokens and register, any. Nothing where the register cannot be read.
  std::optional<bool> accepts(std::string_view address) const;
  /// Writes the message, on the disk before it returns. `trouble` says why not.
  reception::Kept keep(const reception::Delivered& message) const;
  /// "DIRECTORY/ID.html"
  std::string path(const std::string& id, const std::string& extension) const { return directory_ + "/" + id + extension; }

 private:
  Mailbox(std::string directory, std::vector<std::string> tokens, const Register* known) : directory_(std::move(directory)), tokens_(std::move(tokens)), register_(known) {}
  bool takes_all() const { return tokens_.empty() && !register_; }
  std::optional<std::string> token_of(std::string_view address) const;

  std::string directory_;
  std::vector<std::string> tokens_;
  const Register* register_;
};

/// Writes a file for its owner alone, under another name first, so that nobody sees half of it. False where that failed (errno).
bool write_whole(const std::string& path, std::string_view content);

}  // namespace mailmedic::cli
