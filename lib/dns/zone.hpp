#pragma once
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/dns/resolver.hpp"

namespace mailmedic::dns {

/// Answers from zone text, as an authoritative server and the resolver in front of it would: CNAME chains,
/// wildcards (RFC 4592), empty non-terminals, NXDOMAIN against no data. Failures can be declared by name. For
/// tests, and for the demonstration's DNS server.
class Zone : public Resolver {
 public:
  /// Master file text (RFC 1035 section 5); names without a trailing dot are below the root unless $ORIGIN says
  /// otherwise. TTL is 300 where none is given. The error's offset is the number of the line.
  static text::Parsed<Zone> parse(std::string_view master_file);

  void add(Record record);
  /// Every question for `name` ends so.
  void fail(const Name& name, Status status);
  /// Every question for `name` and this type ends so.
  void fail(const Name& name, Type type, Status status);
  /// Answers carry the AD bit, except at and below the names given to `unauthentic`.
  void set_authentic(bool authentic) { authentic_ = authentic; }

  Answer answer(const Name& name, Type type) const;
  asio::awaitable<Answer> query(Name name, Type type) override;

  /// How often `query` was called since the start, for tests that count.
  std::size_t questions() const { return questions_; }

 private:
  using Records = std::map<Type, std::vector<Record>>;
  const Records* find(const Name& name) const;
  const Records* find_wildcard(const Name& name) const;

  std::unordered_map<Name, Records> names_;  ///< empty non-terminals are there too, without records
  std::map<std::pair<Name, Type>, Status> failing_types_;
  std::map<Name, Status> failing_names_;
  bool authentic_ = false;
  std::size_t questions_ = 0;
};

/// The reply of a name server that serves `zone` to one query message; empty for what is not a query. Over UDP a
/// reply larger than the asker's EDNS size is truncated.
std::string respond(std::string_view query, const Zone& zone, bool over_udp);

}  // namespace mailmedic::dns
