// mailmedic sign: puts DKIM signatures in front of messages, or tells whether a key could sign.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>

#include "checks/dkim/given.hpp"
#include "checks/table/table.hpp"
#include "lib/dkim/signer.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "tools/cli/check_run.hpp"
#include "tools/cli/signing_keys.hpp"
#include "tools/cli/targets.hpp"
#include "tools/sign/run.hpp"

using namespace mailmedic;

namespace {

struct Order {
  dns::Name domain;
  dkim::SigningRules rules;
  std::vector<cli::NamedKey> keys;
};

/// "relaxed/simple"; an error text, or empty.
std::string read_canonicalization(const std::string& text, dkim::SigningRules& rules) {
  const auto parts = text::split(text, '/');
  const auto read = [](std::string_view word, dkim::Canonicalization& into) {
    into = word == "simple" ? dkim::Canonicalization::simple : dkim::Canonicalization::relaxed;
    return word == "simple" || word == "relaxed";
  };
  if (parts.size() == 2 && read(parts[0], rules.header) && read(parts[1], rules.body)) return {};
  return "--canonicalization " + text + ": give HEADER/BODY, each relaxed or simple, as relaxed/relaxed";
}

/// Is it the domain itself or one below? RFC 6376 section 3.5 (i=).
std::string read_identity(const std::string& identity, Order& order) {
  const auto at = identity.rfind('@');
  const auto domain = at == identity.npos ? text::Parsed<dns::Name>(text::ParseError{}) : dns::Name::parse(identity.substr(at + 1));
  const bool is_plain = std::all_of(identity.begin(), identity.end(), [](char c) { return c > ' ' && c < 0x7f && c != ';'; });
  if (!domain || !is_plain || !domain->is_within(order.domain)) return "--identity " + identity + ": give USER@DOMAIN or @DOMAIN, with " + order.domain.text() + " or a name below it";
  order.rules.identity = identity;
  return {};
}

text::Parsed<Order> order_of(const cli::CommandLine& line) {
  if (!line.has("domain")) return text::ParseError{0, "--domain is missing: the domain that signs (d=), as in --domain example.org"};
  const auto domain = cli::parse_domain(line.text("domain"));
  if (!domain) return domain.error();
  Order order{.domain = *domain, .rules = {.domain = domain->text()}, .keys = {}};
  auto keys = cli::keys_of(line, *domain);
  if (!keys) return keys.error();
  order.keys = std::move(*keys);
  std::string wrong = read_canonicalization(line.text("canonicalization"), order.rules);
  if (wrong.empty() && line.has("identity")) wrong = read_identity(line.text("identity"), order);
  if (line.has("expire-days") && wrong.empty()) {
    const std::string text = line.text("expire-days");
    int days = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), days);
    if (bad != std::errc() || end != text.data() + text.size() || days < 1 || days > 366) wrong = "--expire-days " + text + ": give 1 to 366";
    order.rules.lifetime = std::chrono::days(days);
  }
  if (!wrong.empty()) return text::ParseError{0, wrong};
  return order;
}

/// Whether the published records fit the keys: the check of DKIM keys, with the selectors and the keys that are given.
int check_keys(const Order& order, const cli::CommandLine& line) {
  auto given = dkim::read_given(cli::data_directory());
  if (!given) return line.fail(given.error().why);
  Target target{.domain = order.domain, .private_world = cli::is_private_world(line.common()), .mail_servers = false};
  for (const cli::NamedKey& named : order.keys) {
    auto key = dkim::read_private_key(named.file);
    if (!key) return line.fail("--key " + key.error().why);
    given->private_keys.push_back(std::move(*key));
    target.selectors.push_back(named.selector);
  }
  target.signing = std::make_shared<const dkim::Given>(std::move(*given));
  auto targets = cli::Targets::open(std::move(target), {order.domain.text()}, {});
  if (!targets) return line.fail(targets.error().why);
  static constexpr std::string_view ids[] = {"dkim"};
  return cli::check_targets({.tool = "sign", .checks = checks_named(ids)}, **targets, line.common());
}

}  // namespace

