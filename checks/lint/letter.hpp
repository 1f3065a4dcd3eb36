#pragma once
// A message as lint looks at it: read once, faults and all, for every file of this folder.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/name.hpp"
#include "lib/html/document.hpp"
#include "lib/message/address_list.hpp"
#include "lib/message/raw_message.hpp"
#include "lib/message/structure.hpp"

namespace mailmedic::lint {

/// Of each text part and the HTML part, no more is read.
inline constexpr std::size_t max_text_bytes = 1024 * 1024;

struct Letter {
  std::string_view text;
  std::vector<message::RawField> fields;
  std::string_view head, body;
  std::optional<std::string_view> not_a_field{};  ///< the line of the header that is none; the header ends in front of it
  bool cut = false;                               ///< the header is larger than the limits of lib/message
  message::LineEnds ends;                         ///< of the whole message
  std::size_t longest_header_line = 0, longest_body_line = 0;  ///< bytes without the line end
  message::Structure structure;
  std::string plain;                              ///< the text/plain parts that are not attached, in UTF-8
  std::string html;                               ///< the first text/html part that is not attached, in UTF-8
  bool has_plain = false, has_html = false;
  html::Document document;                        ///< of `html`
  message::AddressList from;
  std::optional<dns::Name> author{};              ///< the domain of From, where there is one author

  std::size_t count(std::string_view name) const;
  bool has(std::string_view name) const { return count(name) > 0; }
  /// The first field of that name, folds and all, trimmed; empty where there is none.
  std::string_view raw(std::string_view name) const;
  /// The same in one line, encoded words decoded.
  std::string shown(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  /// Has a server already taken it?
  bool was_received() const { return has("Received"); }
};

/// Never fails. `text` must outlive the result.
Letter read(std::string_view text);

/// The domain of "joe@example.org".
std::optional<dns::Name> domain_of(std::string_view address);

/// Do both belong to one organization, by the public suffix list?
bool is_same_organization(const dns::Name& a, const dns::Name& b);

/// Does a DKIM-Signature name the author's organization? Whether it verifies is not asked.
bool is_signed_by_author(const Letter& letter);

}  // namespace mailmedic::lint
