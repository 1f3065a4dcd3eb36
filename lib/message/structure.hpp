#pragma once
// The MIME tree as it was written, faults and all. Bounded, without copies. RFC 2045, RFC 2046.
#include <string>
#include <string_view>
#include <vector>

#include "lib/message/mime.hpp"

namespace mailmedic::message {

/// One entity. Views into the message.
struct Entity {
  std::size_t parent = 0, depth = 0;  ///< the message itself has depth 0 and is its own parent
  std::string type = "text/plain";    ///< lower case
  std::string_view content_type;      ///< the field's value, as written; empty where there is none
  std::string_view encoding;          ///< Content-Transfer-Encoding, as written
  std::string_view disposition;       ///< Content-Disposition, as written
  std::string_view content_id;
  std::string_view body;              ///< still encoded
  std::string_view boundary;          ///< of a multipart
  bool found = false;                 ///< a multipart whose boundary occurs
  bool closed = false;                ///< and ends with "--boundary--"

  bool is_multipart() const { return type.starts_with("multipart/"); }
  bool is_text() const { return type.starts_with("text/"); }
  bool is_attached() const;
};

struct Structure {
  std::vector<Entity> entities;  ///< the message first, then in the order of the text
  bool cut = false;              ///< there is more than the limits allow
};

inline constexpr std::size_t max_entities = 1000, max_entity_depth = 30;

/// What is in message/rfc822 is not looked into.
Structure structure_of(const Header& header);

/// The bytes of an entity as in decoded() of mime.hpp.
std::string_view decoded(const Entity& entity, std::string& storage, std::size_t limit);

/// The file's name in UTF-8: filename, else name; RFC 2231 forms and encoded words are read. Empty where there is none.
std::string file_name(const Entity& entity);

}  // namespace mailmedic::message