int main(int argc, char** argv) {
  cli::CommandLine line({
      "sign",
      "[OPTIONS] --domain DOMAIN --key SELECTOR:FILE [MESSAGE...]",
      "Signs messages with DKIM (RFC 6376, RFC 8463), with one key or several. MESSAGE is a file, an mbox, a Maildir, a folder,\n"
      "or - for standard input (the default). From, To, Subject, Date and the fields of unsubscribing are signed once more\n"
      "than they are there, so that nobody can add another. One message, or an mbox, goes to standard output; several go into\n"
      "a folder (--output) or an mbox (--mbox). Ctrl-C keeps what is signed.",
      {{"sign one message", "mailmedic sign --domain example.org --key s2026:s2026.example.org.key letter.eml > signed.eml"},
       {"with RSA and Ed25519, and an end after a week", "mailmedic sign --domain example.org --key s2026:rsa.key --key s2026-ed25519:ed.key --expire-days 7 letter.eml"},
       {"a whole Maildir, on all cores", "mailmedic sign --domain example.org --key s2026:rsa.key --output signed ~/Maildir"},
       {"an mbox, to another", "mailmedic sign --domain example.org --key s2026:rsa.key --mbox signed.mbox newsletter.mbox"},
       {"does the published record fit the key?", "mailmedic sign --domain example.org --key s2026:rsa.key --check"}},
      "DIR",
      "write each signed message into the folder DIR, under its own name; nothing is overwritten",
  });
  // clang-format off
  line.options().add_options()
      ("domain", cli::po::value<std::string>()->value_name("DOMAIN"), "the domain that signs (d=)")
      ("key", cli::po::value<std::vector<std::string>>()->value_name("SELECTOR:FILE"), "a selector and its private key (repeatable: a signature each)")
      ("identity", cli::po::value<std::string>()->value_name("USER@DOMAIN"), "for whom the domain signs (i=)")
      ("expire-days", cli::po::value<std::string>()->value_name("DAYS"), "the signature ends after so many days (x=)")
      ("canonicalization", cli::po::value<std::string>()->value_name("HEADER/BODY")->default_value("relaxed/relaxed"), "relaxed or simple, for each")
      ("mbox", cli::po::value<std::string>()->value_name("FILE"), "write the signed messages into the new mbox FILE, in their order")
      ("check", cli::po::bool_switch(), "sign nothing: ask DNS for the record of each key and tell whether it fits");
  // clang-format on
  if (const auto status = line.parse(argc, argv)) return *status;
  const auto order = order_of(line);
  if (!order) return line.fail(order.error().why);
  std::vector<std::string> paths = line.arguments();
  cli::SignedOutput output;
  if (line.has("mbox")) output = {cli::SignedOutput::Kind::mbox, line.text("mbox")};
  if (!line.common().output.empty()) output = {cli::SignedOutput::Kind::folder, line.common().output};
  if (line.flag("check")) return paths.empty() && output.place.empty() ? check_keys(*order, line) : line.fail("--check signs nothing: leave out messages, --output and --mbox");
  if (line.has("mbox") && output.kind != cli::SignedOutput::Kind::mbox) return line.fail("--mbox and --output: give one of them");
  if (paths.empty()) paths = {"-"};
  const auto is_folder = [](const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
  };
  if (output.kind == cli::SignedOutput::Kind::folder && !is_folder(output.place)) return line.fail("--output " + output.place + ": give a folder that exists");
  const bool are_many = paths.size() > 1 || is_folder(paths.front());
  if (output.kind == cli::SignedOutput::Kind::standard && are_many) return line.fail("several messages need a place for what is signed: --output DIR or --mbox FILE");
  const auto signer = cli::signer_of(order->rules, order->keys);
  if (!signer) return line.fail(text::shown(signer.error().why, 300));
  cli::MessageSource source(paths);
  return cli::sign_all(order->rules, order->keys, source, output);
}
