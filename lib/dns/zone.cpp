#include "lib/dns/zone.hpp"

#include <cstdio>

#include "lib/dns/ldns_records.hpp"
#include "lib/dns/wire.hpp"

namespace mailmedic::dns {

namespace {
constexpr int max_aliases = 16;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
}  // namespace

text::Parsed<Zone> Zone::parse(std::string_view master_file) {
  Zone zone;
  std::string text(master_file);
  text += '\n';
  const std::unique_ptr<std::FILE, CloseFile> file(fmemopen(text.data(), text.size(), "r"));
  if (!file) return text::ParseError{0, "no memory for the zone"};
  std::uint32_t ttl = 300;
  ldns_rdf* origin = ldns_dname_new_frm_str(".");
  ldns_rdf* previous = nullptr;
  int line = 1;
  ldns_status status = LDNS_STATUS_OK;
  while (!std::feof(file.get())) {
    ldns_rr* parsed = nullptr;
    const int before = line;
    status = ldns_rr_new_frm_fp_l(&parsed, file.get(), &ttl, &origin, &previous, &line);
    const LdnsRecord owned(parsed);
    if (status == LDNS_STATUS_SYNTAX_EMPTY || status == LDNS_STATUS_SYNTAX_TTL || status == LDNS_STATUS_SYNTAX_ORIGIN) {
      status = LDNS_STATUS_OK;
      continue;
    }
    line = status == LDNS_STATUS_OK ? line : before;
    auto record = status == LDNS_STATUS_OK ? from_ldns(parsed) : std::nullopt;
    if (!record) {
      if (status == LDNS_STATUS_OK) status = LDNS_STATUS_ERR;
      break;
    }
    zone.add(std::move(*record));
  }
  ldns_rdf_deep_free(origin);
  ldns_rdf_deep_free(previous);
  if (status != LDNS_STATUS_OK)
    return text::ParseError{static_cast<std::size_t>(line), ldns_get_errorstr_by_id(status)};
  return zone;
}

void Zone::add(Record record) {
  for (Name name = record.owner.parent(); !name.is_root(); name = name.parent()) names_[name];
  auto& records = names_[record.owner];
  records[record.type].push_back(std::move(record));
}

void Zone::fail(const Name& name, Status status) { failing_names_[name] = status; }
void Zone::fail(const Name& name, Type type, Status status) { failing_types_[{name, type}] = status; }

const Zone::Records* Zone::find(const Name& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? find_wildcard(name) : &found->second;
}

const Zone::Records* Zone::find_wildcard(const Name& name) const {
  // The closest encloser is the longest existing ancestor; only its own "*" child may answer. RFC 4592 section 3.3.1.
  for (Name encloser = name.parent();; encloser = encloser.parent()) {
    if (names_.contains(encloser) || encloser.is_root()) {
      const auto wildcard = encloser.prefixed("*");
      const auto found = wildcard ? names_.find(*wildcard) : names_.end();
      return found == names_.end() ? nullptr : &found->second;
    }
  }
}

Answer Zone::answer(const Name& name, Type type) const {
  Answer answer;
  answer.authentic = authentic_;
  answer.ttl = std::chrono::seconds(300);
  answer.server = "zone text";
  Name owner = name;
  for (int hops = 0;; ++hops) {
    std::optional<Status> failure;
    if (const auto all = failing_names_.find(owner); all != failing_names_.end()) failure = all->second;
    if (const auto one = failing_types_.find({owner, type}); one != failing_types_.end()) failure = one->second;
    if (failure) {
      answer.status = *failure;
      answer.why = status_text(*failure);
      return answer;
    }
    const Records* records = find(owner);
    if (!records) {
      answer.status = Status::nx_domain;
      return answer;
    }
    if (const auto found = records->find(type); found != records->end()) {
      answer.status = Status::answered;
      answer.records = found->second;
      for (Record& record : answer.records) record.owner = owner;
      return answer;
    }
    const auto alias = records->find(Type::cname);
    if (alias == records->end()) {
      answer.status = Status::no_data;
      return answer;
    }
    if (hops == max_aliases) {
      answer.status = Status::serv_fail;
      answer.why = "a CNAME loop";
      return answer;
    }
    owner = std::get<Name>(alias->second.front().data);
    answer.aliases.push_back(owner);
  }
}

asio::awaitable<Answer> Zone::query(Name name, Type type) {
  ++questions_;
  co_return answer(name, type);
}

std::string respond(std::string_view query, const Zone& zone, bool over_udp) {
  ldns_pkt* parsed = nullptr;
  if (query.size() < 12 ||
      ldns_wire2pkt(&parsed, reinterpret_cast<const std::uint8_t*>(query.data()), query.size()) != LDNS_STATUS_OK)
    return {};
  const LdnsPacket asked(parsed);
  ldns_rr* question = ldns_rr_list_rr(ldns_pkt_question(asked.get()), 0);
  if (ldns_pkt_qr(asked.get()) || !question) return {};
  const auto name = name_from_ldns(ldns_rr_owner(question));
  if (!name) return {};
  const Answer answer = zone.answer(*name, static_cast<Type>(ldns_rr_get_type(question)));
  if (answer.status == Status::timed_out) return {};

  const LdnsPacket reply(ldns_pkt_new());
  ldns_pkt_set_id(reply.get(), ldns_pkt_id(asked.get()));
  ldns_pkt_set_qr(reply.get(), true);
  ldns_pkt_set_rd(reply.get(), ldns_pkt_rd(asked.get()));
  ldns_pkt_set_ra(reply.get(), true);
  ldns_pkt_set_ad(reply.get(), answer.authentic);
  ldns_pkt_push_rr(reply.get(), LDNS_SECTION_QUESTION, ldns_rr_clone(question));
  const bool failed = !answer.is_definite();
  ldns_pkt_set_rcode(reply.get(), answer.status == Status::nx_domain ? LDNS_RCODE_NXDOMAIN
                                  : answer.status == Status::refused ? LDNS_RCODE_REFUSED
                                  : failed                           ? LDNS_RCODE_SERVFAIL
                                                                     : LDNS_RCODE_NOERROR);
  Name owner = *name;
  const auto push = [&](const Record& record) {
    if (LdnsRecord made = to_ldns(record)) ldns_pkt_push_rr(reply.get(), LDNS_SECTION_ANSWER, made.release());
  };
  for (const Name& target : answer.aliases) {
    push({owner, Type::cname, 300, target});
    owner = target;
  }
  for (const Record& record : answer.records) push(record);
  const auto wire = [&] {
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (ldns_pkt2wire(&bytes, reply.get(), &size) != LDNS_STATUS_OK) return std::string();
    std::string out(reinterpret_cast<const char*>(bytes), size);
    std::free(bytes);
    return out;
  };
  std::string message = wire();
  const std::size_t limit = std::max<std::size_t>(512, ldns_pkt_edns_udp_size(asked.get()));
  if (over_udp && message.size() > limit) {
    ldns_pkt_set_tc(reply.get(), true);
    while (ldns_rr* dropped = ldns_pkt_ancount(reply.get()) ? ldns_rr_list_pop_rr(ldns_pkt_answer(reply.get())) : nullptr) {
      ldns_rr_free(dropped);
      ldns_pkt_set_ancount(reply.get(), static_cast<std::uint16_t>(ldns_pkt_ancount(reply.get()) - 1));
    }
    message = wire();
  }
  return message;
}

}  // namespace mailmedic::dns
