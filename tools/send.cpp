// mailmedic send: composes a message, signs it, hands it over, and says what became of it.
#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <iostream>

#include "checks/delivery/judge.hpp"
#include "checks/mail_survey.hpp"
#include "checks/smtp/check.hpp"
#include "checks/starttls/check.hpp"
#include "checks/table/table.hpp"
#include "lib/message/raw_message.hpp"
#include "lib/smtp/probe_json.hpp"
#include "lib/text/ascii.hpp"
#include "tools/cli/login_options.hpp"
#include "tools/cli/mail_options.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/signing_keys.hpp"
#include "tools/cli/targets.hpp"
#include "tools/connect/exhibit.hpp"
#include "tools/send/draft_options.hpp"
#include "tools/send/provider.hpp"
#include "tools/send/route.hpp"

using namespace mailmedic;
namespace asio = boost::asio;
using send::Outgoing;

namespace {

/// How messages leave.
struct Plan {
  send::Route route;
  std::optional<send::Provider> provider;
  smtp::MailWishes wishes;
  std::chrono::seconds retry{0};
};

text::ParseError wrong(std::string why) { return {0, std::move(why)}; }

bool has_8bit(const std::string& message) {
  return std::any_of(message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) > 127; });
}

std::string read_provider(const cli::CommandLine& line, Plan& plan) {
  if (!line.has("provider")) return {};
  auto all = send::read_providers(cli::data_directory() + "/submission.toml");
  if (!all) return all.error().why;
  std::string names;
  for (send::Provider& one : *all) {
    names += (names.empty() ? "" : ", ") + one.id;
    if (one.id == line.text("provider")) plan.provider = std::move(one);
  }
  return plan.provider ? "" : fmt::format("--provider {}: give one of {}, or --server HOST:PORT", line.text("provider"), names);
}

std::string read_route(const cli::CommandLine& line, Plan& plan) {
  if (std::string why = read_provider(line, plan); !why.empty()) return why;
  send::Route& route = plan.route;
  route.families = {line.common().ipv4, line.common().ipv6};
  route.chunking = line.flag("chunking");
  const std::string server = line.has("server") ? line.text("server") : plan.provider ? plan.provider->server : "";
  if (!server.empty()) {
    auto destination = cli::parse_destination(server);
    if (!destination) return "--server " + destination.error().why;
    if (!destination->is_mail) return "--server " + server + ": give a mail server";
    route.server = std::move(*destination);
    route.server->is_host = true;
    route.pattern.encryption = route.server->encryption;
    // A login without TLS is no login: on the submission port STARTTLS is a must. RFC 8314 section 4.1.
    if (route.pattern.encryption == smtp::Encryption::starttls_if_offered && (route.server->port == 587 || line.flag("require-tls"))) route.pattern.encryption = smtp::Encryption::starttls_required;
  } else if (line.flag("require-tls")) {
    route.pattern.encryption = smtp::Encryption::starttls_required;
  }
  if (line.flag("no-starttls")) {
    if (line.flag("require-tls")) return "--no-starttls and --require-tls exclude each other";
    if (route.pattern.encryption != smtp::Encryption::implicit) route.pattern.encryption = smtp::Encryption::none;
  }
  return {};
}

text::Parsed<Plan> read_plan(cli::CommandLine& line) {
  Plan plan;
  if (std::string why = read_route(line, plan); !why.empty()) return wrong(std::move(why));
  if (std::string why = cli::read_mail_options(line, plan.wishes); !why.empty()) return wrong(std::move(why));
  if (line.has("retry")) {
    const std::string text = line.text("retry");
    int seconds = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failed != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 86400) return wrong(fmt::format("--retry {}: give seconds from 1 to 86400", text));
    plan.retry = std::chrono::seconds(seconds);
  }
  if (line.has("auth") && !plan.route.server) return wrong("--auth is for a server that you name: give --server HOST:PORT or --provider NAME");
  if (std::string why = cli::read_login(line, plan.route.pattern.login); !why.empty())
    return wrong(plan.provider ? fmt::format("{} ({} wants {} as the user, and {})", why, plan.provider->name, plan.provider->user, plan.provider->password) : why);
  if (plan.provider && plan.route.pattern.login && plan.route.pattern.login->mechanisms.empty() && plan.route.pattern.login->credentials.password) {
    // A token would be needed for the OAuth mechanisms.
    for (const std::string& mechanism : plan.provider->mechanisms)
      if (mechanism != "XOAUTH2" && mechanism != "OAUTHBEARER") plan.route.pattern.login->mechanisms.push_back(mechanism);
  }
  return plan;
}

