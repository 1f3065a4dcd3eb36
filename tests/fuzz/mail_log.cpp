// Lines of a mail log by every reader, and the journal's export.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/log/cause.hpp"
#include "lib/maillog/journal.hpp"
#include "lib/maillog/servers.hpp"

using namespace mailmedic;

namespace {
/// Every text of an event is a view into the line.
void expect_within(std::string_view part, std::string_view whole) {
  if (part.empty()) return;
  if (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size()) std::abort();
}

void look(const maillog::Event& event, std::string_view message) {
  for (const std::string_view part : {event.queue_id, event.sender, event.recipient, event.relay, event.source, event.status, event.stage, event.text}) expect_within(part, message);
  if (event.kind == maillog::Kind::none) return;
  if (log::normalised(event.text).size() > 4000) std::abort();
  if (log::class_of({event.kind, event.status, event.text}).empty()) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  maillog::LineReader reader(std::chrono::system_clock::from_time_t(1795472678));
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    maillog::Line line;
    if (reader.read(rest.substr(0, end), line)) look(maillog::read_event(line, maillog::server_of(line)), line.message);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  look(maillog::read_postfix("postfix/smtp", text), text);
  look(maillog::read_postfix("postfix/smtpd", text), text);
  look(maillog::read_postfix("postfix/cleanup", text), text);
  look(maillog::read_exim(text), text);
  look(maillog::read_opensmtpd(text), text);
  look(maillog::read_sendmail(text), text);
  maillog::JournalReader journal;
  std::string lines;
  journal.read(text.substr(0, size / 2), lines);
  journal.read(text.substr(size / 2), lines);
  journal.finish(lines);
  return 0;
}
