#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/record.hpp"

namespace mailmedic::dns {

/// How a question ended. Each value is evidence; none is thrown.
enum class Status {
  answered,    ///< at least one record of the type that was asked for
  no_data,     ///< the name exists, without such records (RFC 2308 section 2.2)
  nx_domain,   ///< the name does not exist, nor anything below it (RFC 8020)
  serv_fail,   ///< the resolver could not find out
  refused,     ///< the resolver does not answer us, or not this question
  bogus,       ///< the resolver said that DNSSEC validation failed (RFC 8914 codes 6 to 10)
  timed_out,   ///< no answer within the limit, from any resolver
  malformed,   ///< answers came, but none that could be used
};

/// "NXDOMAIN", "timed out" ...: for evidence and messages.
std::string_view status_text(Status status);

struct Answer {
  Status status = Status::timed_out;
  bool authentic = false;         ///< AD bit of the resolver; worth what the operator's trust in it is. RFC 4035 section 3.2.3
  std::vector<Record> records;    ///< of the type asked for, at the end of the CNAME chain; in the server's order
  std::vector<Name> aliases;      ///< targets of the CNAME chain that was followed, in order
  std::string why;                ///< for a failure: what happened at each try, in English
  std::chrono::seconds ttl{0};    ///< how long the answer may be kept (RFC 2308 for negative ones)
  std::optional<Name> zone;       ///< owner of the SOA in the authority section, where one came
  std::string server;             ///< the resolver that answered, "192.0.2.53:53"
  std::size_t bytes = 0;          ///< size of the message
  bool over_tcp = false;
  std::string message;            ///< the message itself, where proof was asked for (StubOptions::with_proof)

  /// Did the world answer, with records or with a definite "no such"? Otherwise nothing is known.
  bool is_definite() const {
    return status == Status::answered || status == Status::no_data || status == Status::nx_domain;
  }
  bool is_absent() const { return status == Status::no_data || status == Status::nx_domain; }

  /// The data of all records that hold a T.
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const Record& record : records)
      if (const T* data = std::get_if<T>(&record.data)) out.push_back(*data);
    return out;
  }
};

}  // namespace mailmedic::dns
