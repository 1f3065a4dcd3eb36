#include "tools/demo/world.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <thread>

#include "checks/blocklist/lists.hpp"
#include "lib/dns/server.hpp"
#include "lib/dns/zone.hpp"
#include "tools/demo/certificates.hpp"
#include "tools/demo/scripted_smtp_server.hpp"

namespace mailmedic::demo {

namespace {

/// The world's DNS, as an operator would write it. Names of RFC 2606, addresses of RFC 5737.
constexpr std::string_view zone_text = R"(
$ORIGIN harbour.example.
$TTL 300
@       SOA  ns hostmaster 2026112501 3600 900 1209600 300
@       MX   10 mx1
@       MX   20 mx2
@       MX   30 mx3
@       MX   40 mx4
@       MX   50 old
mx1     A    192.0.2.11
mx2     A    192.0.2.12
mx3     A    192.0.2.13
mx4     A    192.0.2.14
ns      A    192.0.2.53

; eleven services were added to the SPF record over the years: one lookup too many
@       TXT  "v=spf1 include:s1.harbour.example include:s2.harbour.example include:s3.harbour.example include:s4.harbour.example" " include:s5.harbour.example include:s6.harbour.example include:s7.harbour.example include:s8.harbour.example include:s9.harbour.example" " include:s10.harbour.example mx ip4:198.51.100.25 -all"
s1      TXT  "v=spf1 ip4:203.0.113.1 -all"
s2      TXT  "v=spf1 ip4:203.0.113.2 -all"
s3      TXT  "v=spf1 ip4:203.0.113.3 -all"
s4      TXT  "v=spf1 ip4:203.0.113.4 -all"
s5      TXT  "v=spf1 ip4:203.0.113.5 -all"
s6      TXT  "v=spf1 ip4:203.0.113.6 -all"
s7      TXT  "v=spf1 ip4:203.0.113.7 -all"
s8      TXT  "v=spf1 ip4:203.0.113.8 -all"
s9      TXT  "v=spf1 ip4:203.0.113.9 -all"
s10     TXT  "v=spf1 ip4:203.0.113.10 -all"

; the DMARC record has a word that is no policy, and nobody hears of it
_dmarc  TXT  "v=DMARC1; p=blocked"

; the key of one selector was revoked, that of the other is fine
spring._domainkey  TXT  "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
winter._domainkey  TXT  "v=DKIM1; k=rsa; p="

; the sending host: its reverse name leads elsewhere
25.100.51.198.in-addr.arpa.  PTR  mail.harbour.example.
mail    A    198.51.100.26
mail    TXT  "v=spf1 ip4:198.51.100.25 -all"

; two block lists, healthy by RFC 5782 section 5: the first lists the sending host
2.0.0.127.list.harbour.example.        A    127.0.0.2
25.100.51.198.list.harbour.example.    A    127.0.0.2
25.100.51.198.list.harbour.example.    TXT  "sent mail to a trap on 2026-11-20"
TEST.list.harbour.example.             A    127.0.0.2
; the second refuses resolvers that it does not know
*.strict.harbour.example.              A    127.255.255.254
)";

struct MailHost {
  std::string_view name;
  net::Endpoint at;
};

}  // namespace

struct World::Parts {
  Parts()
      : root(make_identity({.common_name = "Harbour demonstration root", .dns_names = {}, .authority = true})),
        good(make_identity({.common_name = "mx1.harbour.example", .dns_names = {"mx1.harbour.example"}, .issuer = &root})) {
    const auto now = std::chrono::system_clock::now();
    CertificateOrder old{.common_name = "mx2.harbour.example", .dns_names = {"mx2.harbour.example"}, .issuer = &root};
    old.not_before = now - std::chrono::hours(24 * 120);
    old.not_after = now - std::chrono::hours(24 * 30);
    expired = make_identity(old);
    mx1.emplace(polite("mx1.harbour.example", &good));
    mx2.emplace(polite("mx2.harbour.example", &expired));
    mx4.emplace(polite("mx4.harbour.example", nullptr));
    refused = refused_endpoint();
  }
  ~Parts() {
    context.stop();
    if (thread.joinable()) thread.join();
  }

