#include "checks/log/gather.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "lib/text/ascii.hpp"

namespace mailmedic::log {

using maillog::Event;
using maillog::Kind;
using maillog::Seconds;

namespace {

constexpr std::size_t most_names = 100'000, most_open = 400'000, most_deferred = 3'000'000;
/// Postfix and Sendmail give up after five days, Exim after four: an id that was silent longer is another message's.
constexpr Seconds longest_in_queue = 6 * 86'400;

using Id = std::uint64_t;
Id id_of(std::string_view queue_id) { return std::hash<std::string_view>()(queue_id); }

std::string lower_domain(std::string_view sender) {
  std::string out(sender.substr(0, 320));
  for (std::size_t i = out.rfind('@') == out.npos ? out.size() : out.rfind('@'); i < out.size(); ++i) out[i] = text::lower(out[i]);
  return out;
}

/// What one block tells of a queue id whose sender stands in it.
struct Opened {
  std::string_view sender{};
  Counts counts{};
  Seconds last = 0;
  bool removed = false;
};

struct Failed {
  Id id = 0;
  std::uint32_t group = 0, count = 0;
  std::optional<std::string_view> sender{};  ///< if it stands in the same block
};

/// An event of a message whose sender stands in an earlier block.
struct Loose {
  Id id = 0;
  Kind kind = Kind::none;
  std::uint32_t count = 0;
};

/// Findings of one block that need the blocks in front of it.
struct Ends {
  boost::unordered_flat_map<Id, Opened> opened;
  std::vector<Failed> failed;
  std::vector<Loose> loose;
  std::vector<std::pair<Id, Seconds>> deferred;
  void clear() {
    opened.clear(), failed.clear(), loose.clear(), deferred.clear();
  }
};

/// A message in the queue.
struct Waiting {
  std::string sender;
  Seconds last = 0;
};

/// One thread's part: blocks in, counts out.
class Worker {
 public:
  explicit Worker(const Wanted& wanted) : wanted_(wanted), tally(wanted.addresses) {}

  void read(std::string_view text, maillog::LineReader& reader) {
    Seconds first = std::numeric_limits<Seconds>::max(), last = std::numeric_limits<Seconds>::min();
    while (!text.empty()) {
      const void* found = std::memchr(text.data(), '\n', text.size());
      const std::size_t size = found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : text.size();
      read_line(text.substr(0, size), reader, first, last);
      text.remove_prefix(size < text.size() ? size + 1 : size);
    }
    if (first <= last) tally.saw(first, last);
  }

  Ends ends;
  Lines lines;
  const Wanted& wanted_;
  Tally tally;

 private:
  void read_line(std::string_view text, maillog::LineReader& reader, Seconds& first, Seconds& last) {
    if (text.empty()) return;
    ++lines.all;
    if (text.size() > maillog::max_line_bytes) {
      ++lines.too_long;
      return;
    }
    maillog::Line line;
    if (!reader.read(text, line)) {
      ++(std::memchr(text.data(), 0, text.size()) ? lines.binary : lines.undated);
      return;
    }
    const maillog::Server server = maillog::server_of(line);
    if (server == maillog::Server::none) {
      ++lines.other_programs;
      return;
    }
    ++lines.of_server[static_cast<std::size_t>(server)];
    const Event event = maillog::read_event(line, server);
    const bool outside = line.time < wanted_.since || line.time >= wanted_.until;
    if (outside) ++lines.outside;
    else first = std::min(first, line.time), last = std::max(last, line.time);
    if (event.kind == Kind::none) return;
    take(event, line, server, outside);
  }

  void take(const Event& event, const maillog::Line& line, maillog::Server server, bool outside) {
    // OpenSMTPD's id of an envelope begins with that of its message.
    const std::string_view queue_id = server == maillog::Server::opensmtpd ? event.queue_id.substr(0, 8) : event.queue_id;
    const Id id = queue_id.empty() ? 0 : id_of(queue_id);
    if (event.kind == Kind::removed) {
      ends.opened[id].removed = true;  // also when it was opened in an earlier block
      return;
    }
    if ((event.kind == Kind::sender || event.kind == Kind::accepted) && event.has_sender && id != 0) {
      Opened& opened = ends.opened[id];
      opened.sender = event.sender;
      opened.last = line.time;
      opened.removed = false;
    }
    if (event.kind == Kind::sender || outside) return;
    const auto group = tally.add(event, line.time);
    if (event.kind == Kind::accepted || event.kind == Kind::expired) return;
    if (event.kind == Kind::deferred) ends.deferred.push_back({id, line.time});
    if (event.kind == Kind::rejected) {
      if (event.has_sender) tally.add_sender(*group, lower_domain(event.sender), event.recipients);
      return;
    }
    count_for_sender(event, id, line.time, group);
  }

