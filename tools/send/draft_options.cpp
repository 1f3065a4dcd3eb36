#include "tools/send/draft_options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "lib/composition/encoding.hpp"
#include "lib/message/addresses.hpp"
#include "lib/message/raw_message.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"
#include "tools/cli/message_input.hpp"

namespace mailmedic::send {

namespace {
using composition::Draft;
using composition::Mailbox;

text::ParseError wrong(std::string why) { return {0, std::move(why)}; }

/// Every value that makes a message, wherever it was given: the command line wins over the draft file.
class Source {
 public:
  Source(const cli::CommandLine& line, boost::json::object file) : line_(line), file_(std::move(file)) {}

  std::string one(const char* name) const {
    if (line_.has(name)) return line_.text(name);
    const auto* value = file_.if_contains(name);
    return value && value->is_string() ? std::string(value->as_string()) : std::string();
  }
  std::vector<std::string> many(const char* name) const {
    std::vector<std::string> out = line_.texts(name);
    const auto* value = file_.if_contains(name);
    if (!out.empty() || !value) return out;
    if (value->is_string()) out.emplace_back(value->as_string());
    if (value->is_array())
      for (const auto& each : value->as_array())
        if (each.is_string()) out.emplace_back(each.as_string());
    return out;
  }

 private:
  const cli::CommandLine& line_;
  boost::json::object file_;
};

std::string read_mailboxes(const Source& source, const char* name, std::vector<Mailbox>& out) {
  for (const std::string& text : source.many(name)) {
    auto box = composition::parse_mailbox(text);
    if (!box) return fmt::format("--{} {}", name, box.error().why);
    out.push_back(std::move(*box));
  }
  return {};
}

std::string read_body(const Source& source, const char* name, const char* file_option, std::string& out) {
  out = source.one(name);
  if (const std::string file = source.one(file_option); !file.empty()) {
    auto content = cli::read_message(file);
    if (!content) return fmt::format("--{} {}", file_option, content.error().why);
    out = std::move(*content);
  }
  return {};
}

std::string read_files(const Source& source, Draft& draft) {
  for (const std::string& path : source.many("attach")) {
    auto content = cli::read_message(path);
    if (!content) return "--attach " + content.error().why;
    draft.files.push_back({.name = std::filesystem::path(path).filename().string(), .type = {}, .content = std::move(*content), .content_id = {}});
  }
  for (const std::string& given : source.many("inline")) {
    const auto colon = given.find(':');
    if (colon == 0 || colon == given.npos) return fmt::format("--inline {}: give ID:FILE, as logo:logo.png, shown by <img src=\"cid:logo\">", given);
    const std::string path = given.substr(colon + 1);
    auto content = cli::read_message(path);
    if (!content) return "--inline " + content.error().why;
    draft.files.push_back({.name = std::filesystem::path(path).filename().string(), .type = {}, .content = std::move(*content), .content_id = given.substr(0, colon)});
  }
  return {};
}

std::string read_fields(const Source& source, Draft& draft) {
  for (const std::string& given : source.many("header")) {
    const auto colon = given.find(':');
    if (colon == 0 || colon == given.npos) return fmt::format("--header {}: give \"Name: value\"", given);
    draft.fields.emplace_back(given.substr(0, colon), text::trimmed(std::string_view(given).substr(colon + 1)));
  }
  for (const std::string& given : source.many("unsubscribe")) {
    if (given.starts_with("https://")) draft.unsubscribe_url = given;
    else if (given.find('@') != given.npos) draft.unsubscribe_mail = given.starts_with("mailto:") ? given.substr(7) : given;
    else return fmt::format("--unsubscribe {}: give an https:// address or a mail address (RFC 8058 asks for both)", given);
  }
  return {};
}

/// Something that no other message has. RFC 5322 section 3.6.4.
std::string new_message_id(const std::string& domain, std::chrono::system_clock::time_point now) {
  std::random_device random;
  return fmt::format("{:x}.{:08x}{:08x}@{}", std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count(), random(), random(), domain);
}

std::string domain_of(const std::string& address) { return address.substr(address.rfind('@') + 1); }

void fill_test(Draft& draft) {
  if (draft.subject.empty()) draft.subject = "Test message of mailmedic";
  if (draft.text.empty() && draft.html.empty())
    draft.text = fmt::format("This is a test message that {} sent with mailmedic at {}.\n\nIf you can read it, it was delivered. Its header tells what your server made of SPF, DKIM and DMARC.\n",
                             draft.from.address, composition::mail_date(draft.date));
}

std::string read_draft(const Source& source, const cli::CommandLine& line, Draft& draft) {
  std::vector<Mailbox> from, reply_to;
  for (const auto& [name, into] : {std::pair<const char*, std::vector<Mailbox>*>{"from", &from}, {"reply-to", &reply_to}, {"to", &draft.to}, {"cc", &draft.cc}})
    if (std::string why = read_mailboxes(source, name, *into); !why.empty()) return why;
  if (from.empty()) return "who sends it? Give --from ADDRESS";
  draft.from = from.front();
  if (!reply_to.empty()) draft.reply_to = reply_to.front();
  draft.subject = source.one("subject");
  for (std::string why : {read_body(source, "text", "text-file", draft.text), read_body(source, "html", "html-file", draft.html), read_files(source, draft), read_fields(source, draft)})
    if (!why.empty()) return why;
  if (line.flag("test")) fill_test(draft);
  return {};
}

/// A message as it is: recipients and sender from its header where the options name none.
text::Parsed<Outgoing> read_eml(const Source& source, const std::string& file) {
  const auto text = cli::read_message(file);
  if (!text) return wrong("--eml " + text.error().why);
  const std::string bytes = text->find("\r\n") != text->npos ? *text : composition::with_crlf(*text);
  const auto message = message::parse_raw(bytes);
  if (!message) return wrong("--eml " + file + ": " + message.error().why);
  Outgoing out{.sender = {}, .recipients = {}, .message = bytes.substr(message->envelope.size())};
  std::vector<std::string> from, to;
  for (const message::RawField& field : message->fields) {
    const auto is = [&](std::string_view name) { return text::equals_ignoring_case(field.name, name); };
    if (is("From")) from = message::addresses_of(field.value);
    if (is("To") || is("Cc") || is("Bcc"))
      for (std::string& address : message::addresses_of(field.value)) to.push_back(std::move(address));
    out.needs_smtputf8 = out.needs_smtputf8 || std::any_of(field.value.begin(), field.value.end(), [](char c) { return static_cast<unsigned char>(c) > 127; });
  }
  if (const std::string given = source.one("from"); !given.empty()) from = {given};
  if (auto given = source.many("to"); !given.empty()) to = std::move(given);
  for (std::vector<std::string>* list : {&from, &to})
    for (std::string& each : *list) {
      auto box = composition::parse_mailbox(each);
      if (!box) return wrong("--eml " + file + ": " + box.error().why);
      each = box->address;
    }
  if (!from.empty()) out.sender = from.front();
  out.recipients = std::move(to);
  return out;
}

text::Parsed<Outgoing> composed(Draft draft) {
  const std::string domain = domain_of(draft.from.address);
  draft.message_id = new_message_id(composition::is_ascii(domain) ? domain : "mailmedic.invalid", draft.date);
  auto message = composition::compose(draft);
  if (!message) return wrong(message.error().why + (draft.text.empty() && draft.html.empty() ? ": give --text, --html, --attach or --test" : ""));
  Outgoing out{.sender = draft.from.address, .recipients = {}, .message = std::move(*message), .needs_smtputf8 = composition::needs_smtputf8(draft)};
  for (const auto* boxes : {&draft.to, &draft.cc})
    for (const Mailbox& box : *boxes) out.recipients.push_back(box.address);
  return out;
}

std::string read_addresses(const std::string& option, const std::vector<std::string>& texts, std::vector<std::string>& out) {
  for (const std::string& text : texts) {
    auto box = composition::parse_mailbox(text);
    if (!box) return "--" + option + ' ' + box.error().why;
    out.push_back(box->address);
  }
  return {};
}

text::Parsed<std::vector<std::string>> read_seeds(const std::string& file) {
  std::vector<std::string> texts, out;
  if (file.empty()) return out;
  const auto lines = cli::read_message(file);
  if (!lines) return wrong("--seed-list " + lines.error().why);
  for (const std::string_view line : text::split(*lines, '\n'))
    if (const auto address = text::trimmed(line.substr(0, line.find('#'))); !address.empty()) texts.emplace_back(address);
  if (std::string why = read_addresses("seed-list " + file + ": ", texts, out); !why.empty()) return wrong(std::move(why));
  return out;
}
}  // namespace

void add_options(cli::CommandLine& line) {
  using Texts = std::vector<std::string>;
  const auto value = [](const char* name) { return cli::po::value<std::string>()->value_name(name); };
  const auto values = [](const char* name) { return cli::po::value<Texts>()->value_name(name); };
  // clang-format off
  line.options().add_options()
      ("from", value("MAILBOX"), "who sends it: ADDRESS or \"Name <ADDRESS>\"")
      ("to", values("MAILBOX"), "who gets it (repeatable)")
      ("cc", values("MAILBOX"), "who gets a copy (repeatable)")
      ("bcc", values("ADDRESS"), "who gets it unseen by the others (repeatable)")
      ("reply-to", value("MAILBOX"), "where answers go")
      ("sender", value("ADDRESS"), "the envelope sender (default: the address of --from; \"\" is the null sender)")
      ("subject", value("TEXT"), "the subject")
      ("text", value("TEXT"), "the text")
      ("text-file", value("FILE"), "the text is in FILE (- is standard input)")
      ("html", value("HTML"), "the same as HTML")
      ("html-file", value("FILE"), "the HTML is in FILE")
      ("attach", values("FILE"), "attach a file (repeatable)")
      ("inline", values("ID:FILE"), "an image that the HTML shows by cid:ID (repeatable)")
      ("header", values("FIELD"), "a further header field, \"Name: value\" (repeatable)")
      ("unsubscribe", values("WHERE"), "List-Unsubscribe: an https:// address, a mail address, or both (RFC 8058)")
      ("test", cli::po::bool_switch(), "a ready test message, as far as subject and text are not given")
      ("draft", value("FILE"), "take what is not given here from a TOML file: from, to, subject, text, html, attach, ... as above")
      ("eml", value("FILE"), "send this message as it is")
      ("seed-list", value("FILE"), "send a message of its own to each address in FILE, one a line");
  // clang-format on
}

text::Parsed<std::vector<Outgoing>> read_messages(const cli::CommandLine& line, std::chrono::system_clock::time_point now) {
  boost::json::object file;
  if (line.has("draft")) {
    auto read = text::read_toml(line.text("draft"));
    if (!read) return wrong("--draft " + read.error().why);
    file = std::move(*read);
  }
  const Source source(line, std::move(file));
  Draft draft{.date = now};
  if (!line.has("eml"))
    if (std::string why = read_draft(source, line, draft); !why.empty()) return wrong(std::move(why));
  auto first = line.has("eml") ? read_eml(source, line.text("eml")) : composed(draft);
  if (!first) return first.error();
  if (std::string why = read_addresses("bcc", source.many("bcc"), first->recipients); !why.empty()) return wrong(std::move(why));
  const auto seeds = read_seeds(line.text("seed-list"));
  if (!seeds) return seeds.error();
  std::vector<Outgoing> out;
  if (!first->recipients.empty()) out.push_back(*first);
  for (const std::string& seed : *seeds) {
    Outgoing own = *first;
    if (!line.has("eml")) {
      draft.to = {{"", seed}};
      draft.cc.clear();
      auto message = composed(draft);
      if (!message) return message.error();
      own = std::move(*message);
    }
    own.recipients = {seed};
    out.push_back(std::move(own));
  }
  if (out.empty()) return wrong("who gets it? Give --to ADDRESS");
  for (Outgoing& each : out) {
    if (line.has("sender")) each.sender = line.text("sender");
    each.needs_smtputf8 = each.needs_smtputf8 || !composition::is_ascii(each.sender);
    for (const std::string& address : each.recipients) each.needs_smtputf8 = each.needs_smtputf8 || !composition::is_ascii(address);
  }
  return out;
}

}  // namespace mailmedic::send
