#include "lib/reception/dialogue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/reception/command.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::reception {

using Event = Dialogue::Event;

namespace {
/// What speaks HTTP to us was sent by a browser on behalf of someone else: nothing it says may be obeyed.
bool is_http(std::string_view verb) { return verb == "GET" || verb == "POST" || verb == "PUT" || verb == "HEAD" || verb == "OPTIONS" || verb == "CONNECT"; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}
}  // namespace

void Dialogue::reply(std::string_view text) {
  transcript_.sent(smtp::Line::plain(std::string(text)), encrypted_);
  output_ += text;
  output_ += "\r\n";
}

void Dialogue::refuse(std::string_view text) {
  if (++refusals_ > settings_.limits.refusals) return goodbye("421 4.7.0 too many errors");
  reply(text);
}

void Dialogue::goodbye(std::string_view text) {
  closing_ = true;
  reply(text);
}

void Dialogue::greet() { reply("220 " + settings_.name + " ESMTP mailmedic keeps mail for tests and relays none"); }

Event Dialogue::take(std::string_view& bytes) {
  while (!bytes.empty() && !closing_) {
    const Event event = mode_ == Mode::data ? take_data(bytes) : mode_ == Mode::chunk ? take_chunk(bytes) : take_line(bytes);
    if (event != Event::more) return event;
  }
  return closing_ ? Event::close : Event::more;
}

Event Dialogue::take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string_view piece = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
  bytes.remove_prefix(piece.size());
  line_is_too_long_ = line_is_too_long_ || line_.size() + piece.size() > settings_.limits.line;
  if (!line_is_too_long_) line_ += piece;
  if (end == std::string_view::npos) {
    // A line without end is not waited for.
    commands_ += line_is_too_long_ ? 1 : 0;
    if (commands_ > settings_.limits.commands) goodbye("421 4.7.0 too many commands");
    return Event::more;
  }
  const std::string line = std::exchange(line_, {});
  if (++commands_ > settings_.limits.commands) {
    goodbye("421 4.7.0 too many commands");
    return Event::more;
  }
  if (std::exchange(line_is_too_long_, false)) {
    refuse("500 5.5.2 line too long");
    return Event::more;
  }
  transcript_.received(std::string_view(line).substr(0, line.find_last_not_of("\r\n") + 1), encrypted_);
  if (line.size() < 2 || line[line.size() - 2] != '\r') {
    refuse("500 5.5.2 a line ends in CR LF, not in LF alone");
    return Event::more;
  }
  return obey(std::string_view(line).substr(0, line.size() - 2));
}

Event Dialogue::obey(std::string_view line) {
  const auto [verb, rest] = command_of(line);
  if (line.find('\0') != std::string_view::npos || line.find('\r') != std::string_view::npos) refuse("500 5.5.2 a command has no NUL and no CR");
  else if (is_http(verb)) goodbye("421 4.7.0 this is SMTP, not HTTP");
  else if (verb == "EHLO" || verb == "HELO") hello(rest, verb == "EHLO");
  else if (verb == "STARTTLS") return starttls(rest);
  else if (verb == "MAIL") mail(rest);
  else if (verb == "RCPT") rcpt(rest);
  else if (verb == "DATA") data(rest);
  else if (verb == "BDAT") return chunk(rest);
  else if (verb == "RSET") {
    reset();
    reply("250 2.0.0 Ok");
  } else if (verb == "NOOP") reply("250 2.0.0 Ok");
  else if (verb == "VRFY") reply("252 2.1.5 send some mail, and look at the report");
  else if (verb == "HELP") reply("214 2.0.0 send a message; its report is written where mailmedic listen runs");
  else if (verb == "QUIT") goodbye("221 2.0.0 Bye");
  else if (verb == "EXPN" || verb == "AUTH" || verb == "ETRN" || verb == "TURN") refuse("502 5.5.1 not offered");
  else refuse("500 5.5.2 unknown command");
  return Event::more;
}

