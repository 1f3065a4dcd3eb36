#include "tools/cli/mail_options.hpp"

#include <fmt/format.h>

#include "lib/text/ascii.hpp"

namespace mailmedic::cli {

void add_mail_options(CommandLine& line) {
  const auto value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  // clang-format off
  line.options().add_options()
      ("requiretls", po::bool_switch(), "MAIL parameter REQUIRETLS: every server on the way must be encrypted and proven")
      ("dsn-ret", value("WHAT"), "MAIL parameter RET: full or hdrs")
      ("dsn-envid", value("TEXT"), "MAIL parameter ENVID")
      ("dsn-notify", value("WHEN"), "RCPT parameter NOTIFY: never, or some of success,failure,delay");
  // clang-format on
}

std::string read_mail_options(const CommandLine& line, smtp::MailWishes& wishes) {
  wishes.require_tls = line.flag("requiretls");
  wishes.ret = text::upper(line.text("dsn-ret"));
  if (!wishes.ret.empty() && wishes.ret != "FULL" && wishes.ret != "HDRS") return fmt::format("--dsn-ret {}: give full or hdrs", line.text("dsn-ret"));
  wishes.envid = line.text("dsn-envid");
  wishes.notify = text::upper(line.text("dsn-notify"));
  if (wishes.notify.empty() || wishes.notify == "NEVER") return {};
  for (const std::string_view word : text::split(wishes.notify, ','))
    if (word != "SUCCESS" && word != "FAILURE" && word != "DELAY") return fmt::format("--dsn-notify {}: give never, or some of success,failure,delay", line.text("dsn-notify"));
  return {};
}

}  // namespace mailmedic::cli
