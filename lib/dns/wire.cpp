#include "lib/dns/wire.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/dns/ldns_records.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::dns {

namespace {

/// A CNAME chain longer than this is taken for a loop.
constexpr std::size_t max_aliases = 16;

/// Extended DNS errors that mean "DNSSEC validation failed". RFC 8914 sections 4.2 to 4.13.
bool means_bogus(unsigned code) { return code >= 1 && code <= 12 && code != 3 && code != 4; }

struct ExtendedError {
  unsigned code = 0;
  std::string text;
};

/// The first extended DNS error of the OPT record. RFC 8914 section 2.
std::optional<ExtendedError> extended_error(const ldns_pkt* packet) {
  const ldns_rdf* options = ldns_pkt_edns_data(packet);
  if (!options) return std::nullopt;
  std::string_view rest(reinterpret_cast<const char*>(ldns_rdf_data(options)), ldns_rdf_size(options));
  const auto number = [&](std::size_t at) {
    return static_cast<unsigned>(static_cast<unsigned char>(rest[at])) << 8 | static_cast<unsigned char>(rest[at + 1]);
  };
  while (rest.size() >= 4) {
    const unsigned code = number(0), size = number(2);
    if (rest.size() < 4 + size) break;
    if (code == 15 && size >= 2) return ExtendedError{number(4), std::string(rest.substr(6, size - 2))};
    rest.remove_prefix(4 + size);
  }
  return std::nullopt;
}

/// Follows the CNAME chain from the question's name, then keeps the records of the asked type.
void collect(const ldns_pkt* packet, const Question& question, Answer& answer) {
  const ldns_rr_list* section = ldns_pkt_answer(packet);
  std::vector<Record> all;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(section); ++i) {
    const ldns_rr* source = ldns_rr_list_rr(section, i);
    const auto type = static_cast<Type>(ldns_rr_get_type(source));
    if (ldns_rr_get_class(source) != LDNS_RR_CLASS_IN || (type != question.type && type != Type::cname)) continue;
    auto record = from_ldns(source);
    if (!record) {
      answer.status = Status::malformed;
      answer.why = fmt::format("a broken {} record", type_text(type));
      return;
    }
    all.push_back(std::move(*record));
  }
  Name owner = question.name;
  std::uint32_t ttl = 86400;
  const auto alias_of = [&](const Name& name) {
    return std::find_if(all.begin(), all.end(), [&](const Record& r) { return r.type == Type::cname && r.owner == name; });
  };
  while (question.type != Type::cname) {
    const auto alias = alias_of(owner);
    if (alias == all.end()) break;
    if (answer.aliases.size() == max_aliases) {
      answer.status = Status::malformed;
      answer.why = "a CNAME loop";
      return;
    }
    owner = std::get<Name>(alias->data);
    ttl = std::min(ttl, alias->ttl);
    answer.aliases.push_back(owner);
  }
  for (Record& record : all) {
    if (record.type != question.type || record.owner != owner) continue;
    ttl = std::min(ttl, record.ttl);
    answer.records.push_back(std::move(record));
  }
  answer.status = answer.records.empty() ? Status::no_data : Status::answered;
  answer.ttl = std::chrono::seconds(ttl);
}

/// Zone and negative TTL from the SOA of the authority section. RFC 2308 section 5.
void read_authority(const ldns_pkt* packet, Answer& answer) {
  const ldns_rr_list* section = ldns_pkt_authority(packet);
  bool found = false;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(section) && !found; ++i) {
    const ldns_rr* source = ldns_rr_list_rr(section, i);
    if (ldns_rr_get_type(source) != LDNS_RR_TYPE_SOA) continue;
    const auto record = from_ldns(source);
    if (!record) continue;
    found = true;
    answer.zone = record->owner;
    if (answer.is_absent()) {
      const auto negative = std::min(record->ttl, std::get<Soa>(record->data).minimum);
      answer.ttl = std::min(std::chrono::seconds(10800), std::chrono::seconds(negative));
    }
  }
  if (answer.is_absent() && !found) answer.ttl = std::chrono::seconds(0);
}

/// Neither the answer nor word that there is none: "ask those servers", from a server that does not recurse.
/// RFC 2308 section 2.2.
bool is_referral(const ldns_pkt* packet) {
  if (ldns_pkt_aa(packet) || ldns_rr_list_rr_count(ldns_pkt_answer(packet)) > 0) return false;
  const ldns_rr_list* section = ldns_pkt_authority(packet);
  bool names_servers = false;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(section); ++i) {
    const auto type = ldns_rr_get_type(ldns_rr_list_rr(section, i));
    if (type == LDNS_RR_TYPE_SOA) return false;
    names_servers = names_servers || type == LDNS_RR_TYPE_NS;
  }
  return names_servers;
}

}  // namespace