std::string sign(const cli::CommandLine& line, std::vector<Outgoing>& messages) {
  if (!line.has("key")) return line.has("sign-domain") ? "--sign-domain is for --key SELECTOR:FILE: give both" : "";
  const std::string& sender = messages.front().sender;
  const auto domain = cli::parse_domain(line.has("sign-domain") ? line.text("sign-domain") : sender.substr(sender.rfind('@') + 1));
  if (!domain) return domain.error().why + "; name the domain that signs with --sign-domain";
  const auto keys = cli::keys_of(line, *domain);
  if (!keys) return keys.error().why;
  auto signer = cli::signer_of({.domain = domain->text()}, *keys);
  if (!signer) return signer.error().why;
  for (Outgoing& each : messages) {
    const auto raw = message::parse_raw(each.message);
    if (!raw) return raw.error().why;
    auto fields = (*signer)->sign(*raw, std::chrono::system_clock::now());
    if (!fields) return fields.error().why;
    each.message.insert(0, *fields);
  }
  return {};
}

int show(const std::vector<Outgoing>& messages) {
  for (const Outgoing& each : messages) {
    std::cerr << fmt::format("mailmedic send: {} bytes, not sent; from <{}> to <{}>\n", each.message.size(), each.sender, text::joined(each.recipients, ">, <"));
    std::cout << each.message;
  }
  return 0;
}

/// One message on its ways, again while a receiver puts it off.
class Mailing {
 public:
  Mailing(const Outgoing& outgoing, const Plan& plan, const send::World& world, reports::Report& report) : outgoing_(outgoing), plan_(plan), world_(world), report_(report) {}

  asio::awaitable<void> run() {
    smtp::Letter letter{.sender = outgoing_.sender, .recipients = outgoing_.recipients, .message = outgoing_.message, .wishes = plan_.wishes, .chunking = plan_.route.chunking};
    letter.wishes.utf8 = outgoing_.needs_smtputf8;
    letter.wishes.eight_bit = has_8bit(outgoing_.message);
    letter.wishes.size = letter.message.size();
    const auto until = std::chrono::steady_clock::now() + plan_.retry;
    for (std::chrono::seconds pause{15};; pause = std::min<std::chrono::seconds>(2 * pause, std::chrono::minutes(5))) {
      attempts_ = co_await send::deliver(letter, plan_.route, world_);
      std::vector<std::string> again;
      for (send::Attempt& attempt : attempts_)
        for (const smtp::Handover& each : attempt.delivery.recipients)
          if (each.outcome == smtp::Handover::Outcome::deferred) again.push_back(each.recipient);
      const auto left = std::chrono::duration_cast<std::chrono::seconds>(until - std::chrono::steady_clock::now());
      if (again.empty() || left.count() <= 0) break;
      tell(true);
      std::cerr << fmt::format("mailmedic send: {} put off; again in {} s\n", text::joined(again, ", "), std::min(pause, left).count());
      letter.recipients = std::move(again);
      asio::steady_timer timer(co_await asio::this_coro::executor, std::min(pause, left));
      co_await timer.async_wait(asio::use_awaitable);
    }
    tell(false);
  }

 private:
  /// Puts the attempts into the report; those recipients that are tried again are left out.
  void tell(bool will_retry) {
    CheckReport delivered{.check = "delivery"}, reach{.check = "smtp"}, encryption{.check = "starttls"};
    for (send::Attempt& attempt : attempts_) {
      if (will_retry) std::erase_if(attempt.delivery.recipients, [](const smtp::Handover& each) { return each.outcome == smtp::Handover::Outcome::deferred; });
      const bool has_way = !attempt.host.probes.empty();
      if (has_way) delivery::judge(attempt.delivery, delivered);
      else delivery::judge_no_way(attempt.delivery.recipients, attempt.mail, delivered);
      for (const smtp::Handover& each : attempt.delivery.recipients) recipients_.push_back(delivery::facts_of(each, attempt.delivery));
      if (!attempt.delivery.recipients.empty()) judge_connection(attempt, reach, encryption);
      if (has_way) report_.exhibits.push_back(connect::exhibit_of(attempt.host.host.name.text(), attempt.delivery.probe));
    }
    for (CheckReport* each : {&delivered, &reach, &encryption})
      if (!each->findings.empty() || !each->unknowns.empty()) report_.checks.push_back(std::move(*each));
    report_.facts["recipients"] = recipients_;
  }

  void judge_connection(const send::Attempt& attempt, CheckReport& reach, CheckReport& encryption) {
    smtp::Survey survey;
    survey.mail = attempt.mail;
    survey.hosts = {attempt.host};
    if (attempt.host.probes.empty()) return (void)has_mail_hosts(attempt.mail, reach);
    if (attempt.delivery.probe.cause == smtp::Cause::none) return;
    smtp::judge(survey, reach);
    if (attempt.delivery.probe.cause == smtp::Cause::tls_failed || attempt.delivery.probe.stopped_at == smtp::Stage::starttls) starttls::judge(survey, world_.now, encryption);
    const std::optional<smtp::LoginSeen>& login = attempt.delivery.probe.login;
    if (!plan_.provider || !login || !login->reply) return;
    const std::string meaning = send::meaning_of(*plan_.provider, login->reply->text());
    if (meaning.empty()) return;
    reach.findings.push_back(delivery::provider_refusal({plan_.provider->name, meaning, plan_.provider->user, plan_.provider->password, plan_.provider->url}, *login->reply));
  }

