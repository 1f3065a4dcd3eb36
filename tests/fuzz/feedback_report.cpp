// Reports of receivers: XML, JSON, packed or in a message. What is in a file ends as a report or is named, within limits.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/feedback/documents.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const feedback::Documents found = feedback::documents_in(bytes, "input");
  if (found.reports.empty() && found.unreadable.empty()) std::abort();
  for (const feedback::Unreadable& one : found.unreadable)
    if (one.why.empty()) std::abort();
  return 0;
}