  void count_for_sender(const Event& event, Id id, Seconds time, std::optional<std::uint32_t> group) {
    const auto known = ends.opened.find(id);
    std::optional<std::string_view> sender;
    if (known != ends.opened.end() && !known->second.removed) {
      known->second.counts[event.kind] += event.recipients;
      known->second.last = time;
      sender = known->second.sender;
    } else if (event.has_sender) {
      Opened& opened = ends.opened[id];
      opened.sender = event.sender;
      opened.removed = false;
      opened.counts[event.kind] += event.recipients;
      opened.last = time;
      sender = event.sender;
    } else if (known == ends.opened.end()) {
      ends.loose.push_back({id, event.kind, event.recipients});
    } else {
      return;  // the message is gone: whatever this is, it is another one with the same id
    }
    if (group) ends.failed.push_back({id, *group, event.recipients, sender});
  }
};

}  // namespace

void Lines::add(const Lines& others) {
  all += others.all;
  undated += others.undated;
  binary += others.binary;
  too_long += others.too_long;
  other_programs += others.other_programs;
  outside += others.outside;
  for (std::size_t i = 0; i < of_server.size(); ++i) of_server[i] += others.of_server[i];
}

struct Gatherer::Shared {
  explicit Shared(const Wanted& wanted) : tally(wanted.addresses), senders(most_names) {}

  /// Takes over a block's ends. Blocks come in order.
  void commit(Worker& worker) {
    Ends& ends = worker.ends;
    Seconds newest = 0;
    for (const auto& [id, when] : ends.deferred) note_deferred(id, when), newest = std::max(newest, when);
    for (const Failed& failed : ends.failed) {
      if (failed.sender) worker.tally.add_sender(failed.group, lower_domain(*failed.sender), failed.count);
      else if (const auto before = waiting.find(failed.id); before != waiting.end()) worker.tally.add_sender(failed.group, before->second.sender, failed.count);
    }
    for (const Loose& loose : ends.loose)
      if (const auto before = waiting.find(loose.id); before != waiting.end()) sender_counts(before->second.sender)[loose.kind] += loose.count;
    for (const auto& [id, opened] : ends.opened) {
      std::string sender = lower_domain(opened.sender);
      sender_counts(sender).add(opened.counts);
      newest = std::max(newest, opened.last);
      if (opened.removed) waiting.erase(id);
      else waiting.insert_or_assign(id, Waiting{std::move(sender), opened.last});
    }
    if (waiting.size() > most_open) forget(newest);
    ends.clear();
  }

  Counts& sender_counts(const std::string& sender) { return senders.of(sender.empty() ? std::string_view("<>") : sender); }

  void note_deferred(Id id, Seconds when) {
    const auto [at, is_new] = deferred.insert_or_assign(id, when);
    if (is_new || id == 0) ++deferred_messages;
    if (deferred.size() > most_deferred) erase_if(deferred, [&](const auto& one) { return one.second < when - longest_in_queue; });
    if (deferred.size() > most_deferred) deferred.clear();
  }

  /// The queue ids that were silent too long; all of them when that is not enough.
  void forget(Seconds newest) {
    erase_if(waiting, [&](const auto& one) { return one.second.last < newest - longest_in_queue; });
    if (waiting.size() > most_open) waiting.clear();
  }

  void work(maillog::Blocks& blocks, const Wanted& wanted, std::size_t& turn) {
    Worker worker(wanted);
    std::vector<char> room;
    maillog::Block block;
    std::optional<std::size_t> file;
    std::optional<maillog::LineReader> reader;
    while (blocks.next(room, block)) {
      if (file != block.file) file = block.file, reader.emplace(blocks.newest_of(block.file));
      worker.read(block.text, *reader);
      std::unique_lock lock(in_turn);
      turn_came.wait(lock, [&] { return turn == block.number; });
      commit(worker);
      ++turn;
      turn_came.notify_all();
    }
    const std::lock_guard lock(in_turn);
    tally.add(worker.tally);
    lines.add(worker.lines);
  }

  std::mutex in_turn;
  std::condition_variable turn_came;
  Tally tally;
  Table senders;
  Lines lines;
  std::vector<maillog::FileAccount> files;
  boost::unordered_flat_map<Id, Waiting> waiting;
  boost::unordered_flat_map<Id, Seconds> deferred;
  std::uint64_t deferred_messages = 0;
};

Gatherer::Gatherer(Wanted wanted) : wanted_(wanted), shared_(std::make_unique<Shared>(wanted)) {}
Gatherer::~Gatherer() = default;

void Gatherer::read(const std::vector<std::string>& files) {
  maillog::Blocks blocks(files, wanted_.block_bytes);
  std::size_t turn = 0;
  const unsigned threads = std::max(1u, wanted_.threads ? wanted_.threads : std::min(8u, std::thread::hardware_concurrency()));
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back([&] { shared_->work(blocks, wanted_, turn); });
    shared_->work(blocks, wanted_, turn);
  }
  for (const maillog::FileAccount& account : blocks.accounts()) {
    shared_->lines.too_long += account.long_lines;
    shared_->lines.all += account.long_lines;
    shared_->files.push_back(account);
  }
}

void Gatherer::read_more(std::string_view text) {
  Worker worker(wanted_);
  maillog::LineReader reader(std::chrono::system_clock::now());
  worker.read(text, reader);
  shared_->commit(worker);
  shared_->tally.add(worker.tally);
  shared_->lines.add(worker.lines);
}

Gathered Gatherer::result() const {
  Gathered out{.tally = Tally(wanted_.addresses), .senders = Table(most_names)};
  out.tally.add(shared_->tally);
  out.senders.add(shared_->senders);
  out.deferred_messages = shared_->deferred_messages;
  out.lines = shared_->lines;
  out.files = shared_->files;
  return out;
}

}  // namespace mailmedic::log
