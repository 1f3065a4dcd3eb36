#pragma once
// Reports as they come: plain, packed (gzip, xz, zstd, zip), or in a message.
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/feedback/aggregate.hpp"
#include "lib/feedback/tls.hpp"

namespace mailmedic::feedback {

/// No report is larger when unpacked, with all that comes in the same file; what is, is not read.
inline constexpr std::size_t max_report_bytes = 64 * 1024 * 1024;

struct Document {
  std::string name;  ///< the file, and what in it
  std::variant<Aggregate, TlsReport> report;
};

struct Unreadable {
  std::string name, why;
};

struct Documents {
  std::vector<Document> reports;
  std::vector<Unreadable> unreadable;
};

/// All reports in `bytes`, a file's content. Something packed in something packed is opened, no deeper.
Documents documents_in(std::string_view bytes, const std::string& name);

}  // namespace mailmedic::feedback
