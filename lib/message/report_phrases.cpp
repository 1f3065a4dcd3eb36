#include "lib/message/report_phrases.hpp"

#include <array>
#include <span>
#include <utility>

#include "lib/message/phrases.hpp"

namespace mailmedic::message {

namespace {

// All in lower case.

/// Sentences of the software's own, by which it can be known.
constexpr std::array<std::pair<std::string_view, std::string_view>, 37> signatures = {
    { {"this is the james mail server", "james"}, {"this is the postfix program", "postfix"}, {"this is the mail system at host", "postfix"}, {"the postfix program", "postfix"}, {"this is the qmail-send program", "qmail"}, {"i wasn't able to deliver your message", "qmail"}, {"running the courier mail server", "courier"}, {"sorry, we were unable to deliver your message to the following address", "yahoo"}, {"google tried to deliver", "gmail"}, {"google groups", "google-groups"}, {"this message was created automatically by mail delivery software (zoho", "zoho"}, {"error_code :", "zoho"}, {"mail.ru", "exim"}, {"this message was created automatically by mail delivery software", "exim"}, {"a message that you sent could not be delivered", "exim"}, {"this is the mailer-daemon, please do not reply", "opensmtpd"}, {"this is the dragonfly mail agent", "dragonfly"}, {"msexch:", "exchange"}, {"did not reach the following recipient", "exchange"}, {"generating server:", "exchange"}, {"office 365", "exchange"}, {"remote server returned", "exchange"}, {"addresses had permanent fatal errors", "sendmail"}, {"transcript of session follows", "sendmail"}, {"failure reasons", "notes"}, {"was not delivered to:", "domino"}, {"m-filter", "m-filter"}, {"interscan", "interscan"}, {"an error occurred while trying to deliver the mail to the following recip", "workmail"}, {"amazon web services", "amazon"}, {"coremail", "coremail"}, {"163.com", "netease"}, {"126.com", "netease"}, {"qq.com", "qq"}, {"qq邮箱", "qq"}, {"sina.c", "sina"}, {"腾讯企业邮", "qq"}, }};

constexpr auto software = [] {
  std::array<std::string_view, signatures.size()> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = signatures[i].first;
  return out;
}();

/// What a warning says that a failure does not.
constexpr std::array<std::string_view, 26> warnings = {
    "has been delayed", "is delayed for", "has not yet been delivered", "still being retried", "warning message only",
    "warning only.", "temporary failure report", "will be retried", "delivery attempts will continue", "delivery is delayed",
    "delivery delay", "not been delivered yet", "will keep trying", "will continue to try", "be attempted again",
    "message is delayed", "delayed mail", "will try again", "we'll keep trying", "delayed 24", "延迟", "延遲", "遅延", "will retry",
    "继续尝试", "重试投递"};

/// Behind these, in the same line or in one of the next, stand recipients.
constexpr std::array<std::string_view, 57> recipient_labels = {
    "delivery to the following recipient", "following recipient", "following address", "these recipients",
    "couldn't be delivered to", "could not be delivered to", "cannot be delivered to", "was not delivered to",
    "wasn't delivered to", "not be delivered to", "unable to deliver message to", "unable to deliver to",
    "unable to deliver your message to", "unable to deliver mail to", "delivering your mail to", "failed to deliver to",
    "failed to send to", "delivery failed to", "did not reach", "could not be reached", "recipients were affected",
    "recipients was aborted", "rejected recipient", "rejected by the recipient", "failed recipient", "recipient:",
    "recipient address:", "rcpt to:", "user mailbox exceeds allowed size:", "unknown user:", "user unknown:",
    "undeliverable to", "attempts:", "failure reasons", "delivery problems", "delivered to the following",
    "one or more of its recipients", "one or more recipients", "one or more of your recipients", "收件人", "收信人", "收件方", "收件者",
    "投递到", "投递给", "送达到", "以下地址", "以下收件", "退信地址", "邮箱地址", "宛先", "あて先", "以下のメールアドレス", "送信先", "получател", "адресат",
    "destinataire"};
/// Less certain: looked for where none of the others is.
constexpr std::array<std::string_view, 16> weak_labels = {
    "your message to", "your mail to", "your email to", "message to ", "to ", "addressed to:", "address:", "recipients:",
    "invalid recipient", "failed:", "could not deliver", "发送到", "发往", "送达", "empfänger", "destinatario"};

/// Behind these stands why.
constexpr std::array<std::string_view, 52> reason_labels = {
    "the error that the other server returned was:", "the response from the remote server was:", "the response was:",
    "remote server returned", "remote server said:", "remote host said:", "responded as follows:", "server message",
    "generated response:", "technical details", "error message below:", "following reason:", "the following error",
    "error message:", "reason:", "reasons:", "because of", "because:", "diagnostic code:", "diagnostic-code:", "smtp error",
    "responded with failure:", "error:", "failure:", "status:", "details:", "explanation:", "error_code", "did not like",
    "couldn't deliver", "退信原因", "失败原因", "退回原因", "拒收原因", "错误原因", "原因", "错误信息", "错误代码", "错误提示", "英文说明", "出错信息", "服务器返回", "返回信息",
    "返回的信息", "对方服务器", "错误详情", "诊断信息", "理由", "エラー", "причина", "raison", "grund"};

/// What a failure says in its own words.
constexpr std::array<std::string_view, 22> failures = {
    "could not be delivered", "couldn't be delivered", "cannot be delivered", "can't be delivered", "not delivered", "undeliver",
    "delivery failed", "delivery has failed", "delivery failure", "failed to deliver", "unable to deliver", "could not deliver",
    "was rejected", "does not exist", "doesn't exist", "无法送达", "无法投递", "退信", "投递失败", "发送失败", "未能送达", "送信できません"};

/// What one who must be asked first writes.
constexpr std::array<std::string_view, 9> challenges = {
    "please confirm your message", "confirm that you are", "to have your message delivered",
    "verify your email address to deliver", "prove you are human", "challenge-response", "is protected by",
    "click the link below to deliver", "this is a one-time verification"};

constexpr std::array<std::string_view, 1> transcripts = {"transcript of session follows"};
constexpr std::array<std::string_view, 2> sendmail_lists = {"addresses had ", "addresses have "};
constexpr std::array<std::string_view, 2> exim = {"mail delivery software", "a message that you sent"};
constexpr std::array<std::string_view, 1> exchange = {"generating server:"};
constexpr std::array<std::string_view, 2> amazon = {"notificationtype", "eventtype"};

/// In the order of PhraseTable.
constexpr std::array<std::span<const std::string_view>, 12> tables = {software, warnings, recipient_labels, weak_labels, reason_labels, failures, challenges,
                                                                      transcripts, sendmail_lists, exim, exchange, amazon};

/// The number of a table's first phrase among all.
constexpr std::size_t first_of(std::size_t table) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < table; ++i) out += tables[i].size();
  return out;
}

}  // namespace

SaidPhrases::SaidPhrases(std::string_view lower) {
  static const Phrases all = [] {
    std::vector<std::string> out;
    for (const auto table : tables) out.insert(out.end(), table.begin(), table.end());
    return Phrases(std::move(out));
  }();
  found_ = all.in(lower);
}

std::vector<std::string_view> SaidPhrases::of(PhraseTable which) const {
  const auto table = static_cast<std::size_t>(which), first = first_of(table);
  std::vector<std::string_view> out;
  for (const int found : found_)
    if (const auto number = static_cast<std::size_t>(found); number >= first && number - first < tables[table].size()) out.push_back(tables[table][number - first]);
  return out;
}

std::string_view software_of(std::string_view phrase) {
  const auto found = std::find(software.begin(), software.end(), phrase);
  return found == software.end() ? std::string_view() : signatures[static_cast<std::size_t>(found - software.begin())].second;
}

}  // namespace mailmedic::message
