#include "tools/bounce/bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "checks/bounce/judge.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/iso_time.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::cli {

namespace {

struct Words {
  std::string_view subject, happened, when, address, helo, envelope, author, recipient, server, reporter, code, ticket, command, message_id, sent, said, found, mended, gone, please, where, unknown, claim;
};
constexpr Words english{"Refused: mail from {} to {}", "What happened", "When (UTC)", "Sending address", "Its EHLO name", "Envelope domain", "From domain", "Recipient", "Refused by", "Reported by", "Code", "Your reference", "In reply to",
                        "Message-ID", "Date of the message", "What the server said", "What we see now, at {}", "What we have mended", "no longer so: {} ({})",
                        "Please look at this again, and tell us what is left to mend if you go on refusing.", "Where to send this", "not known", "{}: {}: {}"};
constexpr Words chinese{"拒收：{} 发往 {} 的邮件", "情况说明", "时间（UTC）", "发信 IP", "EHLO 名称", "信封发件域名", "From 域名", "收件人", "拒收服务器", "报告服务器", "代码", "贵方查询编号", "所针对的命令",
                        "Message-ID", "邮件日期", "服务器的原文", "现在（{}）的查询结果", "我方已做的整改", "已不成立：{}（{}）", "请重新核查；若仍需拒收，请告知还需整改之处。", "提交地址", "未知", "{}：{}；{}"};

bool is_address_byte(char c) { return text::is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.@").find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80; }

/// Where the value of "password=...", "AUTH PLAIN ..." and the like ends.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  const auto end = text.find_first_of(" \t\r\n&;,\"'<>", at);
  return end == text.npos ? text.size() : end;
}

std::string without_secrets(std::string text) {
  constexpr std::array marks{"password=", "passwd=", "pwd=", "token=", "secret=", "apikey=", "api_key=", "auth plain ", "auth login ", "auth xoauth2 ", "auth oauthbearer ", "bearer "};
  for (const std::string_view mark : marks)
    for (auto at = text::lower(text).find(mark); at != std::string::npos; at = text::lower(text).find(mark, at + mark.size())) {
      const auto from = at + mark.size(), end = end_of_value(text, from);
      if (end > from) text.replace(from, end - from, "***");
    }
  // The receiver's own key of a list: KEY.zen.dq.spamhaus.net
  for (auto at = text.find(".dq.spamhaus"); at != std::string::npos; at = text.find(".dq.spamhaus", at + 1)) {
    const auto begin = text.find_last_of(" \t[(<\"'", at) + 1;
    const auto list = text.rfind('.', at - 1);
    if (list != std::string::npos && list > begin) {
      const auto label = text.rfind('.', list - 1);
      const auto key = label == std::string::npos || label < begin ? begin : label + 1;
      text.replace(key, list - key, "***");
      at = text.find(".dq.spamhaus", key);
    }
  }
  return text;
}

std::string domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return std::string(at == address.npos ? address : address.substr(at + 1));
}

/// Of the returned message's header; the first of that name.
std::string field_of(std::string_view header, std::string_view name) {
  const auto fields = message::parse_fields(header);
  if (!fields) return {};
  for (const message::Field& field : *fields)
    if (text::equals_ignoring_case(field.name, name)) return std::string(text::trimmed(message::in_one_line(field.unfolded())));
  return {};
}

class Sheet {
 public:
  explicit Sheet(std::vector<std::string> keep) : keep_(std::move(keep)) {}
  void head(std::string_view title) { text_ += fmt::format("{}{}\n", text_.empty() ? "" : "\n", title); }
  void row(std::string_view label, std::string_view value) {
    if (value.empty()) return;
    const int gap = std::max(1, 22 - text::display_width(label));
    text_ += fmt::format("  {}{}{}\n", label, std::string(static_cast<std::size_t>(gap), ' '), text::shown(for_strangers(value, keep_), 500));
  }
  void line(std::string_view text) { text_ += fmt::format("  {}\n", text::shown(for_strangers(text, keep_), 2000)); }
  std::string take() { return std::move(text_); }

 private:
  std::vector<std::string> keep_;
  std::string text_;
};

/// The address that the refusal is about: of the text, else our only one.
std::string sending_address(const Matter& matter) {
  for (const net::Address& address : bounce::addresses_in(matter.recipient.diagnostic))
    if (address.to_string() != matter.recipient.remote_address) return address.to_string();
  return matter.context.own.size() == 1 ? matter.context.own.front().to_string() : std::string();
}

/// What a check said, in the text's language.
std::string said(const Matter& matter, std::string_view english_words) {
  return matter.chinese ? matter.chinese->said("bounce", english_words, reports::Language::zh) : std::string(english_words);
}

