// What receivers wrote into a message, and its way: Received fields and verdicts.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/verdict/judge.hpp"
#include "lib/message/trace.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = message::parse_raw({reinterpret_cast<const char*>(data), size});
  if (!message) return 0;
  const auto verdicts = message::verdicts_of(*message);
  CheckReport report{.check = "verdict"};
  verdict::judge(verdicts, *message, report);
  if (message::to_json(verdicts).size() > message::max_verdicts) std::abort();
  for (const message::Verdict& one : verdicts)
    if (one.codes.size() > 60 || one.rules.size() > 200) std::abort();
  const auto hops = message::hops_of(*message);
  if (message::to_json(hops).size() != hops.size()) std::abort();
  return 0;
}
