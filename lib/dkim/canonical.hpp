#pragma once
// The two canonical forms that a signature is made over. RFC 6376 section 3.4. A line end is CRLF or LF: both stand for
// the CRLF of the wire, so that a message out of a mailbox file needs no copy.
#include <string>
#include <string_view>

namespace mailmedic::dkim {

enum class Canonicalization { simple, relaxed };
std::string_view canonicalization_text(Canonicalization form);

/// Appends a header field, given from its name to before its last line end; no line end is appended.
/// Sections 3.4.1 and 3.4.2.
void append_field(std::string& out, std::string_view whole, Canonicalization form);

/// Is a line (without its end) already as the relaxed form wants it: no tab, no two spaces together, none at its end?
bool is_relaxed_line(std::string_view line);
/// Appends the relaxed form of a line. Section 3.4.4.
void append_relaxed_line(std::string& out, std::string_view line);

/// Gives the canonical body to put(std::string_view), in pieces; what is canonical as it stands is not copied. Lines at
/// the end that are empty are left out. Sections 3.4.3 and 3.4.4.
template <typename Put>
void put_canonical_body(std::string_view body, Canonicalization form, Put&& put) {
  constexpr std::string_view crlf = "\r\n";
  std::size_t stretch = 0, stretch_end = 0, empty = 0;
  bool any = false;
  std::string line_made;
  const auto end_stretch = [&] {
    if (stretch_end > stretch) put(body.substr(stretch, stretch_end - stretch));
    stretch = stretch_end = 0;
  };
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t found = body.find('\n', at);
    const std::size_t next = found == body.npos ? body.size() : found + 1;
    const bool ends_in_crlf = found != body.npos && found > at && body[found - 1] == '\r';
    std::string_view line = body.substr(at, (found == body.npos ? body.size() : found) - at - (ends_in_crlf ? 1 : 0));
    bool as_it_stands = ends_in_crlf;
    if (form == Canonicalization::relaxed && !is_relaxed_line(line)) {
      line_made.clear();
      append_relaxed_line(line_made, line);
      line = line_made;
      as_it_stands = false;
    }
    if (line.empty()) {
      end_stretch();
      ++empty;
    } else {
      any = true;
      for (; empty > 0; --empty) put(crlf);
      if (as_it_stands) {
        if (stretch_end == 0) stretch = at;
        stretch_end = next;
      } else {
        end_stretch();
        put(line);
        put(crlf);
      }
    }
    at = next;
  }
  end_stretch();
  if (!any && form == Canonicalization::simple) put(crlf);
}

}  // namespace mailmedic::dkim
