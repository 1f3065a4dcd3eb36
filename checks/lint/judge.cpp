#include "checks/lint/judge.hpp"

#include "checks/lint/parts.hpp"
#include "lib/message/charset.hpp"

namespace mailmedic::lint {

void add(CheckReport& report, std::string_view id, Args args, std::string source, std::string_view text) {
  constexpr std::size_t shown_bytes = 600;
  Finding finding{.id = id, .subject = "message"};
  for (auto& [name, value] : args) value = message::utf8_prefix(value, shown_bytes);
  finding.args = std::move(args);
  finding.evidence = {{std::move(source), std::string(message::utf8_prefix(text, shown_bytes))}};
  report.findings.push_back(std::move(finding));
}

void judge(const Letter& letter, const Circumstances& about, CheckReport& report) {
  judge_form(letter, report);
  judge_fields(letter, about, report);
  judge_encoded_words(letter, report);
  judge_names(letter, report);
  judge_words(letter, report);
  judge_mime(letter, report);
  judge_shape(letter, report);
  judge_attachments(letter, report);
  judge_unsubscribe(letter, about, report);
  judge_trace(letter, report);
  judge_html(letter, report);
  judge_links(letter, report);
}

}  // namespace mailmedic::lint
