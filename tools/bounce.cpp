// mailmedic bounce: who did not get the mail, why, what to do; and whether what the receiver said is still so.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "checks/bounce/judge.hpp"
#include "lib/text/shown.hpp"
#include "tools/bounce/run.hpp"
#include "tools/cli/list_options.hpp"
#include "tools/cli/message_input.hpp"
#include "tools/cli/pretty_json.hpp"
#include "tools/cli/targets.hpp"

using namespace mailmedic;

namespace {

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

  cli::BounceOrder order{.classifier = *classifier, .fresh = line.flag("fresh"), .bundle = line.flag("bundle"), .language = line.common().language, .mended = line.text("mended")};
  order.context.sender = line.text("from");
  order.context.helo = line.text("helo");
  order.context.families = {line.common().ipv4, line.common().ipv6};
  const auto own = cli::parse_addresses(line.texts("own"));
  if (!own) return line.fail(own.error().why);
  order.context.own = *own;
  std::unique_ptr<cli::Network> network;
  if (!line.flag("offline")) {
    const auto lists = cli::chosen_lists(line);
    if (!lists) return line.fail(lists.error().why);
    order.context.lists = {*lists, &(*lists)->asked};
    auto made = cli::Network::make(line.common());
    if (!made) return line.fail(made.error().why + ", or look nothing up with --offline");
    network = std::move(*made);
  }
  if (!bare) {
    cli::MessageSource source(line.arguments(), message::max_report_bytes);
    return cli::explain_all(order, source, network.get(), line.common());
  }
  std::string words = line.text("text");
  if (line.has("text-file")) {
    auto read = cli::read_message(line.text("text-file"));
    if (!read) return line.fail(text::shown(read.error().why, 300));
    words = std::move(*read);
  }
  return cli::explain_one(order, cli::pasted(words, line.text("to"), line.text("host")), network.get(), line.common());
}
