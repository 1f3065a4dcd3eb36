// DNS messages: as an answer to a question, and as a query to our own server.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/dns/wire.hpp"
#include "lib/dns/zone.hpp"

using namespace mailmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  static const dns::Name name = dns::Name::parse("example.org").value();
  static const dns::Zone zone = dns::Zone::parse("example.org. TXT \"v=spf1 -all\"\n").value();
  const auto id = size >= 2 ? static_cast<std::uint16_t>(data[0] << 8 | data[1]) : std::uint16_t{0};
  for (const dns::Type type : {dns::Type::txt, dns::Type::mx, dns::Type::a, dns::Type::soa, dns::Type::tlsa, dns::Type::caa}) {
    const dns::Decoded decoded = dns::decode_answer(message, {name, type}, id);
    if (decoded.answer.status == dns::Status::answered && decoded.answer.records.empty()) std::abort();
    for (const dns::Record& record : decoded.answer.records) {
      record.text();
      if (const auto* txt = std::get_if<dns::Txt>(&record.data)) txt->strings();
    }
  }
  dns::respond(message, zone, true);
  return 0;
}
