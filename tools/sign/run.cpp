#include "tools/sign/run.hpp"

#include <algorithm>
#include <iostream>
#include <thread>

#include "lib/message/raw_message.hpp"
#include "lib/text/shown.hpp"
#include "tools/cli/cores.hpp"
#include "tools/cli/stops_at_signals.hpp"
#include "tools/sign/writer.hpp"

namespace mailmedic::cli {

namespace {

/// The message with its signatures, which end their lines as its header does.
text::Parsed<std::string> signed_text(std::string_view text, dkim::Signer& signer) {
  const auto message = message::parse_raw(text);
  if (!message) return message.error();
  auto fields = signer.sign(*message, std::chrono::system_clock::now());
  if (!fields) return fields.error();
  if (message->head.find("\r\n") == message->head.npos) std::erase(*fields, '\r');
  std::string out(message->envelope);
  out.reserve(fields->size() + text.size());
  out.append(*fields).append(text.substr(message->envelope.size()));
  return out;
}

/// One run, shared by its threads.
struct Run {
  const dkim::SigningRules& rules;
  const std::vector<NamedKey>& keys;
  MessageSource& source;
  SignedWriter writer;
  const bool each_alone;  ///< each message has a file of its own
  std::atomic<std::size_t> done{0};
  std::atomic<bool> failed{false};
  std::mutex telling{};
  std::vector<std::jthread> others{};

  void tell(const std::string& wrong) {
    const std::lock_guard lock(telling);
    std::cerr << "mailmedic sign: " << text::shown(wrong, 400) << '\n';
    failed = true;
  }

  void work() {
    auto signer = signer_of(rules, keys);
    if (!signer) return tell(signer.error().why);
    while (auto message = source.next()) {
      if (message->number == 1) start_others();
      std::string wrong = message->why;
      if (wrong.empty()) {
        auto text = signed_text(message->text, **signer);
        if (!text) wrong = text.error().why;
        else if (const std::string trouble = writer.put(*message, std::move(*text)); trouble.empty()) ++done;
        else give_up(trouble);
      }
      if (wrong.empty()) continue;
      tell(message->name + ": " + wrong);
      if (const std::string trouble = writer.skip(message->number); !trouble.empty()) give_up(trouble);
    }
  }

 private:
  /// With the second message: then there are many.
  void start_others() {
    for (std::size_t i = 1; i < usable_cores(); ++i) others.emplace_back([this] { work(); });
  }
  /// A file of a folder fails alone; what cannot be written to a stream, no other can either.
  void give_up(const std::string& trouble) {
    tell(trouble);
    if (!each_alone) source.stop();
  }
};

}  // namespace

int sign_all(const dkim::SigningRules& rules, const std::vector<NamedKey>& keys, MessageSource& source, const SignedOutput& output) {
  Run run{.rules = rules, .keys = keys, .source = source, .writer = SignedWriter(output), .each_alone = output.kind == SignedOutput::Kind::folder};
  if (const std::string wrong = run.writer.open(); !wrong.empty()) {
    run.tell(wrong);
    return usage_error;
  }
  const StopsAtSignals stops(source);
  run.work();
  run.others.clear();
  if (const std::string wrong = run.writer.close(); !wrong.empty()) run.tell(wrong);
  if (StopsAtSignals::stopped()) run.tell("ended before all were signed; " + std::to_string(run.done) + " messages are");
  return run.failed ? usage_error : 0;
}

}  // namespace mailmedic::cli