void Dialogue::reset() {
  const std::string helo = arrival_.helo;
  const bool extended = arrival_.extended;
  arrival_ = {};
  arrival_.helo = helo;
  arrival_.extended = extended;
  arrival_.encrypted = encrypted_;
  has_sender_ = false;
  data_.reset();
  chunks_.reset();
}

void Dialogue::hello(std::string_view name, bool extended) {
  if (name.empty()) return refuse(extended ? "501 5.5.4 say EHLO with your name" : "501 5.5.4 say HELO with your name");
  arrival_.helo = name.substr(0, 512);
  arrival_.extended = extended;
  greeted_ = true;
  reset();
  if (!extended) return reply("250 " + settings_.name);
  reply("250-" + settings_.name);
  reply("250-PIPELINING");
  reply(fmt::format("250-SIZE {}", settings_.limits.message));
  if (settings_.starttls && !encrypted_) reply("250-STARTTLS");
  reply("250-8BITMIME");
  reply("250-SMTPUTF8");
  reply("250-ENHANCEDSTATUSCODES");
  reply("250 CHUNKING");
}

Event Dialogue::starttls(std::string_view rest) {
  if (!rest.empty()) refuse("501 5.5.4 STARTTLS has no parameter");
  else if (encrypted_) refuse("503 5.5.1 TLS is there already");
  else if (!settings_.starttls) refuse("502 5.5.1 not offered");
  else if (!greeted_) refuse("503 5.5.1 say EHLO first");
  else {
    reply("220 2.0.0 ready");
    return Event::start_tls;
  }
  return Event::more;
}

void Dialogue::on_tls() {
  encrypted_ = true;
  greeted_ = false;  // RFC 3207 section 4.2: what was said before is forgotten
  arrival_ = {};
  line_.clear();
  line_is_too_long_ = false;
  reset();
}

std::string Dialogue::take_parameter(const std::string& name, const std::string& value) {
  if (name == "SIZE") {
    arrival_.declared_size = number_of(value);
    if (!arrival_.declared_size) return "501 5.5.4 SIZE wants a number";
    if (*arrival_.declared_size > settings_.limits.message) return "552 5.3.4 the message is too large";
    return {};
  }
  if (name == "BODY") {
    arrival_.body = text::upper(value);
    return arrival_.body == "7BIT" || arrival_.body == "8BITMIME" ? std::string() : "501 5.5.4 BODY is 7BIT or 8BITMIME";
  }
  if (name == "SMTPUTF8" && value.empty()) {
    arrival_.smtputf8 = true;
    return {};
  }
  return "555 5.5.4 unknown parameter";
}

void Dialogue::mail(std::string_view rest) {
  if (!greeted_) return refuse("503 5.5.1 say EHLO first");
  if (has_sender_) return refuse("503 5.5.1 one sender only");
  if (messages_ >= settings_.limits.messages) return goodbye("421 4.7.0 too many messages on one connection");
  const auto path = text::starts_with_ignoring_case(rest, "FROM:") ? path_of(rest.substr(5)) : std::nullopt;
  if (!path) return refuse("501 5.5.4 MAIL FROM:<address>");
  reset();
  if (!path->address.empty() && !is_address(path->address)) return refuse("501 5.1.7 no address");
  if (!arrival_.extended && !path->parameters.empty()) return refuse("555 5.5.4 parameters need EHLO");
  for (const auto& [name, value] : path->parameters) {
    if (const std::string wrong = take_parameter(name, value); !wrong.empty()) {
      reset();
      return refuse(wrong);
    }
  }
  if (!is_ascii(path->address) && !arrival_.smtputf8) return refuse("550 5.6.7 an address beyond ASCII needs SMTPUTF8");
  arrival_.sender = path->address;
  arrival_.loose_path = path->loose;
  has_sender_ = true;
  reply("250 2.1.0 Ok");
}

