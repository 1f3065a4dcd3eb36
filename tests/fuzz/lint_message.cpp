// A message of any bytes: read within the limits, judged without a crash, and nothing shown is out of measure.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/lint/judge.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const lint::Letter letter = lint::read(std::string_view(reinterpret_cast<const char*>(data), size));
  if (letter.structure.entities.empty() || letter.structure.entities.size() > message::max_entities) std::abort();
  CheckReport report{.check = "lint"};
  lint::Circumstances about;
  about.marketing = true;
  lint::judge(letter, about, report);
  lint::write_facts(letter, report.facts);
  for (const Finding& finding : report.findings)
    if (finding.evidence.empty() || finding.evidence.front().text.size() > 600) std::abort();
  return 0;
}
