#include "lib/dns/stub_resolver.hpp"

#include <fmt/format.h>
#include <stdlib.h>  // arc4random

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <fstream>

#include "lib/dns/pending_question.hpp"
#include "lib/dns/send_window.hpp"
#include "lib/dns/tcp_question.hpp"
#include "lib/dns/udp_channel.hpp"
#include "lib/dns/wire.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dns {

namespace {
using Clock = std::chrono::steady_clock;

constexpr int max_tries = 3;
constexpr std::size_t channels_before_reuse = 8;  // the first questions each get a port of their own
constexpr std::size_t questions_a_channel = 64;   // open at once: their answers fit the socket's buffer
constexpr std::size_t max_channels = 64;          // for one server
constexpr std::size_t uses_a_channel = 4000;      // then its port is given back

/// A message may be lost where nobody is slow. So the first try is sent again after this, as it is: a server that still
/// works on it does nothing for it.
constexpr std::chrono::milliseconds repeat_after(250);

/// The share of the time limit that each try gets: later ones wait longer.
constexpr double share_of_try[max_tries] = {1.0 / 6, 1.0 / 3, 1.0 / 2};
}  // namespace

class StubResolver::Session : public UdpChannel::Listener, public std::enable_shared_from_this<Session> {
 public:
  Session(asio::any_io_executor executor, StubOptions options)
      : executor_(std::move(executor)), options_(std::move(options)), timer_(executor_) {
    for (std::size_t i = 0; i < options_.servers.size(); ++i) servers_.push_back({.channels = {}, .window = SendWindow(options_.sharers), .waiting = {}});
  }

  void ask(Question question, Completion completion) {
    Questions made(1);
    made.front().question = std::move(question);
    made.front().completion = std::move(completion);
    made.front().place = &made;
    made.front().self = made.begin();
    next_try(made.front());
  }

  void stop() {
    timer_.cancel();
    for (Server& server : servers_)
      for (const auto& channel : server.channels) channel->close();
  }