void add_findings(const Matter& matter, const Words& words, TimePoint now, Sheet& sheet) {
  bool any_gone = false;
  if (!matter.rechecked.empty()) sheet.head(fmt::format(fmt::runtime(words.found), text::iso_time(now)));
  for (const bounce::Rechecked& one : matter.rechecked) {
    sheet.line(fmt::format(fmt::runtime(words.claim), said(matter, one.claim.said), said(matter, bounce::held_word(one.held)), said(matter, one.found)));
    for (const Evidence& evidence : one.evidence) sheet.line(fmt::format("  {}: {}", said(matter, evidence.source), evidence.text));
    any_gone = any_gone || one.held == bounce::Held::gone;
  }
  if (!any_gone && matter.mended.empty()) return;
  sheet.head(words.mended);
  for (const bounce::Rechecked& one : matter.rechecked)
    if (one.held == bounce::Held::gone) sheet.line("- " + fmt::format(fmt::runtime(words.gone), said(matter, one.claim.said), said(matter, one.found)));
  if (!matter.mended.empty()) sheet.line("- " + matter.mended);
}

void add_places(const Matter& matter, const Words& words, Sheet& sheet) {
  std::vector<std::string> places;
  const auto add = [&](const std::string& place) {
    if (!place.empty() && std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
  };
  for (const bounce::Rechecked& one : matter.rechecked)
    if (one.claim.list) add(one.claim.list->url);
  if (matter.verdict.provider)
    for (const std::string& form : matter.verdict.provider->forms) add(form);
  for (const std::string& link : bounce::links_in(matter.recipient.diagnostic)) add(link);
  if (places.empty()) add("postmaster@" + domain_of(matter.recipient.recipient));
  sheet.head(words.where);
  for (const std::string& place : places) sheet.line(place);
}

}  // namespace

std::string for_strangers(std::string_view given, const std::vector<std::string>& keep) {
  const std::string clean = without_secrets(std::string(given));
  std::string out;
  for (std::size_t at = 0; at < clean.size();) {
    std::size_t end = at;
    while (end < clean.size() && is_address_byte(clean[end])) ++end;
    const std::string_view word = std::string_view(clean).substr(at, end - at);
    const auto sign = word.find('@');
    const bool is_address = sign != word.npos && sign > 0 && word.find('.', sign) != word.npos;
    const auto same = [&](const std::string& one) { return word.size() >= one.size() && !one.empty() && text::lower(word).find(text::lower(one)) != std::string::npos; };
    if (is_address && std::none_of(keep.begin(), keep.end(), same)) out += "(address left out)";
    else out += word;
    if (end < clean.size()) out += clean[end];
    at = end + 1;
  }
  return out;
}

std::string bundle_text(const Matter& matter, TimePoint now) {
  const Words& words = matter.chinese ? chinese : english;
  const message::RecipientReport& one = matter.recipient;
  const std::string message_id = field_of(matter.delivery.returned, "Message-ID");
  const bool in_brackets = message_id.size() > 2 && message_id.front() == '<' && message_id.back() == '>';
  Sheet sheet({one.recipient, one.original_recipient, matter.context.sender, in_brackets ? message_id.substr(1, message_id.size() - 2) : message_id, "postmaster@" + domain_of(one.recipient)});
  const std::string address = sending_address(matter), sender = domain_of(matter.context.sender);
  sheet.head(fmt::format(fmt::runtime(words.subject), text::shown(!address.empty() ? address : !sender.empty() ? sender : std::string(words.unknown), 200), text::shown(domain_of(one.recipient), 200)));
  sheet.head(words.happened);
  sheet.row(words.when, bounce::said_at(one, matter.context));
  sheet.row(words.address, address);
  sheet.row(words.helo, matter.context.helo);
  sheet.row(words.envelope, sender);
  sheet.row(words.author, matter.context.author ? matter.context.author->text() : "");
  sheet.row(words.recipient, one.recipient);
  sheet.row(words.server, one.remote_address.empty() ? one.remote_mta : fmt::format("{} [{}]", one.remote_mta, one.remote_address));
  sheet.row(words.reporter, matter.delivery.reporting_mta);
  sheet.row(words.code, one.reply_code.empty() ? one.status : one.status.empty() ? one.reply_code : one.reply_code + " " + one.status);
  for (const std::string& ticket : matter.verdict.tickets) sheet.row(words.ticket, ticket);
  sheet.row(words.command, one.command);
  sheet.row(words.message_id, message_id);
  sheet.row(words.sent, field_of(matter.delivery.returned, "Date"));
  sheet.head(words.said);
  sheet.line(one.diagnostic.empty() ? words.unknown : std::string_view(one.diagnostic));
  add_findings(matter, words, now, sheet);
  sheet.head(words.please);
  add_places(matter, words, sheet);
  return sheet.take();
}

}  // namespace mailmedic::cli
