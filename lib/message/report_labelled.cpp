// Formats that announce the recipient and the reason in words: gateways, webmail, small servers. Their words are data
// (report_phrases.cpp): a new format is a line in a table.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/message/reply_words.hpp"
#include "lib/message/report_readers.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

constexpr std::size_t most_words = 60, npos = std::string_view::npos;  // lines that one recipient's words may take

/// Certain even where nothing says that a mail system wrote it.
constexpr std::string_view not_a_member = "not a member of this mailing list";

/// A subject or a null return path alone make no report of what merely names an address: newsletters, parcels.
bool is_credible(const ReportSource& source) {
  if (source.daemon_sender) return true;
  const Codes codes = codes_of(joined(source.lines, 0, 100));
  if (source.pasted) return !codes.reply.empty();
  return source.from_daemon && (!codes.reply.empty() || !codes.status.empty() || source.says(PhraseTable::failures));
}

bool is_own_address(std::string_view address, const ReportSource& source) {
  const std::string local = text::lower(address.substr(0, address.find('@')));
  if (local == "postmaster" || local == "mailer-daemon" || local == "abuse" || local == "support" || local == "noreply" ||
      local == "no-reply") {
    // unless the returned message went there
    return source.lower.find("to: " + text::lower(address)) == std::string::npos &&
           std::find(source.failed.begin(), source.failed.end(), address) == source.failed.end();
  }
  return false;
}

/// A line that begins with an address, or holds hardly more: "  * joe@example.org", "<joe@example.org>", "Joe (joe@example.org)".
bool lists_address(std::string_view line) {
  const std::string_view address = address_in(line);
  if (address.empty()) return false;
  const std::string_view front = text::trimmed(line.substr(0, static_cast<std::size_t>(address.data() - line.data())));
  // A line of a dialogue or of a header is about someone else
  if (front.starts_with(">>>") || front.starts_with("<<<") || text::starts_with_ignoring_case(front, "mail from") ||
      front.ends_with("From:") || front == "To:" || front.ends_with("Sender:"))
    return false;
  return front.size() <= 4 || line.size() <= address.size() + 80;
}

class Labelled {
 public:
  explicit Labelled(const ReportSource& source) : source_(source), lines_(source.lines) {
    lower_.reserve(lines_.size());
    std::size_t at = 0;  // in the same lines, in lower case
    for (const std::string_view line : lines_) {
      lower_.push_back(std::string_view(source.lower).substr(at, std::min<std::size_t>(line.size(), 400)));
      at += line.size() + 1;
    }
  }

  std::vector<Told> run() {
    find(source_.phrases().of(PhraseTable::recipient_labels));
    if (told_.empty()) find(source_.phrases().of(PhraseTable::weak_labels));
    for (std::size_t k = 0; k < told_.size(); ++k) {
      told_[k].words = words_of(k);
      told_[k].context = around(places_[k], places_[k].last + most_words);
    }
    return std::move(told_);
  }

 private:
  void find(const Lines& labels) {
    for (std::size_t i = 0; i < lines_.size() && told_.size() < max_report_recipients; ++i)
      if (const std::size_t at = label_in(lower_[i], labels); at != npos) i = read_recipients(i, at);
  }

  /// Where the text behind the first label begins.
  static std::size_t label_in(std::string_view lower, const Lines& labels) {
    std::size_t best = npos;
    for (const std::string_view label : labels)
      if (const auto at = lower.find(label); at != npos) best = std::min(best, at + label.size());
    return best;
  }

  /// Index of the last line that was read.
  std::size_t read_recipients(std::size_t i, std::size_t at) {
    const std::string_view rest = lines_[i].substr(std::min(at, lines_[i].size()));
    std::string_view same_line = address_in(rest);
    if (same_line.empty()) same_line = address_in(lines_[i]);  // "joe@example.org could not be reached"
    if (!same_line.empty()) {
      add(same_line, {i, i, i}, true);
      return i;
    }
    std::size_t next = i + 1;
    // A label may run over to the next line, and an empty line follow
    while (next < lines_.size() && next <= i + 4 && !lists_address(lines_[next])) ++next;
    const std::size_t first = next;
    while (next < lines_.size() && lists_address(lines_[next])) ++next;
    for (std::size_t k = first; k < next; ++k) add(address_in(lines_[k]), {i, k, next - 1}, false);
    return next > first ? next - 1 : i;
  }

  struct Place {
    std::size_t label, line, last;  ///< lines of the label, of the address, and the last of the list that it is in
  };

