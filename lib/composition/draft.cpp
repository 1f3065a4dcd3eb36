#include "lib/composition/draft.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "lib/composition/encoding.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::composition {

namespace {
/// A part of the MIME tree: its own fields and its body.
struct Part {
  std::string fields, body;
};

bool is_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

std::string written(const Mailbox& box) { return box.name.empty() ? box.address : fmt::format("{} <{}>", phrase(box.name), box.address); }

std::string list_of(const std::vector<Mailbox>& boxes) {
  std::string out;
  for (const Mailbox& box : boxes) out += (out.empty() ? "" : ", ") + written(box);
  return out;
}

Part text_part(const std::string& text, const char* subtype) {
  const bool lines_fit = [&] {
    for (const std::string_view line : text::split(text, '\n'))
      if (line.size() > 900 || line.starts_with("From ") || line.starts_with('.')) return false;
    return true;
  }();
  const bool is_plain = lines_fit && std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t' || (c >= ' ' && c <= '~'); });
  Part out;
  out.fields = field("Content-Type", fmt::format("text/{}{}", subtype, parameter("charset", "utf-8"))) + field("Content-Transfer-Encoding", is_plain ? "7bit" : "quoted-printable");
  out.body = is_plain ? with_crlf(text) : quoted_printable(text);
  if (!out.body.ends_with("\r\n")) out.body += "\r\n";
  return out;
}

Part file_part(const File& file) {
  const std::string type = file.type.empty() ? media_type(file.content, file.name) : file.type;
  const bool is_inline = !file.content_id.empty();
  Part out;
  // A message inside must not be encoded again (RFC 2046 section 5.2.1), so it goes as octets.
  out.fields = field("Content-Type", (type == "message/rfc822" ? "application/octet-stream" : type) + parameter("name", file.name)) + field("Content-Transfer-Encoding", "base64") +
               field("Content-Disposition", (is_inline ? "inline" : "attachment") + parameter("filename", file.name));
  if (is_inline) out.fields += field("Content-ID", "<" + file.content_id + ">");
  out.body = base64_body(file.content);
  return out;
}

/// The parts in one, behind a boundary that stands in none of them: base64 and quoted-printable never hold "=_".
Part together(const char* kind, const std::vector<Part>& parts, const std::string& seed) {
  const std::string boundary = fmt::format("=_{}_{}", kind, seed);
  Part out;
  out.fields = field("Content-Type", fmt::format("multipart/{}; boundary=\"{}\"", kind, boundary));
  for (const Part& part : parts) out.body += fmt::format("--{}\r\n{}\r\n{}\r\n", boundary, part.fields, part.body);
  out.body += fmt::format("--{}--\r\n", boundary);
  return out;
}

Part tree_of(const Draft& draft, const std::string& seed) {
  std::vector<Part> images, attachments;
  for (const File& file : draft.files) (file.content_id.empty() ? attachments : images).push_back(file_part(file));
  Part html;
  if (!draft.html.empty()) {
    html = text_part(draft.html, "html");
    if (!images.empty()) {
      images.insert(images.begin(), html);
      html = together("related", images, seed);
    }
  }
  Part out = draft.html.empty() ? text_part(draft.text, "plain") : draft.text.empty() ? html : together("alternative", {text_part(draft.text, "plain"), html}, seed);
  if (!attachments.empty()) {
    attachments.insert(attachments.begin(), out);
    out = together("mixed", attachments, seed);
  }
  return out;
}

std::string wrong_in(const Draft& draft) {
  const auto check = [](std::string_view what, std::string_view text) { return is_line(text) ? std::string() : fmt::format("{}: a line end or another control character cannot stand in a header field", what); };
  for (const auto& [what, text] : {std::pair<std::string_view, std::string_view>{"subject", draft.subject}, {"unsubscribe", draft.unsubscribe_url}, {"unsubscribe", draft.unsubscribe_mail}, {"message id", draft.message_id}})
    if (std::string why = check(what, text); !why.empty()) return why;
  for (const auto& [name, value] : draft.fields) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != ':'; })) return fmt::format("\"{}\" cannot be the name of a header field", name);
    if (std::string why = check(name, value); !why.empty()) return why;
  }
  for (const File& file : draft.files)
    if (std::string why = check(file.name, file.name + file.content_id + file.type); !why.empty()) return why;
  if (draft.text.empty() && draft.html.empty() && draft.files.empty()) return "there is no text, no HTML and no file";
  if (draft.html.empty() && std::any_of(draft.files.begin(), draft.files.end(), [](const File& file) { return !file.content_id.empty(); })) return "an inline image needs HTML that shows it";
  return {};
}
}  // namespace

text::Parsed<Mailbox> parse_mailbox(std::string_view text) {
  Mailbox out;
  const std::string_view all = text::trimmed(text);
  const auto open = all.rfind('<');
  if (open != all.npos && all.ends_with('>')) {
    out.address = text::trimmed(all.substr(open + 1, all.size() - open - 2));
    std::string_view name = text::trimmed(all.substr(0, open));
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) name = name.substr(1, name.size() - 2);
    for (std::size_t i = 0; i < name.size(); ++i) {
      if (name[i] == '\\' && i + 1 < name.size()) ++i;
      out.name += name[i];
    }
  } else {
    out.address = all;
  }
  const auto at = out.address.rfind('@');
  const bool is_address = at != std::string::npos && at > 0 && at + 1 < out.address.size() && is_line(out.name) &&
                          std::none_of(out.address.begin(), out.address.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == ','; });
  if (!is_address) return text::ParseError{0, fmt::format("{}: give ADDRESS or \"Name <ADDRESS>\", as user@example.org", text)};
  return out;
}

bool needs_smtputf8(const Draft& draft) {
  const auto is_wide = [](const Mailbox& box) { return !is_ascii(box.address); };
  return is_wide(draft.from) || (draft.reply_to && is_wide(*draft.reply_to)) || std::any_of(draft.to.begin(), draft.to.end(), is_wide) || std::any_of(draft.cc.begin(), draft.cc.end(), is_wide);
}

std::string mail_date(std::chrono::system_clock::time_point time) { return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(std::chrono::system_clock::to_time_t(time))); }

text::Parsed<std::string> compose(const Draft& draft) {
  if (std::string why = wrong_in(draft); !why.empty()) return text::ParseError{0, std::move(why)};
  std::string out = field("Date", mail_date(draft.date)) + field("From", written(draft.from));
  if (draft.reply_to) out += field("Reply-To", written(*draft.reply_to));
  if (!draft.to.empty()) out += field("To", list_of(draft.to));
  if (!draft.cc.empty()) out += field("Cc", list_of(draft.cc));
  out += field("Subject", encoded_words(draft.subject)) + field("Message-ID", "<" + draft.message_id + ">");
  std::string unsubscribe;
  if (!draft.unsubscribe_url.empty()) unsubscribe = "<" + draft.unsubscribe_url + ">";
  if (!draft.unsubscribe_mail.empty()) unsubscribe += fmt::format("{}<mailto:{}>", unsubscribe.empty() ? "" : ", ", draft.unsubscribe_mail);
  if (!unsubscribe.empty()) out += field("List-Unsubscribe", unsubscribe);
  if (!draft.unsubscribe_url.empty()) out += field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  for (const auto& [name, value] : draft.fields) out += field(name, encoded_words(value));
  out += field("MIME-Version", "1.0");
  const Part body = tree_of(draft, std::to_string(std::hash<std::string>{}(draft.message_id + draft.subject)));
  return out + body.fields + "\r\n" + body.body;
}

}  // namespace mailmedic::composition
