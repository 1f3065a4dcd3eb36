#pragma once
// The subjects of lint, one file each. All are pure.
#include "checks/lint/judge.hpp"

namespace mailmedic::lint {

void judge_form(const Letter& letter, CheckReport& report);                                   ///< LNT-001, 002, 003, 011, 013
void judge_fields(const Letter& letter, const Circumstances& about, CheckReport& report);     ///< LNT-004 to 010
void judge_encoded_words(const Letter& letter, CheckReport& report);                          ///< LNT-012
void judge_names(const Letter& letter, CheckReport& report);                                  ///< LNT-005, 014 to 017
void judge_words(const Letter& letter, CheckReport& report);                                  ///< LNT-018 to 020, 063
void judge_mime(const Letter& letter, CheckReport& report);                                   ///< LNT-030 to 033
void judge_shape(const Letter& letter, CheckReport& report);                                  ///< LNT-034 to 036, 038, 048
void judge_attachments(const Letter& letter, CheckReport& report);                            ///< LNT-037, 039
void judge_unsubscribe(const Letter& letter, const Circumstances& about, CheckReport& report);  ///< LNT-050 to 059
void judge_trace(const Letter& letter, CheckReport& report);                                  ///< LNT-060, 061
void judge_html(const Letter& letter, CheckReport& report);                                   ///< LNT-040 to 042, 046, 047
void judge_links(const Letter& letter, CheckReport& report);                                  ///< LNT-043, 047, 062

/// A finding about the message; evidence is cut to a sensible length.
void add(CheckReport& report, std::string_view id, Args args, std::string source, std::string_view text);

}  // namespace mailmedic::lint
