// A pasted reply: its codes, and what it claims.
#include <cstddef>
#include <cstdint>

#include "checks/bounce/claims.hpp"
#include "checks/bounce/reply_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto report = mailmedic::bounce::read_reply(text);
  mailmedic::bounce::addresses_in(report.diagnostic);
  mailmedic::bounce::links_in(report.diagnostic);
  mailmedic::bounce::limits_in(report.diagnostic);
  return 0;
}