  void on_message(UdpChannel& channel, std::string_view message) override {
    if (message.size() < 2) return;
    const auto alive = shared_from_this();  // whoever is resumed may destroy the resolver
    const auto id = static_cast<std::uint16_t>(static_cast<unsigned char>(message[0]) << 8 | static_cast<unsigned char>(message[1]));
    const auto found = channel.open_questions.find(id);
    if (found == channel.open_questions.end()) return;
    PendingQuestion& pending = *found->second;
    Decoded decoded = decode_answer(message, pending.question, id);
    if (!decoded.ours) return;
    if (options_.with_proof) decoded.answer.message = message;
    SendWindow& window = servers_[pending.server].window;
    if (pending.is_repeated) window.on_dropped();  // the answer to which of the two?
    else window.on_answer(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - pending.sent));
    leave_channel(pending);
    if (decoded.truncated)
      ask_over_tcp(pending);
    else
      judge(pending, std::move(decoded.answer));
    send_waiting();
  }

  /// The delay of an answer counts from here: a busy thread may send long after it was asked to.
  void on_sent(UdpChannel& channel, const std::vector<std::uint16_t>& ids) override {
    const auto now = Clock::now();
    for (const std::uint16_t id : ids)
      if (const auto found = channel.open_questions.find(id); found != channel.open_questions.end() && !found->second->is_repeated) found->second->sent = now;
  }

  void on_failure(UdpChannel& channel, const std::string& why) override {
    std::vector<PendingQuestion*> failed;
    for (const auto& [id, pending] : channel.open_questions) failed.push_back(pending);
    for (PendingQuestion* pending : failed) {
      servers_[pending->server].window.on_dropped();
      leave_channel(*pending);
      note(*pending, why);
      next_try(*pending);
    }
    send_waiting();
  }

  std::size_t messages_sent() const { return messages_sent_; }
  std::size_t repeats() const { return repeats_; }
  std::size_t definite_answers() const { return definite_answers_; }

 private:
  struct Server {
    std::vector<std::shared_ptr<UdpChannel>> channels;
    SendWindow window;
    Questions waiting;  ///< for room in the window
  };

  static void move_to(Questions& list, PendingQuestion& pending) {
    list.splice(list.end(), *pending.place, pending.self);
    pending.place = &list;
  }

  /// What happened at a try; the same again is not said again.
  void note(PendingQuestion& pending, std::string_view what) {
    const std::string text = fmt::format("{}: {}", options_.servers[pending.server].text(), what);
    if (pending.why.ends_with(text)) return;
    if (!pending.why.empty()) pending.why += "; ";
    pending.why += text;
  }

  void next_try(PendingQuestion& pending) {
    if (pending.tries == max_tries) return give_up(pending);
    pending.server = static_cast<std::size_t>(pending.tries) % servers_.size();
    ++pending.tries;
    Server& server = servers_[pending.server];
    if (server.waiting.empty() && server.window.has_room()) return send(pending);
    move_to(server.waiting, pending);
  }

  void send_waiting() {
    for (Server& server : servers_)
      while (!server.waiting.empty() && server.window.has_room()) send(server.waiting.front());
  }

  void send(PendingQuestion& pending) {
    Server& server = servers_[pending.server];
    std::string why;
    UdpChannel* channel = choose_channel(pending.server, why);
    if (!channel) {
      note(pending, why);
      return next_try(pending);
    }
    do pending.id = static_cast<std::uint16_t>(arc4random());
    while (channel->open_questions.contains(pending.id));
    pending.channel = channel;
    channel->open_questions.emplace(pending.id, &pending);
    ++channel->uses;
    pending.sent = Clock::now();
    pending.expires = pending.sent + std::chrono::duration_cast<Clock::duration>(options_.timeout * share_of_try[pending.tries - 1]);
    const bool may_be_repeated = pending.tries == 1 && pending.sent + 2 * repeat_after < pending.expires;
    pending.is_repeated = false;
    move_to(may_be_repeated ? fresh_ : on_the_way_[pending.tries - 1], pending);
    server.window.on_sent();
    ++messages_sent_;
    channel->send(pending.id, encode_query(pending.question, pending.id, options_.with_proof));
    watch_the_clock();
  }

  /// A new socket while there are few or all are full, else one at random.
  UdpChannel* choose_channel(std::size_t index, std::string& why) {
    auto& channels = servers_[index].channels;
    std::erase_if(channels, [](const auto& channel) {
      const bool spent = channel->uses >= uses_a_channel && channel->open_questions.empty();
      if (spent) channel->close();
      return spent;
    });
    if (channels.size() >= channels_before_reuse) {
      const std::size_t start = arc4random_uniform(static_cast<std::uint32_t>(channels.size()));
      for (std::size_t i = 0; i < channels.size(); ++i) {
        UdpChannel& channel = *channels[(start + i) % channels.size()];
        if (channel.uses < uses_a_channel && channel.open_questions.size() < questions_a_channel) return &channel;
      }
      if (channels.size() >= max_channels) return channels[start].get();
    }
    auto channel = std::make_shared<UdpChannel>(executor_, options_.servers[index], *this);
    if (auto failed = channel->open(options_.bind)) {
      why = *failed;
      return nullptr;
    }
    channels.push_back(std::move(channel));
    return channels.back().get();
  }

  void leave_channel(PendingQuestion& pending) {
    if (pending.channel) pending.channel->open_questions.erase(pending.id);
    pending.channel = nullptr;
  }

  void ask_over_tcp(PendingQuestion& pending) {
    move_to(over_tcp_, pending);
    ++messages_sent_;
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(options_.timeout / 2);
    auto asked = ask_tcp(executor_, options_.servers[pending.server], options_.bind, pending.question, options_.with_proof, limit);
    auto done = [self = weak_from_this(), &pending](std::exception_ptr thrown, Answer answer) {
      if (thrown) std::rethrow_exception(thrown);
      if (const auto session = self.lock()) session->judge(pending, std::move(answer));
    };
    asio::co_spawn(executor_, std::move(asked), std::move(done));
  }

  /// The end, if the answer is definite; else the next server.
  void judge(PendingQuestion& pending, Answer answer) {
    answer.server = options_.servers[pending.server].text();
    if (answer.is_definite()) return finish(pending, std::move(answer));
    note(pending, answer.why);
    pending.failure = std::move(answer);
    // The same server would say the same again at once: only another one is worth a try.
    if (static_cast<std::size_t>(pending.tries) >= servers_.size()) return give_up(pending);
    next_try(pending);
  }

  /// Resumes the asker in a turn of its own, as this may happen while it still asks.
  void give_up(PendingQuestion& pending) {
    Answer answer = pending.failure ? std::move(*pending.failure) : Answer{};
    answer.why = std::move(pending.why);
    auto completion = std::make_shared<Completion>(std::move(pending.completion));
    pending.place->erase(pending.self);
    asio::post(executor_, [completion, answer = std::move(answer)]() mutable { (*completion)(std::move(answer)); });
  }

  void finish(PendingQuestion& pending, Answer answer) {
    ++definite_answers_;
    Completion completion = std::move(pending.completion);
    pending.place->erase(pending.self);
    completion(std::move(answer));
  }

  void watch_the_clock() {
    if (watching_) return;
    auto next = fresh_.empty() ? Clock::time_point::max() : fresh_.front().sent + repeat_after;
    for (const Questions& questions : on_the_way_)
      if (!questions.empty()) next = std::min(next, questions.front().expires);
    if (next == Clock::time_point::max()) return;
    watching_ = true;
    timer_.expires_at(next);
    timer_.async_wait([self = weak_from_this()](boost::system::error_code cancelled) {
      const auto session = self.lock();
      if (cancelled || !session) return;
      session->watching_ = false;
      session->expire();
      session->watch_the_clock();
    });
  }

  void repeat(PendingQuestion& pending) {
    pending.is_repeated = true;
    move_to(on_the_way_[0], pending);
    ++repeats_;
    pending.channel->send(pending.id, encode_query(pending.question, pending.id, options_.with_proof));
  }

  /// Each list is in the order of expiry, as all its questions got the same time.
  void expire() {
    const auto now = Clock::now();
    while (!fresh_.empty() && fresh_.front().sent + repeat_after <= now) repeat(fresh_.front());
    for (Questions& questions : on_the_way_) {
      while (!questions.empty() && questions.front().expires <= now) {
        PendingQuestion& pending = questions.front();
        servers_[pending.server].window.on_lost();
        leave_channel(pending);
        note(pending, fmt::format("no answer in {:.1f} s", std::chrono::duration<double>(now - pending.sent).count()));
        next_try(pending);
      }
    }
    send_waiting();
  }

  asio::any_io_executor executor_;
  StubOptions options_;
  std::vector<Server> servers_;
  Questions fresh_;                              ///< in their first try, sent once
  std::array<Questions, max_tries> on_the_way_;  ///< by try
  Questions over_tcp_;
  asio::steady_timer timer_;
  bool watching_ = false;
  std::size_t messages_sent_ = 0, repeats_ = 0, definite_answers_ = 0;
};

