// Whom the message names: does the display name say who writes, and do From, Reply-To and Return-Path go together?
#include <algorithm>
#include <array>

#include "checks/lint/freemail.hpp"
#include "checks/lint/parts.hpp"
#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::lint {

namespace {

/// Signs by which a name pretends to be verified or to be part of the mail client.
constexpr std::array<std::string_view, 12> imitations = {"\u2714", "\u2713", "\u2705", "\u2611", "\U0001F512", "\U0001F510", "\U0001F6E1", "\u2709", "\U0001F4E7", "\U0001F4E9", "\U0001F4CE", "\u26A0"};

bool begins_as_answer(std::string_view text) {
  for (const std::string_view prefix : {"re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "回复:", "回复：", "答复:", "答复：", "转发:", "转发："})
    if (text::starts_with_ignoring_case(text, prefix)) return true;
  return false;
}

/// "(2)" or "[3]" at either end, as clients show the length of a thread.
bool has_thread_count(std::string_view name) {
  const auto is_count = [](std::string_view word) {
    return word.size() >= 3 && word.size() <= 5 && ((word.front() == '(' && word.back() == ')') || (word.front() == '[' && word.back() == ']')) && std::all_of(word.begin() + 1, word.end() - 1, text::is_digit);
  };
  const auto words = text::words(name);
  return words.size() > 1 && (is_count(words.front()) || is_count(words.back()));
}

/// The domain of an address within a display name.
std::optional<dns::Name> domain_within(std::string_view name) {
  for (std::string_view word : text::words(name)) {
    constexpr std::string_view around = "<>()[]\"',;:";
    while (!word.empty() && around.find(word.front()) != around.npos) word.remove_prefix(1);
    while (!word.empty() && around.find(word.back()) != around.npos) word.remove_suffix(1);
    const auto at = word.find('@');
    if (at == word.npos || at == 0) continue;
    const auto domain = domain_of(word);
    if (domain && domain->labels().size() > 1) return domain;
  }
  return std::nullopt;
}

void judge_display_name(const Letter& letter, CheckReport& report) {
  if (letter.from.mailboxes.empty()) return;
  const message::Mailbox& author = letter.from.mailboxes.front();
  const std::string name = message::decoded_words(author.name);
  const std::string from = message::decoded_words(letter.raw("From").substr(0, 600));
  if (name.empty()) return;
  const Args args{{"name", name}, {"address", author.address}};
  if (const auto other = domain_within(name); other && letter.author && !is_same_organization(*other, *letter.author)) {
    Args more = args;
    more.emplace_back("other", other->text());
    add(report, "lint.name-other-address", more, "From", from);
  }
  if (std::any_of(imitations.begin(), imitations.end(), [&](std::string_view sign) { return name.find(sign) != name.npos; })) add(report, "lint.name-imitation", args, "From", from);
  if (begins_as_answer(name) || has_thread_count(name)) add(report, "lint.name-trick", args, "From", from);
  for (const message::Mailbox& recipient : message::address_list_of(letter.raw("To").substr(0, 4000)).mailboxes) {
    const bool own = text::equals_ignoring_case(recipient.address, author.address);
    if (!own && (text::equals_ignoring_case(name, recipient.address) || (!recipient.name.empty() && text::equals_ignoring_case(name, message::decoded_words(recipient.name)))))
      return add(report, "lint.name-of-recipient", args, "From", from);
  }
}

void judge_thread(const Letter& letter, CheckReport& report) {
  const std::string subject = letter.shown("Subject");
  if (begins_as_answer(subject) && !letter.has("In-Reply-To") && !letter.has("References")) add(report, "lint.answer-without-thread", {{"subject", subject}}, "Subject", subject);
}

void judge_reply_to(const Letter& letter, CheckReport& report) {
  const std::string value = message::in_one_line(letter.raw("Reply-To").substr(0, 600));
  const auto list = message::address_list_of(value);
  const bool to_list = letter.has("List-Post") || letter.has("List-Id");  // lists set it by right
  if (!letter.author || list.mailboxes.empty() || to_list) return;
  const auto other = domain_of(list.mailboxes.front().address);
  if (!other || is_same_organization(*other, *letter.author)) return;
  const Args args{{"domain", letter.author->text()}, {"other", other->text()}};
  if (is_freemail(*other)) add(report, "lint.reply-to-freemail", args, "Reply-To", value);
  else add(report, "lint.reply-to-differs", args, "Reply-To", value);
}

void judge_return_path(const Letter& letter, CheckReport& report) {
  const std::string value = message::in_one_line(letter.raw("Return-Path").substr(0, 600));
  const auto list = message::address_list_of(value);
  if (!letter.author || list.mailboxes.empty()) return;
  const auto bounces = domain_of(list.mailboxes.front().address);
  if (bounces && !is_same_organization(*bounces, *letter.author) && !is_signed_by_author(letter))
    add(report, "lint.return-path-differs", {{"domain", letter.author->text()}, {"other", bounces->text()}}, "Return-Path", value);
}

}  // namespace

void judge_names(const Letter& letter, CheckReport& report) {
  judge_display_name(letter, report);
  judge_thread(letter, report);
  judge_reply_to(letter, report);
  judge_return_path(letter, report);
  if (letter.author && is_guarded_freemail(*letter.author) && !is_signed_by_author(letter) && !letter.has("List-Id"))
    add(report, "lint.from-freemail", {{"domain", letter.author->text()}}, "From", letter.raw("From"));
}

}  // namespace mailmedic::lint
