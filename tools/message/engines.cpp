#include "tools/message/engines.hpp"

#include "checks/spam/judge.hpp"
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>

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

using Answer = std::optional<text::Parsed<spam::Verdict>>;

constexpr auto patience = std::chrono::seconds(60);  // both ask block lists of their own

asio::awaitable<Answer> answer_of(spam::Engine engine, std::string message, spam::Circumstances circumstances) {
  co_return co_await spam::ask(std::move(engine), std::move(message), std::move(circumstances), patience);
}

constexpr std::size_t questions_at_once = 4;  // spamd has five children where nobody said otherwise

asio::awaitable<void> blame(const spam::Engine& engine, const std::vector<spam::Reduced>& reductions, const spam::Circumstances& circumstances, CheckReport& out) {
  std::vector<spam::Tried> tried;
  for (std::size_t begin = 0; begin < reductions.size(); begin += questions_at_once) {
    std::vector<asio::awaitable<Answer>> tasks;
    const std::size_t end = std::min(begin + questions_at_once, reductions.size());
    for (std::size_t i = begin; i < end; ++i) tasks.push_back(answer_of(engine, reductions[i].text, circumstances));
    std::vector<Answer> answers = co_await net::in_parallel(std::move(tasks));
    for (std::size_t i = begin; i < end; ++i) tried.push_back({reductions[i].without, std::move(*answers[i - begin])});
  }
  spam::judge_parts(engine, tried, out);
}

asio::awaitable<CheckReport> judged(spam::Engine engine, std::string message, spam::Circumstances circumstances, std::vector<spam::Reduced> reductions) {
  CheckReport out;
  const auto verdict = co_await spam::ask(engine, std::move(message), circumstances, patience);
  spam::judge(engine, verdict, out);
  if (verdict) co_await blame(engine, reductions, circumstances, out);
  co_return out;
}
}  // namespace

void add_engine_options(CommandLine& line) {
  // clang-format off
  line.options().add_options()
      ("spamd", po::value<std::string>()->value_name("ADDR[:PORT]"), "ask this SpamAssassin (spamd) for its score; unix:/PATH for a socket")
      ("rspamd", po::value<std::string>()->value_name("ADDR[:PORT]"), "ask this rspamd (its normal worker) for its score; unix:/PATH for a socket")
      ("engines", po::bool_switch(), "ask those that listen on this machine: spamd on port 783, rspamd on 11333")
      ("blame", po::bool_switch(), "let the engines score the message without each of its parts: which one costs what");
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

asio::awaitable<std::vector<spam::Engine>> engines_of_this_machine() {
  std::vector<spam::Engine> out;
  static constexpr std::pair<Kind, std::uint16_t> usual[] = {{Kind::spamd, 783}, {Kind::rspamd, 11333}};
  for (const auto& [kind, port] : usual) {
    spam::Engine engine{.kind = kind, .endpoint = {asio::ip::address_v4::loopback(), port}};
    // On loopback the system answers at once.
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    boost::system::error_code failed;
    const asio::ip::tcp::endpoint at(engine.endpoint.address, port);
    socket.connect(at, failed);
    if (!failed) out.push_back(std::move(engine));
  }
  co_return out;
}

asio::awaitable<CheckReport> ask_engines(std::vector<spam::Engine> engines, std::string message, spam::Circumstances circumstances, std::vector<spam::Reduced> reductions) {
  std::vector<asio::awaitable<CheckReport>> tasks;
  for (const spam::Engine& engine : engines) tasks.push_back(judged(engine, message, circumstances, reductions));
  std::vector<CheckReport> reports = co_await net::in_parallel(std::move(tasks));
  CheckReport out{.check = "spam"};
  if (engines.empty()) spam::judge_absence(out);
  for (CheckReport& one : reports) {
    for (Finding& finding : one.findings) out.findings.push_back(std::move(finding));
    for (Finding& unknown : one.unknowns) out.could_not_tell(std::move(unknown));
    for (auto& [name, facts] : one.facts) out.facts[name] = facts;
  }
  co_return out;
}

}  // namespace mailmedic::cli