StubResolver::StubResolver(asio::any_io_executor executor, StubOptions options)
    : session_(std::make_shared<Session>(std::move(executor), std::move(options))) {}

StubResolver::~StubResolver() { session_->stop(); }

std::size_t StubResolver::messages_sent() const { return session_->messages_sent(); }

std::size_t StubResolver::repeats() const { return session_->repeats(); }

std::size_t StubResolver::definite_answers() const { return session_->definite_answers(); }

asio::awaitable<Answer> StubResolver::query(Name name, Type type) {
  // Not the shared pointer: this lies in the frame of the asker, which the session keeps until the answer comes.
  auto start = [session = session_.get(), question = Question{std::move(name), type}](Completion completion) mutable {
    session->ask(std::move(question), std::move(completion));
  };
  co_return co_await wait_for_answer(std::move(start));
}

text::Parsed<std::vector<net::Endpoint>> read_resolv_conf(const std::string& path) {
  std::ifstream file(path);
  if (!file) return text::ParseError{0, fmt::format("cannot read {}: {}", path, std::strerror(errno))};
  std::vector<net::Endpoint> servers;
  std::string line;
  while (std::getline(file, line)) {
    const auto words = text::words(line);
    if (words.size() < 2 || words[0] != "nameserver") continue;
    if (const auto server = net::parse_endpoint(words[1], 53); server && servers.size() < 3) servers.push_back(*server);
  }
  if (servers.empty()) return text::ParseError{0, fmt::format("{} names no server (a line \"nameserver ADDR\")", path)};
  return servers;
}

}  // namespace mailmedic::dns
