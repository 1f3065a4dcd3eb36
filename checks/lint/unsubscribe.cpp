// Lists and advertising: how to stop it, who sends it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "checks/lint/parts.hpp"
#include "checks/lint/text_of.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/tag_list.hpp"

namespace mailmedic::lint {

namespace {

struct Unsubscribe {
  bool well_formed = true;
  std::vector<std::string> https, mailto, others;
};

/// URIs in angle brackets, divided by commas. RFC 2369 section 2.
Unsubscribe read_unsubscribe(std::string_view value) {
  Unsubscribe out;
  constexpr std::size_t most = 20;
  std::size_t at = 0;
  for (std::size_t i = 0; i < most; ++i) {
    const auto open = value.find('<', at);
    const std::string_view between = value.substr(at, open == value.npos ? value.npos : open - at);
    const auto is_separator = [](char c) { return text::is_space(c) || c == ','; };
    if (!std::all_of(between.begin(), between.end(), is_separator) && !text::trimmed(between).starts_with('(')) out.well_formed = false;
    if (open == value.npos) break;
    const auto close = value.find('>', open);
    if (close == value.npos) {
      out.well_formed = false;
      break;
    }
    std::string uri(value.substr(open + 1, close - open - 1));
    std::erase_if(uri, text::is_space);  // a fold within
    if (text::starts_with_ignoring_case(uri, "https://")) out.https.push_back(uri);
    else if (text::starts_with_ignoring_case(uri, "mailto:")) out.mailto.push_back(uri);
    else out.others.push_back(uri);
    at = close + 1;
  }
  if (out.https.empty() && out.mailto.empty() && out.others.empty()) out.well_formed = false;
  return out;
}

/// What tells one recipient from another: a path or query of some length.
bool has_token(std::string_view uri) {
  constexpr std::size_t shortest = 8;
  const auto host_end = uri.find_first_of("/?#", std::string_view("https://").size());
  if (host_end == uri.npos) return false;
  std::size_t run = 0, longest = 0;
  for (const char c : uri.substr(host_end)) longest = std::max(longest, run = text::is_alnum(c) || c == '-' || c == '_' || c == '%' || c == '.' || c == '~' ? run + 1 : 0);
  return uri.find('?', host_end) != uri.npos || longest > shortest + 4;
}

void judge_one_click(const Letter& letter, const Unsubscribe& uris, const std::string& value, const Circumstances& about, CheckReport& report) {
  const std::string post = message::in_one_line(letter.raw("List-Unsubscribe-Post").substr(0, 300));
  if (!letter.has("List-Unsubscribe-Post")) {
    if (uris.https.empty() && !uris.mailto.empty()) add(report, "lint.unsubscribe-mailto-only", {}, "List-Unsubscribe", value);
    else if (about.marketing) add(report, "lint.one-click-missing", {}, "List-Unsubscribe", value);
    return;
  }
  std::string bare = post;
  std::erase_if(bare, text::is_space);
  if (bare != "List-Unsubscribe=One-Click") add(report, "lint.one-click-post", {{"value", post}}, "List-Unsubscribe-Post", post);
  if (uris.https.size() != 1) add(report, "lint.one-click-uri", {{"count", std::to_string(uris.https.size())}}, "List-Unsubscribe", value);
  else if (!has_token(uris.https.front())) add(report, "lint.unsubscribe-token", {{"uri", uris.https.front()}}, "List-Unsubscribe", value);
}

/// RFC 8058 section 4: a signature must cover both fields. Whether it verifies is told by the check of signatures.
void judge_signature(const Letter& letter, CheckReport& report) {
  if (!letter.has("List-Unsubscribe-Post")) return;
  const auto signatures = letter.all("DKIM-Signature");
  const auto covers = [](std::string_view signature) {
    bool uri = false, post = false;
    const auto tags = text::TagList::parse(signature.substr(0, 8000));
    const auto fields = tags ? tags->value("h") : std::nullopt;
    if (!fields) return false;
    for (const std::string_view name : text::split(*fields, ':')) {
      uri = uri || text::equals_ignoring_case(text::trimmed(name), "List-Unsubscribe");
      post = post || text::equals_ignoring_case(text::trimmed(name), "List-Unsubscribe-Post");
    }
    return uri && post;
  };
  if (std::any_of(signatures.begin(), signatures.end(), covers)) return;
  if (!signatures.empty()) return add(report, "lint.unsubscribe-unsigned", {}, "DKIM-Signature", message::in_one_line(signatures.front().substr(0, 600)));
  if (letter.was_received()) return add(report, "lint.unsubscribe-unsigned", {}, "header", "no field DKIM-Signature");
  Finding unknown{.id = "lint.not-signed-yet", .subject = "message"};
  unknown.evidence = {{"header", "neither DKIM-Signature nor Received"}};
  report.could_not_tell(std::move(unknown));
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != text.npos; });
}

bool speaks_of_leaving(const std::string& text) {
  return has_any(text, {"unsubscribe", "unsubscription", "opt out", "opt-out", "optout", "email preferences", "manage preferences", "stop receiving", "退订", "取消订阅", "不再接收", "不想再收到", "退訂", "取消訂閱",
                        "abmelden", "abbestellen", "désabonner", "désinscrire", "desinscrire", "darse de baja", "cancelar suscripción", "cancelar la suscripción", "disiscriv", "配信停止", "отписаться"});
}

