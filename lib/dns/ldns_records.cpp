#include "lib/dns/ldns_records.hpp"

#include <fmt/format.h>

namespace mailmedic::dns {

namespace {

std::string_view bytes(const ldns_rdf* field) {
  if (!field) return {};
  return {reinterpret_cast<const char*>(ldns_rdf_data(field)), ldns_rdf_size(field)};
}

std::uint32_t number(std::string_view big_endian) {
  std::uint32_t value = 0;
  for (const char c : big_endian) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

/// The fields of one record, each read only if it is there with the right size.
class Fields {
 public:
  explicit Fields(const ldns_rr* record) : record_(record), count_(ldns_rr_rd_count(record)) {}
  std::size_t count() const { return count_; }
  std::string_view at(std::size_t i) const { return i < count_ ? bytes(ldns_rr_rdf(record_, i)) : std::string_view(); }
  std::optional<std::uint32_t> number_at(std::size_t i, std::size_t size) const {
    if (at(i).size() != size) return std::nullopt;
    return number(at(i));
  }
  std::optional<Name> name_at(std::size_t i) const { return i < count_ ? name_from_ldns(ldns_rr_rdf(record_, i)) : std::nullopt; }

 private:
  const ldns_rr* record_;
  std::size_t count_;
};

std::optional<Txt> txt_of(const Fields& fields) {
  Txt txt;
  for (std::size_t i = 0; i < fields.count(); ++i) {
    const std::string_view string = fields.at(i);  // one length byte, then the text
    if (string.empty()) return std::nullopt;
    txt.text += string.substr(1);
    txt.sizes.push_back(static_cast<std::uint8_t>(string.size() - 1));
  }
  return txt;
}

std::optional<Soa> soa_of(const Fields& fields) {
  const auto primary = fields.name_at(0), mailbox = fields.name_at(1);
  if (!primary || !mailbox) return std::nullopt;
  Soa soa{*primary, *mailbox};
  std::uint32_t* numbers[] = {&soa.serial, &soa.refresh, &soa.retry, &soa.expire, &soa.minimum};
  for (std::size_t i = 0; i < 5; ++i) {
    const auto value = fields.number_at(i + 2, 4);
    if (!value) return std::nullopt;
    *numbers[i] = *value;
  }
  return soa;
}

}  // namespace

std::optional<Name> name_from_ldns(const ldns_rdf* field) {
  if (!field || ldns_rdf_get_type(field) != LDNS_RDF_TYPE_DNAME) return std::nullopt;
  auto name = Name::from_wire(bytes(field));
  if (!name) return std::nullopt;
  return std::move(*name);
}

std::optional<Record> from_ldns(const ldns_rr* source) {
  const auto owner = name_from_ldns(ldns_rr_owner(source));
  if (!owner) return std::nullopt;
  Record record{*owner, static_cast<Type>(ldns_rr_get_type(source)), ldns_rr_ttl(source), Raw{}};
  const Fields fields(source);
  namespace ip = boost::asio::ip;
  switch (record.type) {
    case Type::a: {
      ip::address_v4::bytes_type address;
      if (fields.at(0).size() != address.size()) return std::nullopt;
      std::copy_n(fields.at(0).begin(), address.size(), address.begin());
      record.data = net::Address(ip::address_v4(address));
      return record;
    }
    case Type::aaaa: {
      ip::address_v6::bytes_type address;
      if (fields.at(0).size() != address.size()) return std::nullopt;
      std::copy_n(fields.at(0).begin(), address.size(), address.begin());
      record.data = net::Address(ip::address_v6(address));
      return record;
    }
    case Type::ns:
    case Type::cname:
    case Type::ptr: {
      const auto name = fields.name_at(0);
      if (!name) return std::nullopt;
      record.data = *name;
      return record;
    }
    case Type::mx: {
      const auto preference = fields.number_at(0, 2);
      const auto host = fields.name_at(1);
      if (!preference || !host) return std::nullopt;
      record.data = Mx{static_cast<std::uint16_t>(*preference), *host};
      return record;
    }
    case Type::txt:
    case Type::spf: {
      auto txt = txt_of(fields);
      if (!txt) return std::nullopt;
      record.data = std::move(*txt);
      return record;
    }
    case Type::soa: {
      auto soa = soa_of(fields);
      if (!soa) return std::nullopt;
      record.data = std::move(*soa);
      return record;
    }
    case Type::tlsa: {
      const auto usage = fields.number_at(0, 1), selector = fields.number_at(1, 1), matching = fields.number_at(2, 1);
      if (!usage || !selector || !matching) return std::nullopt;
      record.data = Tlsa{static_cast<std::uint8_t>(*usage), static_cast<std::uint8_t>(*selector),
                         static_cast<std::uint8_t>(*matching), std::string(fields.at(3))};
      return record;
    }
    case Type::caa: {
      const auto flags = fields.number_at(0, 1);
      if (!flags || fields.at(1).empty()) return std::nullopt;
      record.data = Caa{static_cast<std::uint8_t>(*flags), std::string(fields.at(1).substr(1)), std::string(fields.at(2))};
      return record;
    }
    default: {
      std::string all;
      for (std::size_t i = 0; i < fields.count(); ++i) all += fields.at(i);
      record.data = Raw{std::move(all)};
      return record;
    }
  }
}

LdnsField to_ldns(const Name& name) {
  const std::string wire = name.wire();
  return LdnsField(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, wire.size(), wire.data()));
}

LdnsRecord to_ldns(const Record& record) {
  const std::string owner = record.owner.is_root() ? "." : record.owner.text() + ".";
  const std::string line = fmt::format("{} {} IN {} {}", owner, record.ttl, type_text(record.type), record.text());
  ldns_rr* made = nullptr;
  if (ldns_rr_new_frm_str(&made, line.c_str(), 0, nullptr, nullptr) != LDNS_STATUS_OK) return nullptr;
  return LdnsRecord(made);
}

}  // namespace mailmedic::dns
