// mailmedic bounce: who did not get the mail, why, what to do; and whether what the receiver said is still so.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "checks/bounce/judge.hpp"
#include "checks/bounce/origin.hpp"
#include "checks/bounce/reply_text.hpp"
#include "checks/table/table.hpp"
#include "lib/message/addresses.hpp"
#include "lib/message/fields.hpp"
#include "lib/message/mailbox.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "tools/bounce/bundle.hpp"
#include "tools/cli/cores.hpp"
#include "tools/cli/in_order.hpp"
#include "tools/cli/list_options.hpp"
#include "tools/cli/message_input.hpp"
#include "tools/cli/network.hpp"
#include "tools/cli/output.hpp"
#include "tools/cli/pretty_json.hpp"
#include "tools/cli/targets.hpp"

using namespace mailmedic;
using message::ReportKind;

namespace {

std::string_view kind_text(ReportKind kind) {
  switch (kind) {
    case ReportKind::bounce: return "bounce";
    case ReportKind::delayed: return "delayed";
    case ReportKind::delivered: return "delivered";
    case ReportKind::feedback: return "feedback";
    case ReportKind::auto_reply: return "auto-reply";
    case ReportKind::none: break;
  }
  return "none";
}

/// Bounces that strangers wrote must not make a flood of connections of us.
constexpr std::size_t most_connected = 50;

/// The helpers of one thread. `network` is null with --offline.
struct Explainer {
  const bounce::Classifier& classifier;
  bounce::Context context;  ///< what the user said of himself
  bool fresh = false;
  cli::Network* network = nullptr;
  bool bundle = false, chinese = false;
  std::string mended{};
  std::map<std::string, std::size_t> kinds{}, classes{};
  std::set<std::string> connected{};  ///< domains whose servers were connected to

  reports::Report explain(const message::DeliveryReport& delivery, std::string target);

