#include "tools/cli/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <iostream>

#include "lib/dns/caching_resolver.hpp"
#include "lib/dns/stub_resolver.hpp"
#include "lib/dns/tracing_resolver.hpp"
#include "lib/smtp/network_prober.hpp"
#include "lib/smtp/sharing_prober.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "lib/tls/trust_store.hpp"
#include "tools/cli/output.hpp"

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

boost::asio::awaitable<void> ask_for_root(dns::Resolver& dns, dns::Answer& answer) { answer = co_await dns.query(dns::Name(), dns::Type::ns); }

void show_question(const dns::Observation& seen) {
  std::string what(dns::status_text(seen.answer.status));
  for (const dns::Record& record : seen.answer.records) what += "  " + record.text();
  if (!seen.answer.why.empty()) what += "  (" + seen.answer.why + ")";
  std::cerr << fmt::format("dns  {} {}: {}  [{} us]\n", dns::type_text(seen.type), text::shown(seen.name.text()), text::shown(what, 1000), seen.duration.count());
}

}  // namespace

struct Network::Parts {
  Parts(const Common& common, std::string helo, const std::vector<net::Endpoint>& servers, std::optional<tls::TrustStore> given)
      : context(1),
        servers(servers),
        stub(context.get_executor(), {servers, common.timeout, common.bind}),
        tracing(stub, show_question),
        caching(common.verbose ? static_cast<dns::Resolver&>(tracing) : stub),
        trust(given ? *given : common.ca_file.empty() ? tls::TrustStore::system() : tls::TrustStore::from_file(common.ca_file)),
        prober(network_options(common, std::move(helo)), trust, std::chrono::system_clock::now()),
        sharing(prober),
        probes{caching, sharing, trust, std::chrono::system_clock::now(), data_directory()} {}

  boost::asio::io_context context;
  std::vector<net::Endpoint> servers;
  dns::StubResolver stub;
  dns::TracingResolver tracing;
  dns::CachingResolver caching;
  tls::TrustStore trust;
  smtp::NetworkProber prober;
  smtp::SharingProber sharing;
  Probes probes;
};

Network::Network(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Network::~Network() = default;
boost::asio::io_context& Network::context() { return parts_->context; }
Probes& Network::probes() { return parts_->probes; }

text::Parsed<std::unique_ptr<Network>> Network::make(const Common& common, std::string helo, std::optional<tls::TrustStore> trust) {
  std::vector<net::Endpoint> servers = common.resolvers;
  if (servers.empty()) {
    auto configured = dns::read_resolv_conf("/etc/resolv.conf");
    if (!configured) return text::ParseError{0, configured.error().why + "; name a resolver with --resolver ADDR"};
    servers = std::move(*configured);
  }
  return std::unique_ptr<Network>(new Network(std::make_unique<Parts>(common, std::move(helo), servers, std::move(trust))));
}

std::optional<CheckReport> Network::resolver_trouble() {
  if (parts_->stub.messages_sent() == 0 || parts_->stub.definite_answers() > 0) return std::nullopt;
  dns::Answer root;
  if (!run(ask_for_root(parts_->stub, root)) || root.is_definite()) return std::nullopt;
  std::vector<std::string> servers;
  for (const net::Endpoint& server : parts_->servers) servers.push_back(server.text());
  CheckReport report{.check = "dns"};
  Finding unknown{.id = "dns.no-resolver", .subject = {}, .args = {{"servers", text::joined(servers, ", ")}}};
  unknown.evidence = {{"NS .", root.why.empty() ? std::string(dns::status_text(root.status)) : root.why}};
  report.could_not_tell(std::move(unknown));
  return report;
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

bool is_private_world(const Common& common) {
  return std::any_of(common.resolvers.begin(), common.resolvers.end(), [](const net::Endpoint& at) { return at.address.is_loopback(); });
}

text::Parsed<dns::Name> parse_domain(std::string_view text) {
  const std::string shown = text::shown(text, 100);
  if (net::parse_address(text))
    return text::ParseError{0, fmt::format("{} is an address; give a mail domain, as example.org (addresses go to --ip)", shown)};
  if (text.find('@') != std::string_view::npos)
    return text::ParseError{0, fmt::format("{} is a mail address; give its domain, as example.org", shown)};
  if (text.find("://") != std::string_view::npos)
    return text::ParseError{0, fmt::format("{} is a URL; give a mail domain, as example.org", shown)};
  auto name = dns::Name::parse(text);
  if (!name) return text::ParseError{name.error().offset, fmt::format("{} is not a domain name: {} at byte {}", shown, name.error().why, name.error().offset)};
  if (name->is_root() || name->text().find('\\') != std::string::npos || name->text().find(' ') != std::string::npos)
    return text::ParseError{0, fmt::format("{} is not a mail domain; give one as example.org", shown)};
  return name;
}

text::Parsed<std::vector<net::Address>> parse_addresses(const std::vector<std::string>& texts) {
  std::vector<net::Address> out;
  for (const std::string& text : texts) {
    const auto address = net::parse_address(text);
    if (!address) return text::ParseError{0, fmt::format("--ip {}: not an address; give one as 192.0.2.25 or 2001:db8::25", text::shown(text, 100))};
    out.push_back(*address);
  }
  return out;
}

namespace {

/// One line on a terminal that is written over again and again: which checks are still at work.
class ProgressLine {
 public:
  ProgressLine(bool shown, std::size_t targets) : shown_(shown), targets_(targets) {}
  ~ProgressLine() { clear(); }
  void begin(std::string target, std::size_t number) {
    target_ = std::move(target);
    number_ = number;
    waiting_.clear();
  }
  void operator()(const Check& check, const CheckReport* report) {
    if (!report) waiting_.push_back(check.id);
    else std::erase(waiting_, check.id);
    if (!shown_) return;
    std::string line = targets_ > 1 ? fmt::format("[{}/{}] {}: ", number_, targets_, target_) : target_ + ": ";
    for (const std::string_view id : waiting_) line += fmt::format("{} ", id);
    std::cerr << "\r\x1b[K" << text::shown(line, 76) << std::flush;
  }
  void clear() {
    if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  bool shown_;
  std::size_t targets_, number_ = 0;
  std::string target_;
  std::vector<std::string_view> waiting_;
};

}  // namespace

std::vector<reports::Report> run_checks(const std::string& tool, std::span<const Check> checks, const std::vector<Target>& targets,
                                        Network& network, const Common& common) {
  std::vector<reports::Report> out;
  ProgressLine progress(::isatty(STDERR_FILENO) && !common.quiet && !common.verbose, targets.size());
  for (const Target& target : targets) {
    progress.begin(target.domain.display(), out.size() + 1);
    reports::Report report = begin_report(tool, target.domain.display());
    report.checks.resize(checks.size());
    const auto begin = std::chrono::steady_clock::now();
    const bool finished = network.run(mailmedic::run_checks(checks, target, network.probes(), report.checks, std::ref(progress)));
    report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    if (auto trouble = network.resolver_trouble()) report.checks.insert(report.checks.begin(), std::move(*trouble));
    out.push_back(std::move(report));
    if (!finished) break;
  }
  return out;
}

}  // namespace mailmedic::cli