std::string encode_query(const Question& question, std::uint16_t id, bool with_proof) {
  std::string wire;
  wire.reserve(12 + question.name.text().size() + 2 + 4 + 11);
  const auto number = [&](unsigned value) {
    wire.push_back(static_cast<char>(value >> 8));
    wire.push_back(static_cast<char>(value & 0xff));
  };
  constexpr unsigned recursion_desired = 0x0100, authentic_data = 0x0020, checking_disabled = 0x0010, internet = 1;
  number(id);
  number(recursion_desired | authentic_data | (with_proof ? checking_disabled : 0));
  for (const unsigned count : {1u, 0u, 0u, 1u}) number(count);
  wire += question.name.wire();
  number(static_cast<unsigned>(question.type));
  number(internet);
  // OPT, RFC 6891 section 6.1.2: the root's name, its size in the place of the class, DO in that of the TTL, no options.
  constexpr unsigned opt = 41, dnssec_ok = 0x8000;
  wire.push_back('\0');
  number(opt);
  number(udp_payload_size);
  number(0);
  number(with_proof ? dnssec_ok : 0);
  number(0);
  return wire;
}

Decoded decode_answer(std::string_view message, const Question& question, std::uint16_t id) {
  Decoded decoded;
  if (message.size() < 12) return decoded;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(message[i])); };
  if ((byte(0) << 8 | byte(1)) != id || !(byte(2) & 0x80)) return decoded;
  decoded.truncated = byte(2) & 0x02;

  // The echoed question must be ours; REFUSED and FORMERR may come without one (RFC 1035 section 4.1.1).
  const unsigned questions = byte(4) << 8 | byte(5), rcode = byte(3) & 15;
  if (questions == 1) {
    std::size_t end = 0;
    const auto name = Name::from_wire(message.substr(12), &end);
    end += 12;
    if (!name || *name != question.name || message.size() < end + 4) return decoded;
    if ((byte(end) << 8 | byte(end + 1)) != static_cast<unsigned>(question.type)) return decoded;
  } else if (questions != 0 || rcode == LDNS_RCODE_NOERROR || rcode == LDNS_RCODE_NXDOMAIN) {
    return decoded;
  }
  decoded.ours = true;
  if (decoded.truncated) return decoded;

  Answer& answer = decoded.answer;
  answer.bytes = message.size();
  ldns_pkt* parsed = nullptr;
  const ldns_status failed = ldns_wire2pkt(&parsed, reinterpret_cast<const std::uint8_t*>(message.data()), message.size());
  const LdnsPacket packet(parsed);
  if (failed != LDNS_STATUS_OK) {
    answer.status = Status::malformed;
    answer.why = ldns_get_errorstr_by_id(failed);
    return decoded;
  }
  answer.authentic = ldns_pkt_ad(packet.get());
  switch (rcode) {
    case LDNS_RCODE_NOERROR:
      if (is_referral(packet.get())) {
        answer.status = Status::serv_fail;
        answer.why = "it refers to other servers instead of asking them: no recursive resolver";
        break;
      }
      collect(packet.get(), question, answer);
      read_authority(packet.get(), answer);
      break;
    case LDNS_RCODE_NXDOMAIN:
      collect(packet.get(), question, answer);
      if (answer.status == Status::malformed) break;
      answer.status = Status::nx_domain;
      answer.records.clear();
      read_authority(packet.get(), answer);
      break;
    case LDNS_RCODE_REFUSED:
      answer.status = Status::refused;
      answer.why = "REFUSED";
      break;
    default: {
      answer.status = Status::serv_fail;
      const std::string name = rcode == LDNS_RCODE_SERVFAIL ? "SERVFAIL" : rcode == LDNS_RCODE_FORMERR ? "FORMERR"
                             : rcode == LDNS_RCODE_NOTIMPL ? "NOTIMP" : fmt::format("RCODE {}", rcode);
      answer.why = name;
    }
  }
  if (!answer.is_definite()) {
    if (const auto extended = extended_error(packet.get())) {
      if (answer.status == Status::serv_fail && means_bogus(extended->code)) answer.status = Status::bogus;
      answer.why += fmt::format(", extended error {}{}{}", extended->code, extended->text.empty() ? "" : ": ",
                                text::shown(extended->text, 200));
    }
  }
  return decoded;
}

}  // namespace mailmedic::dns
