#include "tools/cli/network.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstring>
#include <fstream>
#include <iostream>
#include <thread>

#include "lib/dns/caching_resolver.hpp"
#include "lib/dns/stub_resolver.hpp"
#include "lib/dns/tracing_resolver.hpp"
#include "lib/dns/validating_resolver.hpp"
#include "lib/https/network_getter.hpp"
#include "lib/https/sharing_getter.hpp"
#include "lib/smtp/network_prober.hpp"
#include "lib/smtp/sharing_prober.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "lib/tls/session.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::cli {

namespace {

smtp::NetworkOptions network_options(const Common& common, std::string helo) {
  smtp::NetworkOptions options;
  options.timeout = common.timeout;
  options.bind_address = common.bind;
  options.connect_to = common.connect_to;
  options.helo = std::move(helo);
  return options;
}

/// As names are shown: in lower case.
std::vector<std::string> lowered(std::vector<std::string> secrets) {
  for (std::string& secret : secrets) secret = text::lower(secret);
  return secrets;
}

std::string masked(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets)
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) text.replace(at, secret.size(), "***");
  return text;
}

https::NetworkOptions web_options(const Common& common) {
  https::NetworkOptions options;
  options.timeout = common.timeout;
  options.bind_address = common.bind;
  options.connect_to = common.connect_to;
  return options;
}

void show_question(const dns::Observation& seen, const std::vector<std::string>& secrets) {
  std::string what(dns::status_text(seen.answer.status));
  for (const dns::Record& record : seen.answer.records) what += "  " + record.text();
  if (!seen.answer.why.empty()) what += "  (" + seen.answer.why + ")";
  std::cerr << masked(fmt::format("dns  {} {}: {}  [{} us]\n", dns::type_text(seen.type), text::shown(seen.name.text()), text::shown(what, 1000),
                                  seen.duration.count()), secrets);
}

}  // namespace

struct Network::Parts {
  Parts(const Common& common, std::string helo, const std::vector<net::Endpoint>& servers, std::optional<tls::TrustStore> given, std::size_t sharers)
      : context(1),
        servers(servers),
        stub(context.get_executor(), {servers, common.timeout, common.bind, common.validate, sharers}),
        tracing(stub, [secrets = lowered(common.secrets)](const dns::Observation& seen) { show_question(seen, secrets); }),
        caching(common.verbose ? static_cast<dns::Resolver&>(tracing) : stub),
        trust(given ? *given : common.ca_file.empty() ? tls::TrustStore::system() : tls::TrustStore::from_file(common.ca_file)),
        prober(network_options(common, std::move(helo)), trust, std::chrono::system_clock::now()),
        sharing(prober),
        getter(web_options(common), trust, std::chrono::system_clock::now()),
        sharing_getter(getter),
        probes{caching, sharing, trust, std::chrono::system_clock::now(), data_directory(), &sharing_getter} {}

  boost::asio::io_context context;
  std::vector<net::Endpoint> servers;
  dns::StubResolver stub;
  dns::TracingResolver tracing;
  dns::CachingResolver caching;
  tls::TrustStore trust;
  smtp::NetworkProber prober;
  smtp::SharingProber sharing;
  https::NetworkGetter getter;
  https::SharingGetter sharing_getter;
  Probes probes;

  /// With --validate: verdicts of our own in front of the cache that holds the messages.
  struct Validation {
    Validation(dns::Resolver& upstream, std::unique_ptr<dns::ChainOfTrust> given) : chain(std::move(given)), judging(upstream, *chain), caching(judging) {}
    std::unique_ptr<dns::ChainOfTrust> chain;
    dns::ValidatingResolver judging;
    dns::CachingResolver caching;
  };
  std::optional<Validation> validation;
  std::optional<Probes> validating_probes;
  std::jthread preparing;  ///< ends before what it prepares

  /// An error text, or empty.
  std::string validate(const Common& common) {
    const std::string path = common.trust_anchor.empty() ? data_directory() + "/root-anchors.zone" : common.trust_anchor;
    std::ifstream file(path);
    if (!file) return fmt::format("--trust-anchor {}: {}", path, std::strerror(errno));
    const std::string anchors{std::istreambuf_iterator<char>(file), {}};
    auto chain = dns::ChainOfTrust::make(caching, anchors, std::chrono::floor<std::chrono::seconds>(probes.now));
    if (!chain) return fmt::format("--trust-anchor {}: {}", path, chain.error().why);
    validation.emplace(caching, std::move(*chain));
    validating_probes.emplace(Probes{validation->caching, probes.smtp, probes.trust, probes.now, probes.data_directory, probes.https, validation->chain.get()});
    return {};
  }
};

Network::Network(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Network::~Network() = default;
void Network::expect_tls() {
  parts_->preparing = std::jthread([trust = parts_->trust] { tls::prepare(trust); });
}
boost::asio::io_context& Network::context() { return parts_->context; }
Probes& Network::probes() { return parts_->validation ? *parts_->validating_probes : parts_->probes; }

text::Parsed<std::unique_ptr<Network>> Network::make(const Common& common, std::string helo, std::optional<tls::TrustStore> trust, std::size_t sharers) {
  std::vector<net::Endpoint> servers = common.resolvers;
  if (servers.empty()) {
    auto configured = dns::read_resolv_conf("/etc/resolv.conf");
    if (!configured) return text::ParseError{0, configured.error().why + "; name a resolver with --resolver ADDR"};
    servers = std::move(*configured);
  }
  auto parts = std::make_unique<Parts>(common, std::move(helo), servers, std::move(trust), sharers);
  if (common.validate) {
    if (std::string why = parts->validate(common); !why.empty()) return text::ParseError{0, std::move(why)};
  }
  return std::unique_ptr<Network>(new Network(std::move(parts)));
}

boost::asio::awaitable<std::optional<CheckReport>> Network::find_resolver_trouble() {
  if (parts_->stub.messages_sent() == 0 || parts_->stub.definite_answers() > 0) co_return std::nullopt;
  const dns::Answer root = co_await parts_->caching.query(dns::Name(), dns::Type::ns);
  if (root.is_definite()) co_return std::nullopt;
  std::vector<std::string> servers;
  for (const net::Endpoint& server : parts_->servers) servers.push_back(server.text());
  CheckReport report{.check = "dns"};
  Finding unknown{.id = "dns.no-resolver", .subject = {}, .args = {{"servers", text::joined(servers, ", ")}}};
  unknown.evidence = {{"NS .", root.why.empty() ? std::string(dns::status_text(root.status)) : root.why}};
  report.could_not_tell(std::move(unknown));
  co_return report;
}

std::optional<CheckReport> Network::resolver_trouble() {
  std::optional<CheckReport> trouble;
  const auto find = [](Network& network, std::optional<CheckReport>& found) -> boost::asio::awaitable<void> { found = co_await network.find_resolver_trouble(); };
  run(find(*this, trouble));
  return trouble;
}

bool Network::run(boost::asio::awaitable<void> work) {
  bool finished = false;
  std::exception_ptr thrown;
  boost::asio::signal_set interrupts(parts_->context, SIGINT, SIGTERM);
  interrupts.async_wait([&](boost::system::error_code cancelled, int) {
    if (!cancelled) parts_->context.stop();
  });
  const auto done = [&](std::exception_ptr failure) {
    thrown = failure;
    finished = true;
    parts_->context.stop();
  };
  boost::asio::co_spawn(parts_->context, std::move(work), done);
  parts_->context.restart();
  parts_->context.run();
  if (thrown) std::rethrow_exception(thrown);
  return finished;
}

}  // namespace mailmedic::cli
