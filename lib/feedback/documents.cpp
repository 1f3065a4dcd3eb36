#include "lib/feedback/documents.hpp"

#include <algorithm>

#include "lib/archive/zip.hpp"
#include "lib/message/mime.hpp"
#include "lib/text/ascii.hpp"
#include "lib/unpack/unpacker.hpp"

namespace mailmedic::feedback {

namespace {

/// A message, in which is a zip file, in which is a gzip file: reporters do such things.
constexpr int max_depth = 4;
/// Packed things in one file that are unpacked in vain: each may cost as much as the largest report.
constexpr int most_refused = 20;

text::Parsed<std::string> unpacked(std::string_view bytes, unpack::Format format, std::size_t limit) {
  const auto unpacker = unpack::unpacker_for(format);
  std::string out;
  char piece[65536];
  while (true) {
    const auto step = unpacker->unpack(bytes, piece, sizeof piece);
    bytes.remove_prefix(step.used);
    if (out.size() + step.made > limit) return text::ParseError{0, "more than " + std::to_string(limit) + " bytes when unpacked"};
    out.append(piece, step.made);
    if (step.damaged) return text::ParseError{0, "damaged " + std::string(unpack::format_text(format)) + " data"};
    if (step.used == 0 && step.made == 0) break;
  }
  if (!bytes.empty() || !unpacker->is_complete()) return text::ParseError{0, "cut off " + std::string(unpack::format_text(format)) + " data"};
  return out;
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text::trimmed(text);
}

class Opener {
 public:
  void open(std::string_view bytes, const std::string& name, int depth) {
    if (depth > max_depth) return fail(name, "packed too deep");
    if (archive::is_zip(bytes)) return open_zip(bytes, name, depth);
    if (const auto format = unpack::format_of(bytes); format != unpack::Format::plain) return open_packed(bytes, format, name, depth);
    const std::string_view text = without_mark(bytes);
    if (text.starts_with('<')) return take(parse_aggregate(text), name);
    if (text.starts_with('{')) return take(parse_tls_report(text), name);
    open_message(bytes, name, depth);
  }

  Documents out;

 private:
  template <typename Report>
  void take(text::Parsed<Report> report, const std::string& name) {
    if (report) out.reports.push_back({name, std::move(*report)});
    else fail(name, report.error().why);
  }
  void fail(const std::string& name, std::string why) { out.unreadable.push_back({name, std::move(why)}); }
  void refuse_packed(const std::string& name, std::string why) {
    refused_ = std::min(refused_ + 1, most_refused);
    fail(name, std::move(why));
  }

  void open_packed(std::string_view bytes, unpack::Format format, const std::string& name, int depth) {
    if (refused_ == most_refused) return fail(name, "not unpacked, as too much in the same file could not be");
    const auto inner = unpacked(bytes, format, left_);
    if (!inner) return refuse_packed(name, inner.error().why);
    left_ -= inner->size();
    open(*inner, name, depth + 1);
  }

  void open_zip(std::string_view bytes, const std::string& name, int depth) {
    if (refused_ == most_refused) return fail(name, "not unpacked, as too much in the same file could not be");
    const auto entries = archive::read_zip(bytes, left_);
    if (!entries) return refuse_packed(name, entries.error().why);
    for (const archive::Entry& entry : *entries) left_ -= entry.bytes.size();
    if (entries->empty()) return fail(name, "an empty zip archive");
    for (const archive::Entry& entry : *entries) {
      const std::string inner = name + ": " + entry.name;
      if (entry.why.empty()) open(entry.bytes, inner, depth + 1);
      else refuse_packed(inner, entry.why);
    }
  }

  /// A part is looked at when its type or its first bytes say that a report may be in it.
  void open_message(std::string_view bytes, const std::string& name, int depth) {
    const message::Header header(bytes);
    if (header.fields().empty()) return fail(name, "no report: neither XML, JSON, packed, nor a message");
    bool any = false;
    int number = 0;
    for (const message::Part& part : message::parts_of(header)) {
      ++number;
      std::string storage;
      const std::string_view content = message::decoded(part, storage, max_report_bytes);
      const bool packed = archive::is_zip(content) || unpack::format_of(content) != unpack::Format::plain;
      const std::string_view text = without_mark(content.substr(0, 1000));
      const bool named = part.type.find("xml") != part.type.npos || part.type.find("json") != part.type.npos || part.type.find("tlsrpt") != part.type.npos;
      const bool readable = !part.type.starts_with("text/html") && (text.starts_with("<?xml") || text.starts_with("<feedback") || text.starts_with('{'));
      if (!packed && !readable && !named) continue;
      any = true;
      open(content, name + ": part " + std::to_string(number), depth + 1);
    }
    if (!any) fail(name, "a message without a DMARC aggregate report or TLS report in it");
  }

  std::size_t left_ = max_report_bytes;
  int refused_ = 0;
};

}  // namespace

Documents documents_in(std::string_view bytes, const std::string& name) {
  Opener opener;
  opener.open(bytes, name, 1);
  return std::move(opener.out);
}

}  // namespace mailmedic::feedback
