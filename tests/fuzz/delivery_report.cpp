// Delivery reports of every format.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/message/delivery_report.hpp"
#include "lib/text/shown.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto report = message::read_delivery_report(text);
  if (report.recipients.size() > message::max_report_recipients) std::abort();
  if (report.kind == message::ReportKind::none && !report.recipients.empty()) std::abort();
  for (const auto& one : report.recipients) {
    // What is shown has to be UTF-8 in one line
    for (const std::string* field :
         {&one.recipient, &one.original_recipient, &one.diagnostic, &one.remote_mta, &one.last_attempt})
      if (!text::is_utf8(*field) || field->find('\n') != field->npos) std::abort();
    if (one.reply_code.size() != 3 && !one.reply_code.empty()) std::abort();
  }
  return 0;
}
