// mailmedic message: what SPF, DKIM and DMARC say of a message, why a signature broke, and what else is wrong with it.
#include <filesystem>

#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"
#include "tools/cli/targets.hpp"
#include "tools/message/engines.hpp"
#include "tools/message/run.hpp"

using namespace mailmedic;

int main(int argc, char** argv) {
  cli::CommandLine line({
      "message",
      "[OPTIONS] FILE...",
      "Verifies a message as a receiver does: every DKIM signature (body and header apart), SPF of the client that\n"
      "delivered it, and DMARC by both standards. FILE is a message (RFC 5322) as it was received, an mbox, a Maildir or any\n"
      "folder of messages; - is standard input. Many messages are looked at on all cores.",
      {{"why does this message fail?", "mailmedic message received.eml"},
       {"as a certain client would deliver it", "mailmedic message letter.eml --ip 192.0.2.25 --from user@example.org --helo mail.example.org"},
       {"the signatures of a whole mailbox, fast", "mailmedic message --checks signature --format csv archive.mbox"},
       {"does it meet what Gmail and Yahoo ask of newsletters?", "mailmedic message newsletter.eml --profile gmail,yahoo --bulk"},
       {"what makes it look like spam?", "mailmedic message letter.eml --rspamd 127.0.0.1 --blame"},
       {"all messages of a folder, one JSON document a line", "mailmedic message ~/Maildir/.Junk --format ndjson"}},
  });
  // clang-format off
  line.options().add_options()
      ("ip", cli::po::value<std::string>()->value_name("ADDR"), "the address that delivers it; otherwise that of the Received fields")
      ("from", cli::po::value<std::string>()->value_name("SENDER"), "the MAIL FROM address; otherwise that of Return-Path")
      ("checks", cli::po::value<std::string>()->value_name("IDS"), "only these: signature (DKIM and ARC alone, the fastest), authentication, verdict, lint")
      ("helo", cli::po::value<std::string>()->value_name("NAME"), "the name said in EHLO");
  // clang-format on
  cli::add_profile_options(line, "the message");
  cli::add_engine_options(line);
  if (const auto status = line.parse(argc, argv)) return *status;
  if (line.arguments().empty()) return line.fail("no message: name a FILE, or - for standard input");
  cli::MessageOrder order{.given = {.ip = {}, .from = line.text("from"), .helo = line.text("helo"), .source = "nothing"}, .private_world = cli::is_private_world(line.common())};
  if (line.has("ip")) {
    const auto addresses = cli::parse_addresses({line.text("ip")});
    if (!addresses) return line.fail(addresses.error().why);
    order.given.ip = addresses->front();
    order.given.source = "--ip";
  }
  const auto engines = cli::read_engines(line);
  if (!engines) return line.fail(text::shown(engines.error().why, 300));
  order.engines = *engines;
  order.engines_here = line.flag("engines");
  order.blame = line.flag("blame");
  if (order.blame && order.engines.empty() && !order.engines_here) return line.fail("--blame: name the engine that is to score, with --spamd, --rspamd or --engines");
  auto receivers = cli::wanted_receivers(line);
  if (!receivers) return line.fail(receivers.error().why);
  order.receivers = std::move(*receivers);
  if (line.has("checks")) {
    order.checks.clear();
    const std::string wanted = line.text("checks");
    for (const std::string_view id : text::split(wanted, ',')) {
      const auto known = std::find(cli::message_checks.begin(), cli::message_checks.end(), id);
      if (known == cli::message_checks.end()) return line.fail("--checks " + text::shown(id, 100) + ": no such check; there are signature, authentication, verdict, lint");
      order.checks.push_back(*known);
    }
  }
  std::error_code ignored;
  const bool many = line.arguments().size() > 1 || std::filesystem::is_directory(line.arguments().front(), ignored);
  cli::MessageSource source(line.arguments());
  return cli::look_at_all(order, source, many, line.common());
}
