#include "lib/maillog/line.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <algorithm>
#include <cstring>

#include "lib/text/ascii.hpp"

namespace mailmedic::maillog {

namespace json = boost::json;

namespace {

/// "Mon 2026-11-23 ..." of journalctl -o short-full?
bool begins_with_weekday(std::string_view line) {
  static constexpr std::string_view days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  if (line.size() < 24 || line[3] != ' ' || !text::is_digit(line[4]) || line[8] != '-') return false;
  return std::find(std::begin(days), std::end(days), line.substr(0, 3)) != std::end(days);
}

/// The word at the start of `text`, which goes on behind it.
std::string_view take_word(std::string_view& text) {
  const void* found = std::memchr(text.data(), ' ', text.size());
  const std::size_t size = found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : text.size();
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size < text.size() ? size + 1 : size);
  return word;
}

/// "postfix/smtpd[123]: message".
bool split_program(std::string_view text, Line& out) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '[' && text[end] != ':' && text[end] != ' ') ++end;
  if (end == 0 || end == text.size()) return false;
  out.program = text.substr(0, end);
  if (text[end] == '[') {
    while (end < text.size() && text[end] != ']') ++end;
    if (++end >= text.size()) return false;
  }
  if (text[end] == ':') ++end;
  if (end < text.size() && text[end] == ' ') ++end;
  out.message = text.substr(end);
  if (out.message.starts_with("[ID ")) {  // Solaris
    const auto bracket = out.message.find("] ");
    if (bracket != out.message.npos) out.message.remove_prefix(bracket + 2);
  }
  return true;
}

/// "lab postfix/smtpd[123]: ...", and not a line of Exim's own?
bool has_host_and_program(std::string_view text) {
  const std::string_view host = take_word(text), program = take_word(text);
  if (host.empty() || host.front() == '[' || host.find('=') != host.npos || program.size() < 2 || program.front() == '[') return false;
  return program.back() == ':' && (program.find('[') != program.npos || program.find('/') != program.npos);
}

/// A string, or a field of bytes as journalctl writes what is no UTF-8.
bool take_text(const json::object& from, std::initializer_list<std::string_view> names, std::string& out) {
  for (const std::string_view name : names) {
    const json::value* found = from.if_contains(name);
    if (!found) continue;
    if (const json::string* text = found->if_string()) {
      out.assign(text->data(), text->size());
      return true;
    }
    if (const json::array* bytes = found->if_array()) {
      out.clear();
      for (const json::value& byte : *bytes)
        if (byte.is_int64()) out += static_cast<char>(byte.get_int64());
      return true;
    }
  }
  return false;
}

std::string_view without_line_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool LineReader::read(std::string_view line, Line& out) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with('{')) return read_json(line, out);
  if (line.starts_with('<')) {  // the priority of syslog
    const auto end = line.find('>');
    if (end > 4) return false;
    line.remove_prefix(end + 1);
    if (line.starts_with("1 ")) return read_5424(line.substr(2), out);
  }
  if (begins_with_weekday(line)) line.remove_prefix(4);
  const auto stamp = stamps_.read(line);
  if (!stamp) return false;
  out.time = stamp->time;
  std::string_view rest = line.substr(stamp->size);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (stamp->with_space && rest.starts_with("UTC ")) rest.remove_prefix(4);
  if (stamp->with_space && !has_host_and_program(rest)) {
    out.program = "exim";
    out.message = rest;
    return true;
  }
  if (rest.starts_with('<')) take_word(rest);  // FreeBSD: "<mail.info>"
  take_word(rest);                             // the host
  if (!split_program(rest, out)) out.program = {}, out.message = rest;
  return true;
}

bool LineReader::read_5424(std::string_view line, Line& out) {
  const std::string_view time = take_word(line);
  const auto stamp = stamps_.read(time);
  if (!stamp) return false;
  out.time = stamp->time;
  take_word(line);  // the host
  out.program = take_word(line);
  take_word(line);  // the process
  take_word(line);  // the kind of message
  if (line.starts_with('[')) {
    const auto end = line.find("] ");
    line.remove_prefix(end == line.npos ? line.size() : end + 2);
  } else {
    take_word(line);
  }
  if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  out.message = line;
  return true;
}

bool LineReader::read_json(std::string_view line, Line& out) {
  unsigned char room[8192];
  json::monotonic_resource memory(room);
  boost::system::error_code wrong;
  const json::value value = json::parse(line, wrong, &memory);
  if (wrong || !value.is_object()) return false;
  const json::object& object = value.get_object();
  std::string stamp_text;
  if (!take_text(object, {"MESSAGE", "message", "msg", "log", "Message"}, message_)) return false;
  const bool of_journal = take_text(object, {"__REALTIME_TIMESTAMP"}, stamp_text);
  if (!of_journal && !take_text(object, {"timestamp", "@timestamp", "time", "timereported", "ts", "Timestamp"}, stamp_text)) return false;
  if (of_journal) {
    out.time = std::strtoll(stamp_text.c_str(), nullptr, 10) / 1'000'000;
  } else {
    const auto stamp = stamps_.read(stamp_text);
    if (!stamp) return false;
    out.time = stamp->time;
  }
  out.message = without_line_end(message_);
  if (take_text(object, {"SYSLOG_IDENTIFIER", "program", "programname", "appname", "app-name", "syslogtag", "tag", "ident", "process"}, program_)) {
    out.program = std::string_view(program_).substr(0, program_.find_first_of("[:"));
    if (out.message.starts_with(' ')) out.message.remove_prefix(1);
    return true;
  }
  // What a container wrote is a whole line: with a time of its own, or with the program's name in front.
  const std::string inner = std::exchange(message_, {});
  message_ = std::string(without_line_end(inner));
  Line whole;
  const bool dated = !message_.starts_with('{') && read(message_, whole);
  if (dated) out = whole;
  else if (!split_program(message_, out)) out.program = {};
  return true;
}

}  // namespace mailmedic::maillog