  static Script polite(const std::string& host, const Identity* identity) {
    const std::string extensions = fmt::format("250-{}\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n", host);
    Script script;
    script.reply(fmt::format("220 {} ESMTP", host)).expect("EHLO");
    if (identity) {
      script.say(extensions + "250 STARTTLS\r\n").answer("STARTTLS", "220 ready").start_tls(*identity).expect("EHLO");
      script.say(extensions + "250 PIPELINING\r\n");
    } else {
      script.say(extensions + "250 PIPELINING\r\n");
    }
    return script.answer("QUIT", "221 bye");
  }

  Identity root, good, expired;
  std::optional<ScriptedSmtpServer> mx1, mx2, mx4;
  net::Endpoint refused;
  boost::asio::io_context context;
  std::optional<dns::Server> dns;
  std::thread thread;
};

World::World(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
World::~World() = default;

text::Parsed<std::unique_ptr<World>> World::start() {
  try {
    auto parts = std::make_unique<Parts>();
    auto zone = dns::Zone::parse(zone_text);
    if (!zone) return text::ParseError{zone.error().offset, fmt::format("the zone, line {}: {}", zone.error().offset, zone.error().why)};
    auto answer = [zone = std::move(*zone)](std::string_view query, bool over_udp) { return dns::respond(query, zone, over_udp); };
    auto server = dns::Server::listen(parts->context.get_executor(), {net::parse_address("127.0.0.1").value(), 0}, std::move(answer));
    if (!server) return server.error();
    parts->dns.emplace(std::move(*server));
    parts->thread = std::thread([context = &parts->context] { context->run(); });
    return std::unique_ptr<World>(new World(std::move(parts)));
  } catch (const std::exception& failed) {  // no free port, no loopback: the servers throw
    return text::ParseError{0, failed.what()};
  }
}

net::Endpoint World::resolver() const { return parts_->dns->endpoint(); }
const std::string& World::authority() const { return parts_->root.certificate; }

std::vector<net::ConnectTo> World::connect_to() const {
  const MailHost hosts[] = {{"mx1.harbour.example", parts_->mx1->endpoint()}, {"mx2.harbour.example", parts_->mx2->endpoint()},
                            {"mx3.harbour.example", parts_->refused}, {"mx4.harbour.example", parts_->mx4->endpoint()}};
  std::vector<net::ConnectTo> rules;
  for (const MailHost& host : hosts)
    rules.push_back({.host = std::string(host.name), .port = 25, .address = host.at.address, .new_port = host.at.port});
  return rules;
}

Target World::target() const {
  Target target{.domain = dns::Name::parse("harbour.example").value()};
  target.sending_addresses = {net::parse_address("198.51.100.25").value()};
  target.selectors = {"spring", "winter"};
  target.helo = "mail.harbour.example";
  auto lists = std::make_shared<blocklist::Lists>();
  for (const char* zone : {"list.harbour.example", "strict.harbour.example"}) lists->asked.push_back(blocklist::unknown_list(dns::Name::parse(zone).value()));
  target.lists = std::move(lists);
  target.private_world = true;
  return target;
}

const std::vector<Planted>& World::planted() {
  static const std::vector<Planted> faults = {
      {"mx.host-without-address", "old.harbour.example", "an MX record names a host without address"},
      {"spf.lookup-limit", "harbour.example", "the SPF record needs 11 lookups"},
      {"dkim.revoked", "winter._domainkey.harbour.example", "the key of selector \"winter\" is revoked"},
      {"dmarc.bad-policy", "harbour.example", "the DMARC policy is no policy"},
      {"dmarc.no-rua", "harbour.example", "and nobody hears what becomes of the mail"},
      {"reverse_dns.not-confirmed", "198.51.100.25", "the reverse name of the sending host leads elsewhere"},
      {"blocklist.listed", "198.51.100.25", "the sending host is on a block list"},
      {"blocklist.refused", "DNS lists", "another list refuses to answer"},
      {"smtp.refused", "mx3.harbour.example", "the third mail exchanger refuses connections"},
      {"starttls.certificate-expired", "mx2.harbour.example", "the certificate of the second mail exchanger has expired"},
      {"starttls.missing", "mx4.harbour.example", "the fourth mail exchanger offers no STARTTLS"},
  };
  return faults;
}

}  // namespace mailmedic::demo
