#include "tools/message/engines.hpp"

#include "checks/spam/judge.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::cli {

namespace {
using Kind = spam::Engine::Kind;

/// "ADDR[:PORT]" or "unix:/PATH"; for rspamd "http://" may stand in front, and "/" behind.
std::optional<spam::Engine> engine_of(Kind kind, std::string_view text) {
  spam::Engine out{.kind = kind};
  if (text.starts_with("unix:/")) {
    out.socket_path = text.substr(5);
    return out;
  }
  if (kind == Kind::rspamd && text.starts_with("http://")) {
    text.remove_prefix(7);
    if (text.ends_with('/')) text.remove_suffix(1);
  }
  const auto endpoint = net::parse_endpoint(text, kind == Kind::spamd ? 783 : 11333);
  if (!endpoint) return std::nullopt;
  out.endpoint = *endpoint;
  return out;
}

constexpr auto patience = std::chrono::seconds(60);  // both ask block lists of their own

asio::awaitable<CheckReport> judged(spam::Engine engine, std::string message, spam::Circumstances circumstances) {
  CheckReport out;
  const auto verdict = co_await spam::ask(engine, std::move(message), std::move(circumstances), patience);
  spam::judge(engine, verdict, out);
  co_return out;
}
}  // namespace

void add_engine_options(CommandLine& line) {
  // clang-format off
  line.options().add_options()
      ("spamd", po::value<std::string>()->value_name("ADDR[:PORT]"), "ask this SpamAssassin (spamd) for its score; unix:/PATH for a socket")
      ("rspamd", po::value<std::string>()->value_name("ADDR[:PORT]"), "ask this rspamd (its normal worker) for its score; unix:/PATH for a socket");
  // clang-format on
}

text::Parsed<std::vector<spam::Engine>> read_engines(const CommandLine& line) {
  std::vector<spam::Engine> out;
  for (const auto& [option, kind] : {std::pair("spamd", Kind::spamd), std::pair("rspamd", Kind::rspamd)}) {
    if (!line.has(option)) continue;
    const auto engine = engine_of(kind, line.text(option));
    if (!engine) return text::ParseError{0, std::string("--") + option + " " + line.text(option) + ": give ADDR, ADDR:PORT or unix:/PATH"};
    out.push_back(*engine);
  }
  return out;
}

asio::awaitable<CheckReport> ask_engines(std::vector<spam::Engine> engines, std::string message, spam::Circumstances circumstances) {
  std::vector<asio::awaitable<CheckReport>> tasks;
  for (const spam::Engine& engine : engines) tasks.push_back(judged(engine, message, circumstances));
  std::vector<CheckReport> reports = co_await net::in_parallel(std::move(tasks));
  CheckReport out{.check = "spam"};
  for (CheckReport& one : reports) {
    for (Finding& finding : one.findings) out.findings.push_back(std::move(finding));
    for (Finding& unknown : one.unknowns) out.could_not_tell(std::move(unknown));
    for (auto& [name, facts] : one.facts) out.facts[name] = facts;
  }
  co_return out;
}

}  // namespace mailmedic::cli