void Dialogue::rcpt(std::string_view rest) {
  if (!has_sender_) return refuse("503 5.5.1 MAIL comes first");
  if (chunks_) return refuse("503 5.5.1 the message has begun");
  const auto path = text::starts_with_ignoring_case(rest, "TO:") ? path_of(rest.substr(3)) : std::nullopt;
  if (!path) return refuse("501 5.5.4 RCPT TO:<address>");
  if (!path->parameters.empty()) return refuse("555 5.5.4 unknown parameter");
  // RFC 5321 section 4.5.1: postmaster stands without a domain as well.
  if (!is_address(path->address) && !text::equals_ignoring_case(path->address, "postmaster")) return refuse("501 5.1.3 no address");
  if (!is_ascii(path->address) && !arrival_.smtputf8) return refuse("553 5.6.7 an address beyond ASCII needs SMTPUTF8");
  const std::optional<bool> accepted = settings_.accepts ? settings_.accepts(path->address) : true;
  if (!accepted) return refuse("451 4.3.0 the addresses cannot be looked up now, try again later");
  if (!*accepted) return refuse("550 5.1.1 no such address here, and nothing is relayed");
  if (arrival_.recipients.size() >= settings_.limits.recipients) return refuse("452 4.5.3 too many recipients");
  arrival_.recipients.push_back(path->address);
  arrival_.loose_path = arrival_.loose_path || path->loose;
  reply("250 2.1.5 Ok");
}

void Dialogue::data(std::string_view rest) {
  if (!rest.empty()) return refuse("501 5.5.4 DATA has no parameter");
  if (!has_sender_) return refuse("503 5.5.1 MAIL comes first");
  if (chunks_) return refuse("503 5.5.1 BDAT has begun the message");
  if (arrival_.recipients.empty()) return refuse("554 5.5.1 no valid recipients");
  data_.emplace(settings_.limits.message);
  mode_ = Mode::data;
  reply("354 end with a dot on a line of its own");
}

Event Dialogue::chunk(std::string_view rest) {
  const auto words = text::words(rest);
  const auto size = words.empty() ? std::nullopt : number_of(words[0]);
  const bool last = words.size() == 2 && text::equals_ignoring_case(words[1], "LAST");
  // Without a size nobody knows where the next command begins.
  if (!size || words.size() > 2 || (words.size() == 2 && !last)) {
    goodbye("501 5.5.4 BDAT SIZE [LAST]");
    return Event::more;
  }
  discard_chunk_ = arrival_.recipients.empty();
  last_chunk_ = last;
  if (!chunks_) chunks_.emplace(settings_.limits.message);
  chunks_->begin(*size);
  mode_ = Mode::chunk;
  std::string_view nothing;
  return *size == 0 ? take_chunk(nothing) : Event::more;
}

Event Dialogue::take_data(std::string_view& bytes) {
  bytes.remove_prefix(data_->take(bytes));
  if (is_endless(data_->size())) goodbye("421 4.3.4 the message has no end");
  if (!data_->is_done()) return Event::more;
  mode_ = Mode::commands;
  const bool too_large = data_->is_too_large();
  return end_message(data_->take_content(), too_large);
}

Event Dialogue::take_chunk(std::string_view& bytes) {
  bytes.remove_prefix(chunks_->take(bytes));
  if (is_endless(chunks_->size())) goodbye("421 4.3.4 the message has no end");
  if (!chunks_->chunk_is_done()) return Event::more;
  mode_ = Mode::commands;
  if (discard_chunk_) {
    chunks_.reset();
    refuse("503 5.5.1 MAIL and RCPT come first");
    return Event::more;
  }
  arrival_.chunked = true;
  const bool too_large = chunks_->is_too_large();
  if (last_chunk_) return end_message(chunks_->take_content(), too_large);
  reply("250 2.0.0 Ok");
  return Event::more;
}

Event Dialogue::end_message(Content content, bool too_large) {
  transcript_.note(fmt::format("{} bytes of message", content.size));
  if (too_large) {
    reset();
    refuse("552 5.3.4 the message is too large");
    return Event::more;
  }
  arrival_.content = std::move(content);
  ++messages_;
  return Event::message;
}

void Dialogue::on_kept(std::string_view id) {
  reset();
  reply(fmt::format("250 2.0.0 Ok: queued as {}", id));
}

void Dialogue::on_lost(std::string_view why) {
  reset();
  reply(fmt::format("451 4.3.0 {}", why));
}

}  // namespace mailmedic::reception
