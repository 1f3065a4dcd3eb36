// Sendmail and what imitates it (Active!Hunter, Zoho, McAfee, Mail2000, Bigfoot): a list of addresses with reasons, then
// a transcript of the session; in version 5 the transcript alone.
#include <algorithm>

#include "lib/message/reply_words.hpp"
#include "lib/message/report_readers.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

/// The part of "554 <joe@example.org>... 550 Host unknown" that says why.
std::string_view behind_dots(std::string_view line) {
  const auto dots = line.find("... ");
  if (dots == line.npos) return line;
  const std::string_view reason = text::trimmed(line.substr(dots + 4));
  return codes_of(reason).reply.empty() ? line : reason;
}

class Transcript {
 public:
  explicit Transcript(const ReportSource& source) : source_(source) {}

  std::vector<Told> run() {
    enum { nothing, addresses, transcript } section = nothing;
    for (const std::string_view raw : source_.lines) {
      const std::string_view line = text::trimmed(raw);
      const std::string lower = text::lower(line.substr(0, 100));
      if (lower.find("addresses had") != lower.npos || lower.find("addresses have") != lower.npos)
        section = addresses;
      else if (lower.find("transcript of session") != lower.npos || lower.find("non-delivered information") != lower.npos)
        section = transcript;
      else if (section == addresses && line.empty() && !told_.empty())
        section = nothing;
      else if (section == addresses)
        address_line(line);
      else if (section == transcript)
        transcript_line(line, lower);
    }
    finish();
    return std::move(told_);
  }

 private:
  void address_line(std::string_view line) {
    if (line.empty() || line.starts_with("---")) return;
    if (line.starts_with("(reason:") || line.starts_with("(expanded from:")) {
      if (told_.empty()) return;
      std::string_view inside = line.substr(line.find(':') + 1);
      if (inside.ends_with(')')) inside.remove_suffix(1);
      inside = text::trimmed(inside);
      if (line.starts_with("(reason")) {
        told_.back().words = inside;
        return;
      }
      const std::string original = typed_address(inside);
      if (!is_address(told_.back().recipient) && is_address(original))
        told_.back().recipient = original;
      else if (is_address(original) && original != told_.back().recipient)
        told_.back().original_recipient = original;
      return;
    }
    // A line that goes on, or words between the addresses
    const std::string_view address = address_in(line);
    if (address.empty() && (line.find(' ') != line.npos && !line.starts_with('"'))) {
      if (!told_.empty()) told_.back().words.append(told_.back().words.empty() ? "" : " ").append(line);
      return;
    }
    Told& one = told_.emplace_back();
    one.recipient = address.empty() ? typed_address(line) : std::string(address);
    if (address.empty()) return;
    std::string_view rest = text::trimmed(line.substr(static_cast<std::size_t>(address.data() - line.data()) + address.size()));
    while (!rest.empty() && std::string_view("<>,:; ").find(rest.front()) != rest.npos) rest.remove_prefix(1);
    if (!rest.starts_with(one.recipient)) one.words = rest;
  }

  void transcript_line(std::string_view line, const std::string& lower) {
    if (const auto at = lower.find("while talking to "); at != lower.npos) {
      server_ = line.substr(at);
      command_.clear();
    } else if (line.starts_with(">>>")) {
      command_ = line;
    } else if (line.starts_with("<<<")) {
      if (command_.find("QUIT") == command_.npos) heard(text::trimmed(line.substr(3)));
    } else if (line.empty()) {
      return;
    } else if (const std::string_view address = address_in(line.substr(0, std::min(line.find("..."), line.size())));
               !address.empty() && line.find("...") != line.npos) {
      final_line(address, line);
    } else if (is_code(line)) {
      last_ = line;
    } else if (told_.empty() && heard_.empty()) {
      note_.append(note_.empty() ? "" : " ").append(line);
    } else {
      last_.append(last_.empty() ? "" : " ").append(line);
    }
  }

  static bool is_code(std::string_view line) {
    const Codes codes = codes_of(line);
    return !codes.reply.empty() && codes.at == 0;
  }

  void heard(std::string_view reply) {
    if (reply.starts_with('2') || reply.starts_with('3')) return;
    const bool goes_on = heard_.size() >= 3 && reply.starts_with(heard_.substr(0, 3)) && more_;
    if (!goes_on && !heard_.empty() && !codes_of(heard_).reply.empty()) return;  // the first refusal is the cause of the next
    if (goes_on)
      heard_.append(" ");
    else
      heard_.clear();
    heard_.append(reply);
    more_ = reply.size() > 3 && reply[3] == '-';
    if (heard_command_.empty()) heard_command_ = command_;
    if (heard_server_.empty()) heard_server_ = server_;
  }

  std::string context() const {
    std::string out = heard_server_.empty() ? server_ : heard_server_;
    if (!heard_command_.empty()) out.append(out.empty() ? "" : " ").append(heard_command_);
    return out;
  }

  void final_line(std::string_view address, std::string_view line) {
    const auto same = std::find_if(told_.begin(), told_.end(),
                                   [&](const Told& one) { return text::equals_ignoring_case(one.recipient, address); });
    const bool unknown = same == told_.end();
    Told& one = unknown ? told_.emplace_back() : *same;
    if (unknown) one.recipient = address;
    const std::string said = heard_.empty() ? std::string(behind_dots(line)) : heard_;
    give(one, said);
    heard_.clear(), heard_command_.clear(), heard_server_.clear(), more_ = false;
  }

  /// What was heard, if it says more than the reason in the list of addresses does.
  void give(Told& one, const std::string& said) const {
    const Codes known = codes_of(one.words), heard = codes_of(said);
    const bool cut = one.words.size() > 3 && one.words[3] == '-' && !known.reply.empty() && known.at == 0;
    if (!said.empty() && (known.reply.empty() || (known.reply == heard.reply && (cut || said.size() > one.words.size()))))
      one.words = said;
    one.context = context();
  }

  void finish() {
    const std::string said = !heard_.empty() ? heard_ : !last_.empty() ? last_ : note_;
    for (Told& one : told_)
      if (one.context.empty()) give(one, said);
  }

  const ReportSource& source_;
  std::vector<Told> told_;
  std::string server_, command_, heard_, heard_command_, heard_server_, last_, note_;
  bool more_ = false;
};

}  // namespace

std::vector<Told> read_sendmail(const ReportSource& source) {
  if (!source.says(PhraseTable::transcripts) && !source.says(PhraseTable::sendmail_lists))
    return {};
  return Transcript(source).run();
}

}  // namespace mailmedic::message