  /// From the label to the line `end`; of a long list not the list itself, which each of its recipients would carry.
  std::string around(const Place& place, std::size_t end) const {
    if (place.last - place.label <= most_words) return joined(lines_, place.label, end);
    return joined(lines_, place.label, place.label + 1) + " " + joined(lines_, place.last + 1, end);
  }

  void add(std::string_view address, Place place, bool certain) {
    if (address.empty() || (!certain && is_own_address(address, source_))) return;
    const auto same = [&](const Told& one) { return text::equals_ignoring_case(one.recipient, address); };
    if (std::any_of(told_.begin(), told_.end(), same)) return;
    told_.push_back({std::string(address), {}, {}, {}});
    places_.push_back(place);
  }

  std::string words_of(std::size_t k) {
    const Place& place = places_[k];
    // What stands behind the address in its line says it best: "joe@example.org Invalid Address, ERROR_CODE :550"
    const std::string_view own_line = lines_[place.line];
    const auto address = own_line.find(told_[k].recipient);
    const std::string behind(address == npos ? std::string_view()
                                             : text::trimmed(own_line.substr(address + told_[k].recipient.size())));
    const Codes codes = codes_of(behind);
    if (!codes.reply.empty()) return behind;
    std::size_t end = lines_.size();
    for (std::size_t other = k + 1; other < places_.size() && end == lines_.size(); ++other)
      if (places_[other].label > place.last) end = places_[other].label;
    if (!below_ || below_->first != std::pair(place.last, end)) below_ = {{place.last, end}, reason_in(place.last + 1, end)};
    std::string words = below_->second;
    if (codes_of(words).at == words.size()) {
      if (!anywhere_) anywhere_ = reason_in(0, lines_.size());
      const std::string& anywhere = *anywhere_;
      if (words.empty() || codes_of(anywhere).at < anywhere.size()) words = anywhere;
    }
    if (words.empty()) words = around(place, std::min(end, place.last + 8));
    return codes.status.empty() ? words : behind + " " + words;
  }

  /// From the first reason label in the lines [begin, end) to the end of the paragraph in which a code stands, or else
  /// as far as the words go.
  std::string reason_in(std::size_t begin, std::size_t end) const {
    end = std::min({end, lines_.size(), begin + most_words});
    for (std::size_t i = begin; i < end; ++i) {
      if (label_in(lower_[i], reason_labels_) == npos && codes_of(text::trimmed(lines_[i])).reply.empty()) continue;
      for (std::size_t last = i; last < end; ++last)
        if (text::trimmed(lines_[last]).empty())
          if (std::string words = joined(lines_, i, last); codes_of(words).at < words.size()) return words;
      return joined(lines_, i, std::min(end, i + 12));
    }
    return {};
  }

  const ReportSource& source_;
  const Lines& lines_;
  const Lines reason_labels_ = source_.phrases().of(PhraseTable::reason_labels);
  Lines lower_;
  std::vector<Told> told_;
  std::vector<Place> places_;  ///< of each in told_
  // Recipients in one list share their reason
  std::optional<std::string> anywhere_;
  std::optional<std::pair<std::pair<std::size_t, std::size_t>, std::string>> below_;
};

}  // namespace

std::vector<Told> read_labelled(const ReportSource& source) {
  if (const auto at = source.lower.find(not_a_member); at != npos) {
    const std::string all = joined(source.lines, 0, 6);
    const std::string_view list =
        address_in(std::string_view(all).substr(std::min(text::lower(all).find(not_a_member), all.size())));
    if (!list.empty()) return {{std::string(list), {}, all, {}}};
  }
  if (!is_credible(source)) return {};
  return Labelled(source).run();
}

std::vector<Told> read_free_words(const ReportSource& source) {
  std::vector<Told> out;
  if (!is_credible(source)) return out;
  const std::string words = joined(source.lines, 0, 80);
  for (const std::string& address : source.failed) out.push_back({address, {}, words, {}});
  if (!out.empty() || codes_of(words).reply.empty()) return out;
  for (std::string_view rest = words; out.empty();) {
    const std::string_view address = address_in(rest);
    if (address.empty()) break;
    if (!is_own_address(address, source)) out.push_back({std::string(address), {}, words, {}});
    rest.remove_prefix(static_cast<std::size_t>(address.data() + address.size() - rest.data()));
  }
  // A bare reply says what happened, of nobody
  if (out.empty() && source.pasted) out.push_back({{}, {}, words, {}});
  return out;
}

}  // namespace mailmedic::message
