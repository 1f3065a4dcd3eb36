#include "lib/https/fetch.hpp"

#include <algorithm>

#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::https {

namespace {
void add_addresses(const dns::Answer& answer, std::vector<net::Address>& out) {
  for (net::Address& address : answer.all<net::Address>())
    if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
}

Request request_for(const Url& url, const net::Address& address, std::size_t body_limit) {
  Request request;
  request.endpoint.address = address;
  request.endpoint.port = url.port;
  request.host = url.host.text();
  request.target = url.target;
  request.body_limit = body_limit;
  return request;
}
}  // namespace

asio::awaitable<HostAddresses> find_addresses(dns::Resolver& dns, dns::Name host, net::Families families) {
  std::vector<dns::Question> questions;
  questions.push_back({host, dns::Type::a});
  questions.push_back({std::move(host), dns::Type::aaaa});
  std::vector<dns::Answer> answers = co_await dns::query_all(dns, std::move(questions));
  HostAddresses out;
  out.a = std::move(answers[0]);
  out.aaaa = std::move(answers[1]);
  if (families.ipv4) add_addresses(out.a, out.addresses);
  if (families.ipv6) add_addresses(out.aaaa, out.addresses);
  co_return out;
}

const Response* Fetched::best() const {
  const auto complete = std::find_if(responses.begin(), responses.end(), [](const Response& response) { return response.is_complete(); });
  if (complete != responses.end()) return &*complete;
  return responses.empty() ? nullptr : &responses.front();
}

asio::awaitable<Fetched> fetch_from_all(dns::Resolver& dns, Getter& getter, Url url, std::size_t body_limit, net::Families families) {
  Fetched out;
  out.host = co_await find_addresses(dns, url.host, families);
  std::vector<asio::awaitable<Response>> work;
  for (std::size_t i = 0; i < std::min(out.host.addresses.size(), max_addresses); ++i)
    work.push_back(getter.get(request_for(url, out.host.addresses[i], body_limit)));
  out.responses = co_await net::in_parallel(std::move(work));
  co_return out;
}

asio::awaitable<Fetched> fetch(dns::Resolver& dns, Getter& getter, Url url, std::size_t body_limit, net::Families families, bool handshake_only) {
  Fetched out;
  out.host = co_await find_addresses(dns, url.host, families);
  for (std::size_t i = 0; i < std::min(out.host.addresses.size(), max_addresses); ++i) {
    Request request = request_for(url, out.host.addresses[i], body_limit);
    request.handshake_only = handshake_only;
    out.responses.push_back(co_await getter.get(std::move(request)));
    const Response& last = out.responses.back();
    if (last.stopped_at != Stage::connect || last.is_complete()) break;
  }
  co_return out;
}

}  // namespace mailmedic::https