void judge_visible(const Letter& letter, CheckReport& report) {
  if (letter.document.cut || (!letter.has_html && !letter.has_plain)) return;
  if (speaks_of_leaving(text::lower(letter.plain)) || speaks_of_leaving(text::lower(text_of(letter.document)))) return;
  for (const html::Node& node : letter.document.nodes)
    if (node.tag == "a" && (speaks_of_leaving(text::lower(node["href"])) || speaks_of_leaving(text::lower(node["title"])))) return;
  add(report, "lint.no-visible-unsubscribe", {}, "body", "no words such as \"unsubscribe\" or \"退订\" in text or links");
}

/// An address of the sender: a word of streets or towns. A guess, so only advice hangs on it.
void judge_postal_address(const Letter& letter, CheckReport& report) {
  if (letter.document.cut) return;
  const std::string all = text::lower(letter.plain + " " + text_of(letter.document));
  const bool found = has_any(all, {"street", " st.", " st,", "avenue", " ave", " road", " rd", "suite", "p.o. box", "po box", "boulevard", "blvd", "floor", "straße", "strasse", "platz", "rue ", "calle ", "via ", "地址", "大厦", "街道", "路", "号楼"});
  if (!found) add(report, "lint.no-postal-address", {}, "body", "no words of a postal address");
}

bool is_chinese(std::string_view text) {
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first >= 0xe4 && first <= 0xe9) return true;  // U+4000 to U+9FFF
  }
  return false;
}
bool is_japanese(std::string_view text) { return has_any(text, {"の", "は", "を", "ル", "ン", "す"}); }

/// Order 38 of the MIIT (2006), article 13.
void judge_label(const Letter& letter, CheckReport& report) {
  const std::string subject = letter.shown("Subject");
  if (!is_chinese(subject) || is_japanese(subject)) return;
  const std::string_view begin = text::trimmed(subject);
  const bool labelled = begin.starts_with("广告") || begin.starts_with("【广告】") || begin.starts_with("[广告]") || begin.starts_with("(广告)") || begin.starts_with("（广告）") || begin.starts_with("AD") || begin.starts_with("[AD]") || begin.starts_with("(AD)");
  if (!labelled) add(report, "lint.ad-label", {{"subject", subject}}, "Subject", subject);
}

void judge_list_fields(const Letter& letter, CheckReport& report) {
  if (letter.has("List-Post") && !letter.has("List-Id")) add(report, "lint.list-id-missing", {}, "List-Post", message::in_one_line(letter.raw("List-Post").substr(0, 300)));
  const std::string automatic = text::lower(message::in_one_line(letter.raw("Auto-Submitted").substr(0, 200)));
  const std::string_view word = text::trimmed(std::string_view(automatic).substr(0, automatic.find_first_of(";( ")));
  // RFC 5436 section 2.7.1 adds auto-notified
  if (letter.has("Auto-Submitted") && word != "no" && word != "auto-generated" && word != "auto-replied" && word != "auto-notified") add(report, "lint.auto-submitted", {{"value", automatic}}, "Auto-Submitted", automatic);
}

void judge_feedback(const Letter& letter, CheckReport& report) {
  const std::string id = message::in_one_line(letter.raw("Feedback-ID").substr(0, 300));
  const auto pieces = text::split(id, ':');
  if (letter.has("Feedback-ID") && (pieces.size() > 4 || text::trimmed(pieces.back()).empty())) add(report, "lint.feedback-id", {{"value", id}}, "Feedback-ID", id);
  const std::string address = message::in_one_line(letter.raw("CFBL-Address").substr(0, 300));
  const std::string_view mailbox = text::trimmed(std::string_view(address).substr(0, address.find(';')));
  // RFC 9477 section 5.1: one addr-spec, then "; report=arf" or xarf
  if (letter.has("CFBL-Address") && !message::problem_of_address(mailbox).empty()) add(report, "lint.cfbl-address", {{"value", address}}, "CFBL-Address", address);
}

}  // namespace

bool is_advertising(const Letter& letter, const Circumstances& about) { return about.marketing || letter.has("List-Unsubscribe-Post"); }

void judge_unsubscribe(const Letter& letter, const Circumstances& about, CheckReport& report) {
  const std::string value = message::in_one_line(letter.raw("List-Unsubscribe").substr(0, 2000));
  if (!letter.has("List-Unsubscribe")) {
    if (is_advertising(letter, about)) add(report, "lint.unsubscribe-missing", {}, "header", "no field List-Unsubscribe");
  } else {
    const Unsubscribe uris = read_unsubscribe(value);
    if (!uris.well_formed) add(report, "lint.unsubscribe-syntax", {{"value", value}}, "List-Unsubscribe", value);
    else judge_one_click(letter, uris, value, about, report);
  }
  judge_signature(letter, report);
  judge_list_fields(letter, report);
  judge_feedback(letter, report);
  if (is_advertising(letter, about)) judge_visible(letter, report);
  if (!about.marketing) return;
  judge_postal_address(letter, report);
  judge_label(letter, report);
}

}  // namespace mailmedic::lint
