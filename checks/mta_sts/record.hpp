#pragma once
// The TXT record at _mta-sts. Pure: no DNS. RFC 8461 section 3.1.
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/tag_list.hpp"

namespace mailmedic::mta_sts {

/// Does a sender read this text as an MTA-STS record? It must begin with exactly "v=STSv1" and a semicolon.
bool is_record(std::string_view text);

/// Was it meant as one, and is not read as one? "v=stsv1; id=1", "v=STSv1 id=1", a quote in front.
bool is_nearly_record(std::string_view text);

struct Record {
  std::string text;
  std::string id;        ///< as it stands; empty: absent
  bool id_is_valid = false;  ///< 1 to 32 letters and digits
  std::vector<text::Tag> extensions{};  ///< fields beyond v and id: ignored by senders
};

/// An error, with its offset, for a text that is no list of fields: senders then act as if there were none.
text::Parsed<Record> parse_record(std::string_view text);

}  // namespace mailmedic::mta_sts
