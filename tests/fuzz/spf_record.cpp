// SPF: any text is read to its end, and what was read can be expanded.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checks/spf/record.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  spf::MacroValues values;
  values.ip = *net::parse_address("2001:db8::1");
  values.sender = "a-b+c@d.example.org";
  values.local_part = "a-b+c";
  values.sender_domain = values.domain = "d.example.org";
  values.helo = "mx.example.org";
  values.validated = "unknown";
  values.receiver = "unknown";
  const spf::Reading reading = spf::read_record(text);
  for (const spf::SyntaxError& error : reading.errors)
    if (error.offset > size || error.why.empty()) std::abort();
  for (const spf::Term& term : reading.record.terms) {
    if (text.substr(term.offset, term.text.size()) != term.text) std::abort();
    if (term.domain) (void)dns::Name::from_bytes(spf::expand(term.domain->macro, values));
  }
  // Reading the terms that were good again gives the same terms.
  std::string again = "v=spf1";
  for (const spf::Term& term : reading.record.terms) again += " " + term.text;
  const spf::Reading second = spf::read_record(again);
  if (!second.errors.empty() || second.record.terms.size() != reading.record.terms.size()) std::abort();
  if (const auto macro = spf::MacroString::parse(text, spf::MacroUse::explanation)) (void)spf::expand(*macro, values);
  return 0;
}
