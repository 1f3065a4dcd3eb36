// mailmedic listen: takes messages on a port, and writes a report about each.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "lib/reception/receiver.hpp"
#include "lib/smtp/our_name.hpp"
#include "lib/text/shown.hpp"
#include "reports/html.hpp"
#include "reports/json.hpp"
#include "reports/text.hpp"
#include "tools/cli/list_options.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/pretty_json.hpp"
#include "tools/cli/targets.hpp"
#include "tools/listen/answer.hpp"
#include "tools/listen/examination.hpp"
#include "tools/listen/mailbox.hpp"
#include "tools/listen/register.hpp"
#include "tools/send/route.hpp"

using namespace mailmedic;

namespace {

constexpr std::size_t most_examinations = 32;  // that wait for the network: more messages are put off

struct Wishes {
  reception::Options options;
  bool once = false;
  std::optional<send::Route> answers{};  ///< how they travel; nothing: no answers
};

/// Everything that lives until the tool ends.
struct Desk {
  cli::Network& network;
  const cli::Mailbox& mailbox;
  const cli::Common& common;
  bool once;
  cli::Examination examination{};
  std::optional<send::Route> answers{};
  smtp::NetworkOptions sending{};
  cli::Register* known = nullptr;  ///< null: none
  reports::Catalogue catalogue{cli::data_directory() + "/findings"};
  std::unique_ptr<reception::Receiver> receiver{};
  std::size_t open = 0;                                  ///< examinations under way
  reports::Status last = reports::Status::inconclusive;  ///< of the last report
  std::string trouble{};
};

/// Writes the report in both forms beside the message; an error text, or empty.
std::string write_report(Desk& desk, const std::string& id, reports::Report report) {
  const auto page = reports::to_html({report}, desk.catalogue, desk.common.language, cli::data_directory() + "/report.tpl");
  if (!page) return page.error().why;
  const std::string json = cli::pretty(reports::to_json(report, reports::judge(report, desk.catalogue, desk.common.language))) + "\n";
  const std::pair<const char*, const std::string*> files[] = {{".html", &*page}, {".json", &json}};
  for (const auto& [extension, content] : files) {
    const std::string path = desk.mailbox.path(id, extension);
    if (!cli::write_whole(path, *content)) return fmt::format("cannot write {}: {}", path, std::strerror(errno));
  }
  return desk.catalogue.error();
}

/// Sends the report back, where that may be done; what became of it is told in a line.
asio::awaitable<void> answer(Desk& desk, const reception::Delivered& message, const std::string& id, const reports::Report& report) {
  const auto tell = [&](std::string_view what) { std::cerr << fmt::format("{}  {}\n", id, text::shown(what, 300)); };
  if (const std::string why = cli::reason_for_silence(message, report.facts); !why.empty()) co_return tell("not answered: " + why);
  reports::TextStyle style;
  style.language = desk.common.language;
  const auto written = cli::answer_to(message, id, reports::to_text(report, reports::judge(report, desk.catalogue, desk.common.language), desk.catalogue, style));
  if (!written) co_return tell("not answered: " + written.error().why);
  smtp::Letter letter{.sender = "", .recipients = {message.arrival.sender}, .message = *written};
  letter.wishes.utf8 = message.arrival.smtputf8;
  const Probes& probes = desk.network.probes();
  const send::World world{desk.network.probes().dns, desk.sending, probes.trust, std::chrono::system_clock::now()};
  const std::vector<send::Attempt> attempts = co_await send::deliver(letter, *desk.answers, world);
  for (const send::Attempt& attempt : attempts)
    for (const smtp::Handover& each : attempt.delivery.recipients)
      tell(fmt::format("answer to <{}>: {}{}", each.recipient, smtp::outcome_text(each.outcome), each.reply ? ", " + each.reply->text() : ""));
}

asio::awaitable<void> examine(Desk& desk, reception::Delivered message, std::string id) {
  const reception::Delivered kept = desk.answers ? message : reception::Delivered();
  const std::string sender = message.arrival.sender, client = message.client.address.to_string();
  reports::Report report = co_await cli::examine(std::move(message), id, desk.examination, desk.network.probes());
  auto trouble = co_await desk.network.find_resolver_trouble();
  if (trouble) report.checks.insert(report.checks.begin(), std::move(*trouble));
  report.accepted = desk.common.accepted;
  desk.last = reports::judge(report, desk.catalogue, desk.common.language).status;
  desk.trouble = write_report(desk, id, report);
  if (desk.trouble.empty()) std::cerr << fmt::format("{}  {}  from <{}>, {}\n", desk.mailbox.path(id, ".html"), reports::status_word(desk.last), text::shown(sender, 200), client);
  else std::cerr << "mailmedic: " << desk.trouble << '\n';
  if (desk.known) {
    const std::string why = desk.known->add_report({id, id.substr(0, id.find('/')), sender, client, std::string(reports::status_word(desk.last)), report.started});
    if (!why.empty()) std::cerr << "mailmedic: the register: " << why << '\n';
  }
  if (desk.answers) co_await answer(desk, kept, id, report);
  --desk.open;
}

reception::Kept take(Desk& desk, reception::Delivered message) {
  if (desk.open >= most_examinations) return {"", "busy, try again later"};
  reception::Kept kept = desk.mailbox.keep(message);
  if (!kept.trouble.empty()) {
    std::cerr << "mailmedic: " << kept.trouble << '\n';
    return kept;
  }
  ++desk.open;
  const auto done = [&desk](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
    if (desk.once) desk.receiver->stop();
  };
  asio::co_spawn(desk.network.context(), examine(desk, std::move(message), kept.id), done);
  return kept;
}

/// Until the receiver stops and, as the client of --once still waits for its last words, a moment longer.
asio::awaitable<void> work(Desk& desk) {
  co_await desk.receiver->serve();
  asio::steady_timer timer(desk.network.context(), std::chrono::milliseconds(500));
  co_await timer.async_wait(asio::use_awaitable);
}

std::string file_of(const std::string& path, const char* option, std::string& wrong) {
  std::ifstream file(path, std::ios::binary);
  if (!file && wrong.empty()) wrong = fmt::format("{} {}: {}", option, path, std::strerror(errno));
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A number of an option between the bounds, or an error text in `wrong`.
std::uint64_t number_of(const cli::CommandLine& line, const char* option, std::uint64_t otherwise, std::uint64_t least, std::uint64_t most, std::string& wrong) {
  if (!line.has(option)) return otherwise;
  const std::string text = line.text(option);
  const bool digits = !text.empty() && text.size() < 13 && text.find_first_not_of("0123456789") == std::string::npos;
  const std::uint64_t value = digits ? std::stoull(text) : 0;
  if (!digits || value < least || value > most) wrong = fmt::format("--{} {}: a number from {} to {}", option, text, least, most);
  return value;
}

/// An error text, or empty.
std::string read_identity(const cli::CommandLine& line, reception::Options& options) {
  if (line.has("certificate") != line.has("key")) return "--certificate and --key go together";
  std::string wrong;
  if (line.has("certificate")) {
    const std::string chain = file_of(line.text("certificate"), "--certificate", wrong), key = file_of(line.text("key"), "--key", wrong);
    if (!wrong.empty()) return wrong;
    auto identity = tls::ServerIdentity::from_pem(chain, key);
    if (!identity) return "--certificate, --key: " + identity.error().why;
    options.identity = *identity;
    return {};
  }
  const std::string& name = options.settings.name;
  auto identity = tls::ServerIdentity::self_made(name.starts_with('[') ? "localhost" : name, std::chrono::system_clock::now());
  if (!identity) return "--name " + name + ": " + identity.error().why;
  options.identity = *identity;
  return {};
}

/// An error text, or empty.
std::string read_wishes(const cli::CommandLine& line, Wishes& wishes) {
  std::string wrong;
  const auto address = net::parse_address(line.has("address") ? line.text("address") : "127.0.0.1");
  if (!address) return "--address " + line.text("address") + ": no IP address; 0.0.0.0 and :: stand for all of this machine";
  reception::Options& options = wishes.options;
  options.at = {*address, static_cast<std::uint16_t>(number_of(line, "port", 2525, 0, 65535, wrong))};
  options.settings.limits.message = number_of(line, "max-size", options.settings.limits.message, 1000, 256'000'000, wrong);
  options.settings.name = line.has("name") ? line.text("name") : smtp::our_name(address->is_unspecified() ? nullptr : &*address);
  options.proxy_protocol = line.flag("proxy-protocol");
  wishes.once = line.flag("once");
  if (line.has("reply")) {
    wishes.answers.emplace();
    wishes.answers->families = {line.common().ipv4, line.common().ipv6};
    if (line.text("reply") != "mx") {
      auto server = cli::parse_destination(line.text("reply"));
      if (!server) return "--reply " + server.error().why;
      if (!server->is_mail) return "--reply " + line.text("reply") + ": give a mail server, or mx";
      wishes.answers->server = std::move(*server);
      wishes.answers->server->is_host = true;
      wishes.answers->pattern.encryption = wishes.answers->server->encryption;
    }
  }
  return wrong.empty() ? read_identity(line, options) : wrong;
}

void add_options(cli::CommandLine& line) {
  // clang-format off
  line.options().add_options()
      ("address", cli::po::value<std::string>()->value_name("ADDR"), "listen on this address; otherwise 127.0.0.1")
      ("port", cli::po::value<std::string>()->value_name("N"), "listen on this port, 0: any; otherwise 2525")
      ("name", cli::po::value<std::string>()->value_name("NAME"), "what it calls itself; otherwise this machine's name")
      ("certificate", cli::po::value<std::string>()->value_name("FILE"), "show this certificate (PEM, with its issuers); otherwise one that signs itself")
      ("key", cli::po::value<std::string>()->value_name("FILE"), "the certificate's private key (PEM)")
      ("directory", cli::po::value<std::string>()->value_name("DIR"), "write messages and reports there; otherwise ./mailmedic-mail")
      ("token", cli::po::value<std::vector<std::string>>()->value_name("WORD"), "take only mail for report-WORD@ any domain, into DIR/WORD; may be repeated")
      ("register", cli::po::value<std::string>()->value_name("FILE"), "take only mail for the addresses in this SQLite file, and note each report there")
      ("new-address", cli::po::value<std::string>()->value_name("DOMAIN"), "put a new address at DOMAIN into the register, print it, and end")
      ("days", cli::po::value<std::string>()->value_name("N"), "how long the new address is good; otherwise 30")
      ("list-reports", cli::po::bool_switch(), "print the last reports of the register, and end")
      ("max-size", cli::po::value<std::string>()->value_name("BYTES"), "refuse larger messages; otherwise 52428800")
      ("proxy-protocol", cli::po::bool_switch(), "each client must begin with a PROXY header, and is who that says")
      ("reply", cli::po::value<std::string>()->value_name("SERVER"), "answer with the text report through this server, or directly: mx; only senders that SPF or DMARC prove")
      ("once", cli::po::bool_switch(), "end after the first message; the exit status is its report's");
  // clang-format on
}

/// --new-address and --list-reports.
int use_register(const cli::CommandLine& line, cli::Register& known) {
  if (line.has("new-address")) {
    const auto domain = cli::parse_domain(line.text("new-address"));
    if (!domain) return line.fail("--new-address " + domain.error().why);
    std::string wrong;
    const auto days = number_of(line, "days", 30, 1, 3660, wrong);
    if (!wrong.empty()) return line.fail(text::shown(wrong, 300));
    const auto token = known.add_token(std::chrono::system_clock::now() + std::chrono::days(days));
    if (!token) return line.fail("--register " + line.text("register") + ": " + token.error().why);
    std::cout << fmt::format("report-{}@{}\n", *token, domain->text());
    return 0;
  }
  constexpr std::size_t most = 100;
  for (const cli::Register::Report& one : known.reports("", most))
    std::cout << fmt::format("{}  {:<12}  {}  {}  from <{}>\n", reports::iso_time(one.at), one.status, text::shown(one.id, 200), text::shown(one.client, 60), text::shown(one.sender, 200));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "listen",
      "[OPTIONS]",
      "Takes messages by SMTP, with STARTTLS, and examines each as a receiver does: TLS and conduct of the client, its names\n"
      "and block lists, SPF of its real address, DKIM, ARC, DMARC, and the message's form and words. Message and report (HTML\n"
      "and JSON) lie in a folder. Nothing is ever relayed.",
      {{"one test message, then end", "mailmedic listen --once"},
       {"for all the world, behind a port that is forwarded", "mailmedic listen --address 0.0.0.0 --port 25 --name check.example.org"},
       {"answer each message with its report", "mailmedic listen --address 0.0.0.0 --port 25 --name check.example.org --reply mx"},
       {"an address for a customer, good for a month", "mailmedic listen --register reports.db --new-address check.example.org"},
       {"only mail for report-k3x9@", "mailmedic listen --token k3x9 --directory /srv/reports"}},
  });
  add_options(line);
  cli::add_list_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;
  if (!line.arguments().empty()) return line.fail(line.arguments().front() + ": listen takes options alone");
  Wishes wishes;
  if (const std::string wrong = read_wishes(line, wishes); !wrong.empty()) return line.fail(text::shown(wrong, 300));
  std::optional<cli::Register> known;
  if (line.has("register")) {
    auto opened = cli::Register::open(line.text("register"));
    if (!opened) return line.fail("--register " + text::shown(opened.error().why, 300));
    known = std::move(*opened);
  }
  if (line.has("new-address") || line.flag("list-reports")) return known ? use_register(line, *known) : line.fail("name the register: --register FILE");
  const auto mailbox = cli::Mailbox::open(line.has("directory") ? line.text("directory") : "mailmedic-mail", line.texts("token"), known ? &*known : nullptr);
  if (!mailbox) return line.fail(text::shown(mailbox.error().why, 300));
  const auto lists = cli::chosen_lists(line);
  if (!lists) return line.fail(lists.error().why);
  auto network = cli::Network::make(line.common());
  if (!network) return line.fail(network.error().why);
  Desk desk{.network = **network, .mailbox = *mailbox, .common = line.common(), .once = wishes.once, .examination = {*lists, cli::is_private_world(line.common())}, .answers = wishes.answers, .known = known ? &*known : nullptr};
  desk.sending.helo = wishes.options.settings.name;
  wishes.options.settings.accepts = [&mailbox](std::string_view address) { return mailbox->accepts(address); };
  auto receiver = reception::Receiver::open((*network)->context().get_executor(), std::move(wishes.options), [&desk](reception::Delivered message) { return take(desk, std::move(message)); });
  if (!receiver) return line.fail(receiver.error().why);
  desk.receiver = std::move(*receiver);
  std::cerr << "listening on " << desk.receiver->endpoint().text() << '\n';
  (*network)->run(work(desk));
  if (!desk.trouble.empty()) return cli::usage_error;
  return desk.once ? static_cast<int>(desk.last) : 0;
}