 private:
  bounce::Context context_of(const message::DeliveryReport& delivery) const;
  boost::json::object explain_one(const message::DeliveryReport& delivery, const message::RecipientReport& one, bounce::Context& known, CheckReport& check);
};

/// The user's words, else what the header of the returned message says; a report comes to the envelope sender.
bounce::Context Explainer::context_of(const message::DeliveryReport& delivery) const {
  bounce::Context out = context;
  out.said_at = delivery.date.empty() ? delivery.arrival_date : delivery.date;
  out.returned = delivery.returned;
  const auto fields = message::parse_fields(delivery.returned);
  for (const message::Field& field : fields ? *fields : std::vector<message::Field>()) {
    const auto addresses = text::equals_ignoring_case(field.name, "From") || text::equals_ignoring_case(field.name, "Return-Path") ? message::addresses_of(field.unfolded()) : std::vector<std::string>();
    if (addresses.empty()) continue;
    if (out.sender.empty() && text::equals_ignoring_case(field.name, "Return-Path")) out.sender = addresses.front();
    if (!out.author && text::equals_ignoring_case(field.name, "From"))
      if (const auto name = dns::Name::parse(std::string_view(addresses.front()).substr(addresses.front().rfind('@') + 1))) out.author = *name;
  }
  if (out.sender.empty()) out.sender = delivery.addressed_to;
  return out;
}

boost::asio::awaitable<void> look(std::vector<bounce::Claim> claims, const bounce::Context& context, bool fresh, Probes& probes, std::vector<bounce::Rechecked>& out) {
  out = co_await bounce::recheck(std::move(claims), context, fresh, probes);
}

boost::asio::awaitable<void> look_for_origin(const message::DeliveryReport& delivery, const bounce::Context& context, Probes& probes, bounce::Origin& out) {
  out = co_await bounce::ask_origin(delivery, context, probes);
}

boost::json::object Explainer::explain_one(const message::DeliveryReport& delivery, const message::RecipientReport& one, bounce::Context& known, CheckReport& check) {
  const bounce::Verdict verdict = classifier.classify(one);
  ++classes[verdict.rule ? std::string(verdict.rule->reason->category) : "unmatched"];
  bounce::judge(one, verdict, classifier, check);
  const std::vector<bounce::Claim> claims = bounce::claims_of(one, verdict, known);
  std::vector<bounce::Rechecked> rechecked;
  for (const bounce::Claim& claim : claims)
    if (network && claim.domain && bounce::connects(claim.kind)) connected.insert(claim.domain->text());
  known.may_connect = connected.size() <= most_connected;
  if (network) network->run(look(claims, known, fresh, network->probes(), rechecked));
  const auto now = std::chrono::system_clock::now();
  bounce::judge_claims(one, rechecked, known, now, check);
  boost::json::object out = bounce::to_json(one, verdict, classifier, claims, rechecked, known, now);
  if (bundle) out["bundle"] = cli::bundle_text({delivery, one, verdict, known, rechecked, mended, chinese}, now);
  return out;
}

reports::Report Explainer::explain(const message::DeliveryReport& delivery, std::string target) {
  reports::Report report = cli::begin_report("bounce", std::move(target));
  const auto begin = std::chrono::steady_clock::now();
  CheckReport& check = report.checks.emplace_back();
  check.check = "bounce";
  ++kinds[std::string(kind_text(delivery.kind))];
  report.facts = {{"kind", kind_text(delivery.kind)}, {"format", delivery.format}, {"reporting_mta", delivery.reporting_mta}, {"envelope_id", delivery.envelope_id},
                  {"arrival_date", delivery.arrival_date}, {"subject", delivery.subject}};
  bounce::Context known = context_of(delivery);
  boost::json::array recipients;
  for (const message::RecipientReport& one : delivery.recipients) {
    const bool refused = delivery.kind == ReportKind::bounce || delivery.kind == ReportKind::delayed;
    if (refused) recipients.push_back(explain_one(delivery, one, known, check));
    else recipients.push_back(boost::json::object{{"recipient", one.recipient}, {"action", one.action}, {"status", one.status}, {"diagnostic", one.diagnostic}});
  }
  report.facts["recipients"] = std::move(recipients);
  if (network && !known.own.empty() && (delivery.kind == ReportKind::bounce || delivery.kind == ReportKind::delayed)) {
    bounce::Origin origin;
    network->run(look_for_origin(delivery, known, network->probes(), origin));
    bounce::judge_origin(origin, known, check);
    report.facts["origin"] = {{"ours", bounce::ours_word(origin.ours)}, {"why", origin.why}};
  }
  if (delivery.kind == ReportKind::feedback) {
    const message::Feedback& given = delivery.feedback;
    report.facts["feedback"] = boost::json::object{{"type", given.type}, {"user_agent", given.user_agent}, {"source_address", given.source_address}, {"original_mail_from", given.original_mail_from},
                                                   {"reported_domain", given.reported_domain}, {"arrival_date", given.arrival_date}, {"auth_failure", given.auth_failure}};
  }
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  return report;
}

/// The texts for forms, one a recipient, with a line between them; empty where none were asked for.
std::string bundles_of(const Facts& facts) {
  std::string out;
  for (const auto& one : facts.at("recipients").as_array())
    if (const auto* text = one.as_object().if_contains("bundle")) out += (out.empty() ? "" : "\n----\n\n") + std::string(text->as_string());
  return out;
}

/// A thread's part of the run.
struct Lane {
  Explainer explainer;
  std::unique_ptr<cli::Renderer> renderer;
  cli::Format format;

