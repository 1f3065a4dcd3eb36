#include "lib/dns/record.hpp"

#include <fmt/format.h>

#include "lib/dns/answer.hpp"

namespace mailmedic::dns {

std::string type_text(Type type) {
  switch (type) {
    case Type::a: return "A";
    case Type::ns: return "NS";
    case Type::cname: return "CNAME";
    case Type::soa: return "SOA";
    case Type::ptr: return "PTR";
    case Type::mx: return "MX";
    case Type::txt: return "TXT";
    case Type::aaaa: return "AAAA";
    case Type::ds: return "DS";
    case Type::rrsig: return "RRSIG";
    case Type::dnskey: return "DNSKEY";
    case Type::tlsa: return "TLSA";
    case Type::spf: return "SPF";
    case Type::caa: return "CAA";
  }
  return fmt::format("TYPE{}", static_cast<unsigned>(type));
}

std::string_view status_text(Status status) {
  switch (status) {
    case Status::answered: return "answered";
    case Status::no_data: return "no such record";
    case Status::nx_domain: return "NXDOMAIN";
    case Status::serv_fail: return "SERVFAIL";
    case Status::refused: return "REFUSED";
    case Status::bogus: return "DNSSEC validation failed";
    case Status::timed_out: return "timed out";
    case Status::malformed: return "malformed answer";
  }
  return "unknown";
}

std::vector<std::string_view> Txt::strings() const {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  for (const std::uint8_t size : sizes) {
    out.push_back(std::string_view(text).substr(at, size));
    at += size;
  }
  return out;
}

namespace {
/// "host." as a zone file has it.
std::string absolute(const Name& name) { return name.is_root() ? "." : name.text() + "."; }

/// A character string in quotes. RFC 1035 section 5.1.
std::string quoted(std::string_view bytes) {
  std::string out = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (byte < 0x20 || byte >= 0x7f)
      out += fmt::format("\\{:03}", byte);
    else
      out += c;
  }
  return out + '"';
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

struct Text {
  std::string operator()(const net::Address& address) const { return address.to_string(); }
  std::string operator()(const Name& name) const { return absolute(name); }
  std::string operator()(const Mx& mx) const { return fmt::format("{} {}", mx.preference, absolute(mx.host)); }
  std::string operator()(const Txt& txt) const {
    std::string out;
    for (const auto string : txt.strings()) out += (out.empty() ? "" : " ") + quoted(string);
    return out;
  }
  std::string operator()(const Soa& soa) const {
    return fmt::format("{} {} {} {} {} {} {}", absolute(soa.primary), absolute(soa.mailbox), soa.serial, soa.refresh,
                       soa.retry, soa.expire, soa.minimum);
  }
  std::string operator()(const Tlsa& tlsa) const {
    return fmt::format("{} {} {} {}", tlsa.usage, tlsa.selector, tlsa.matching, hex(tlsa.data));
  }
  std::string operator()(const Caa& caa) const { return fmt::format("{} {} {}", caa.flags, caa.tag, quoted(caa.value)); }
  std::string operator()(const Raw& raw) const { return fmt::format("\\# {} {}", raw.data.size(), hex(raw.data)); }
};
}  // namespace

std::string Record::text() const { return std::visit(Text{}, data); }

}  // namespace mailmedic::dns