  const Outgoing& outgoing_;
  const Plan& plan_;
  const send::World& world_;
  reports::Report& report_;
  std::vector<send::Attempt> attempts_;
  boost::json::array recipients_;
};

reports::Report send_one(const Outgoing& outgoing, const Plan& plan, cli::Network& network, const smtp::NetworkOptions& options) {
  reports::Report report = cli::begin_report("send", text::joined(outgoing.recipients, ", "));
  const send::World world{network.probes().dns, options, network.probes().trust, network.probes().now};
  Mailing mailing(outgoing, plan, world, report);
  const auto begin = std::chrono::steady_clock::now();
  if (!network.run(mailing.run())) report.checks.push_back(interrupted({"delivery", "", nullptr}));
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (auto trouble = network.resolver_trouble()) report.checks.insert(report.checks.begin(), std::move(*trouble));
  return report;
}

int list_providers() {
  const auto all = send::read_providers(cli::data_directory() + "/submission.toml");
  if (!all) {
    std::cerr << "mailmedic send: " << all.error().why << '\n';
    return cli::usage_error;
  }
  for (const send::Provider& one : *all)
    std::cout << fmt::format("{:<12} {}\n{:12} {}, {}\n{:12} user: {}\n{:12} password: {}\n{:12} {}\n", one.id, one.name, "", one.server, one.implicit_tls ? "TLS" : "STARTTLS", "", one.user, "", one.password, "", one.url);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "send",
      "[OPTIONS] --from MAILBOX --to MAILBOX ...",
      "Composes a message, signs it where a key is given, hands it over to a server of yours, to a mail service, or directly to the\n"
      "receivers' mail exchangers, and tells for each recipient what became of it.",
      {{"a test message by way of your server", "mailmedic send --test --from me@example.org --to you@example.net --server submission://mail.example.org --auth --user me@example.org"},
       {"by way of a mail service (asks for its app password)", "mailmedic send --test --from me@gmail.com --to you@example.net --provider gmail --auth --user me@gmail.com"},
       {"signed, directly to the receiver, with an attachment", "mailmedic send --from 'Zoë <zoe@example.org>' --to you@example.net --subject Report --text 'See the file.' --attach report.pdf --key s2026:s2026.key"},
       {"what would be sent, to the byte", "mailmedic send --dry-run --from me@example.org --to you@example.net --subject Hello --text Hello"},
       {"a message that is ready, to a list of test mailboxes", "mailmedic send --eml campaign.eml --seed-list seeds.txt --server smtp://relay.example.org"},
       {"which services are known", "mailmedic send --list-providers"}},
  });
  send::add_options(line);
  const auto value = [](const char* name) { return cli::po::value<std::string>()->value_name(name); };
  // clang-format off
  line.options().add_options()
      ("server", value("SERVER"), "hand it over here: submission://HOST, smtps://HOST, smtp://HOST, HOST:PORT, lmtp:unix:/PATH (default: directly)")
      ("provider", value("NAME"), "the submission server of a mail service")
      ("list-providers", cli::po::bool_switch(), "tell which services are known, and what each wants as user and password")
      ("helo", value("NAME"), "our name in EHLO (default: this host's full name, else its address)")
      ("require-tls", cli::po::bool_switch(), "hand it over with TLS or not at all")
      ("no-starttls", cli::po::bool_switch(), "do not use STARTTLS")
      ("chunking", cli::po::bool_switch(), "BDAT instead of DATA, where it is offered")
      ("key", cli::po::value<std::vector<std::string>>()->value_name("SELECTOR:FILE"), "sign with this key (repeatable)")
      ("sign-domain", value("DOMAIN"), "the domain that signs (default: that of the sender)")
      ("retry", value("SECONDS"), "try again for so long while the receiver puts it off, as greylisting does")
      ("dry-run", cli::po::bool_switch(), "write the message to standard output, and send nothing");
  // clang-format on
  cli::add_mail_options(line);
  cli::add_login_options(line);
  if (cli::has_secret_word(argc, argv)) return line.fail(cli::secret_word_remedy);
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.flag("list-providers")) return list_providers();
  if (!line.arguments().empty()) return line.fail(line.arguments().front() + ": recipients are named with --to, a ready message with --eml");
  auto messages = send::read_messages(line, std::chrono::system_clock::now());
  if (!messages) return line.fail(messages.error().why);
  if (std::string why = sign(line, *messages); !why.empty()) return line.fail(why);
  if (line.flag("dry-run")) return show(*messages);
  const auto plan = read_plan(line);
  if (!plan) return line.fail(plan.error().why);
  const cli::Common& common = line.common();
  auto network = cli::Network::make(common, line.text("helo"));
  if (!network) return line.fail(network.error().why);
  (*network)->expect_tls();
  const smtp::NetworkOptions options{.timeout = common.timeout, .bind_address = common.bind, .connect_to = common.connect_to, .helo = line.text("helo")};
  std::vector<reports::Report> reports;
  for (const Outgoing& each : *messages) reports.push_back(send_one(each, *plan, **network, options));
  return cli::print(std::move(reports), common);
}