  cli::Rendered explain(const message::DeliveryReport& delivery, std::string target) {
    reports::Report report = explainer.explain(delivery, std::move(target));
    const std::string bundles = format == cli::Format::text ? bundles_of(report.facts) : std::string();
    cli::Rendered out = renderer->render(std::move(report));
    if (!bundles.empty()) out.text = bundles;
    return out;
  }
};

std::string counted(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::pair<std::string, std::size_t>> rows(counts.begin(), counts.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> out;
  for (const auto& [word, count] : rows) out.push_back(fmt::format("{} {}", count, word));
  return text::joined(out, ", ");
}

/// What --explain-rule prints.
int explain_rule(const bounce::RuleSet& rules, const std::string& id, const cli::CommandLine& line) {
  const bounce::Rule* rule = rules.find(id);
  if (!rule) return line.fail(fmt::format("there is no rule \"{}\"; the field \"rule\" of the JSON report names them", text::shown(id, 100)));
  const boost::json::object page = bounce::to_json(*rule, rules);
  if (line.common().format == cli::Format::json || line.common().format == cli::Format::ndjson) {
    std::cout << (line.common().format == cli::Format::json ? cli::pretty(page) : boost::json::serialize(page)) << '\n';
    return 0;
  }
  for (const auto& item : page) {
    const auto* list = item.value().if_array();
    if (!list) std::cout << fmt::format("{:<10} {}\n", std::string(item.key()), item.value().is_string() ? std::string(item.value().get_string()) : boost::json::serialize(item.value()));
    else for (const auto& one : *list) std::cout << fmt::format("{:<10} {}\n", std::string(item.key()), text::shown(std::string(one.as_string()), 1000));
  }
  return 0;
}

message::DeliveryReport pasted(const std::string& words, const std::string& recipient, const std::string& host) {
  message::DeliveryReport out{.kind = ReportKind::bounce, .format = "reply"};
  message::RecipientReport one = bounce::read_reply(words);
  if (!recipient.empty()) one.recipient = recipient;
  if (!host.empty()) one.remote_mta = host;
  if (one.reply_code.starts_with('4') || (one.reply_code.empty() && one.status.starts_with('4'))) {
    one.action = "delayed";
    out.kind = ReportKind::delayed;
  } else {
    one.action = "failed";
  }
  out.recipients.push_back(std::move(one));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "bounce",
      "[OPTIONS] [FILE...]",
      "Explains bounces: who did not get the mail, why, whether to try again, and what to change. FILE is a message, an\n"
      "mbox file, a Maildir or any folder of messages; - is standard input. What a reply claims (a list, SPF, DKIM,\n"
      "DMARC, a reverse name, a domain, the receiver's servers and their TLS) is looked up again, unless --offline.",
      {{"why did this come back?", "mailmedic bounce returned.eml"},
       {"what does this reply mean?", "mailmedic bounce --text '550 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org'"},
       {"all bounces of a mailbox, one JSON document a line", "mailmedic bounce ~/Maildir --offline --format ndjson"},
       {"a text for the receiver's form, with what is so now", "mailmedic bounce returned.eml --bundle --own 192.0.2.25 --mended 'the cracked account is closed'"},
       {"which rule said so, and where it comes from", "mailmedic bounce --explain-rule gmail.no-ptr"}},
  });
  // clang-format off
  line.options().add_options()
      ("text", cli::po::value<std::string>()->value_name("TEXT"), "a bare reply, as it was pasted")
      ("text-file", cli::po::value<std::string>()->value_name("FILE"), "a file that holds a bare reply; - is standard input")
      ("to", cli::po::value<std::string>()->value_name("ADDRESS"), "with --text: the recipient")
      ("host", cli::po::value<std::string>()->value_name("NAME"), "with --text: the server that said it")
      ("from", cli::po::value<std::string>()->value_name("SENDER"), "our MAIL FROM address")
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "the name that our server says in EHLO")
      ("own", cli::po::value<std::vector<std::string>>()->value_name("ADDR")->composing(), "an address that sends our mail (repeatable)")
      ("fresh", cli::po::bool_switch(), "the reply came just now: what is otherwise now contradicts it")
      ("offline", cli::po::bool_switch(), "look nothing up")
      ("bundle", cli::po::bool_switch(), "a plain text for the form of the receiver or the list instead of the report")
      ("mended", cli::po::value<std::string>()->value_name("TEXT"), "with --bundle: what was changed since")
      ("rules", cli::po::value<std::vector<std::string>>()->value_name("FOLDER")->composing(), "a folder of rules of one's own, which come first (repeatable)")
      ("explain-rule", cli::po::value<std::string>()->value_name("ID"), "show a rule: its patterns, where it comes from, samples");
  // clang-format on
  cli::add_list_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;

  std::vector<std::string> folders{cli::data_directory() + "/rules"};
  for (const std::string& folder : line.texts("rules")) folders.push_back(folder);
  auto rules = bounce::read_rules(folders);
  if (!rules) return line.fail(text::shown(rules.error().why, 500));
  const auto classifier = bounce::Classifier::make(std::move(*rules));
  if (!classifier) return line.fail(text::shown(classifier.error().why, 500));
  if (line.has("explain-rule")) return explain_rule(classifier->rules(), line.text("explain-rule"), line);
  if (line.has("mended") && !line.flag("bundle")) return line.fail("--mended is for --bundle");
  const bool bare = line.has("text") || line.has("text-file");
  if (bare != line.arguments().empty() || (line.has("text") && line.has("text-file"))) return line.fail("name files, or give one reply with --text or --text-file");

  Explainer explainer{.classifier = *classifier, .context = {}, .fresh = line.flag("fresh"), .bundle = line.flag("bundle"), .chinese = line.common().language == reports::Language::zh, .mended = line.text("mended")};
  explainer.context.sender = line.text("from");
  explainer.context.helo = line.text("helo");
  explainer.context.families = {line.common().ipv4, line.common().ipv6};
  const auto own = cli::parse_addresses(line.texts("own"));
  if (!own) return line.fail(own.error().why);
  explainer.context.own = *own;
  std::unique_ptr<cli::Network> network;
  if (!line.flag("offline")) {
    const auto lists = cli::chosen_lists(line);
    if (!lists) return line.fail(lists.error().why);
    explainer.context.lists = (*lists)->asked;
    auto made = cli::Network::make(line.common());
    if (!made) return line.fail(made.error().why + ", or look nothing up with --offline");
    network = std::move(*made);
    explainer.network = network.get();
  }

  // What is looked up is asked by one thread, which knows what was asked already.
  std::vector<Lane> lanes;
  for (unsigned i = 0; i < (network ? 1 : static_cast<unsigned>(cli::usable_cores())); ++i) lanes.push_back({explainer, std::make_unique<cli::Renderer>(line.common()), line.common().format});
  cli::Stream writer(line.common());
  std::vector<message::MailboxProblem> problems;
  if (bare) {
    std::string words = line.text("text");
    if (line.has("text-file")) {
      const auto read = cli::read_message(line.text("text-file"));
      if (!read) return line.fail(text::shown(read.error().why, 300));
      words = *read;
    }
    writer.add(lanes.front().explain(pasted(words, line.text("to"), line.text("host")), "reply"));
  }
  struct Message { std::string name, text; };
  cli::InOrder<Message, cli::Rendered> work(
      lanes.size(), [&](std::size_t lane, const Message& given) { return lanes[lane].explain(message::read_delivery_report(given.text), given.name); },
      [&](cli::Rendered rendered) { writer.add(std::move(rendered)); });
  for (const std::string& path : line.arguments()) {
    const auto take = [&](const std::string& name, std::string_view message) { work.add({name, std::string(message)}); };
    for (message::MailboxProblem& problem : message::read_mailbox(path, take)) problems.push_back(std::move(problem));
  }
  work.finish();
  std::string broken;
  std::map<std::string, std::size_t> kinds, classes;
  for (const Lane& lane : lanes) {
    if (broken.empty()) broken = lane.renderer->error();
    for (const auto& [kind, count] : lane.explainer.kinds) kinds[kind] += count;
    for (const auto& [name, count] : lane.explainer.classes) classes[name] += count;
  }
  const int status = writer.finish(broken);
  for (const message::MailboxProblem& problem : problems) std::cerr << fmt::format("mailmedic bounce: {}: {}\n", text::shown(problem.name, 300), text::shown(problem.why, 300));
  std::size_t messages = 0;
  for (const auto& [kind, count] : kinds) messages += count;
  if (messages > 1 && !line.common().quiet) std::cerr << fmt::format("{} messages: {}\nrecipients: {}\n", messages, counted(kinds), counted(classes));
  return problems.empty() || status != 0 ? status : cli::usage_error;
}
