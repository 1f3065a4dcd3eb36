#include "checks/no_answer.hpp"

#include <fmt/format.h>

namespace mailmedic {

Finding no_answer(const dns::Name& name, dns::Type type, const dns::Answer& answer) {
  Finding unknown{.id = answer.status == dns::Status::bogus ? "dns.bogus" : "dns.no-answer", .subject = name.text()};
  unknown.args = {{"name", name.text()}, {"type", dns::type_text(type)}, {"status", std::string(dns::status_text(answer.status))}};
  unknown.evidence = {{fmt::format("{} {}", dns::type_text(type), name.text()),
                       answer.why.empty() ? std::string(dns::status_text(answer.status)) : answer.why}};
  return unknown;
}

}  // namespace mailmedic
