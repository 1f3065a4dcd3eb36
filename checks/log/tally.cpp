#include "checks/log/tally.hpp"

#include <algorithm>

#include "checks/log/cause.hpp"
#include "lib/maillog/scan.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::log {

using maillog::Kind;

namespace {

constexpr std::size_t most_names = 100'000, most_groups = 5'000, most_among = 50'000, most_texts = 65'536, most_addresses = 500'000, most_sample = 500;

bool is_failure(Kind kind) { return kind == Kind::deferred || kind == Kind::bounced || kind == Kind::rejected; }

/// In lower case in `room`, cut to it; no host name is longer.
template <std::size_t size>
std::string_view lower_into(std::string_view text, char (&room)[size]) {
  const std::size_t length = std::min(text.size(), size);
  for (std::size_t i = 0; i < length; ++i) room[i] = text::lower(text[i]);
  return {room, length};
}

/// The domain of an address, or the whole text.
std::string_view domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == address.npos ? address : address.substr(at + 1);
}

/// "192.0.2.1" of "client.example.org[192.0.2.1]:25" and of "client [192.0.2.1]".
std::string_view address_in(std::string_view host) {
  const std::string_view inside = maillog::between(host, "[", "]");
  return inside.empty() ? host : inside;
}

}  // namespace

void Counts::add(const Counts& others) {
  for (std::size_t i = 0; i < of.size(); ++i) of[i] += others.of[i];
}

std::uint64_t Counts::failures() const { return (*this)[Kind::deferred] + (*this)[Kind::bounced] + (*this)[Kind::rejected]; }

Counts& Table::of(std::string_view name) {
  const std::uint32_t id = names_.id_of(name);
  if (id >= counts_.size()) counts_.resize(id + 1);
  return counts_[id];
}

void Table::add(const Table& others) {
  for (std::size_t i = 0; i < others.counts_.size(); ++i) of(others.name(i)).add(others.counts_[i]);
}

Tally::Tally(bool addresses) : receivers(most_names), sources(most_names), clients(most_names), addresses_(addresses), few_left_(most_among) {}

void Tally::saw(maillog::Seconds from, maillog::Seconds to) {
  first = first ? std::min(*first, from) : from;
  last = last ? std::max(*last, to) : to;
}

std::optional<std::uint32_t> Tally::add(const maillog::Event& event, maillog::Seconds time) {
  totals[event.kind] += event.recipients;
  bins[static_cast<std::size_t>(event.kind)].add(time, event.recipients);
  char room[256];
  if (event.kind == Kind::delivered || event.kind == Kind::deferred || event.kind == Kind::bounced) {
    if (!event.recipient.empty()) receivers.of(lower_into(domain_of(event.recipient), room))[event.kind] += event.recipients;
    if (!event.source.empty()) sources.of(event.source.substr(0, 64))[event.kind] += event.recipients;
  } else if (event.kind == Kind::rejected && !event.relay.empty()) {
    clients.of(lower_into(address_in(event.relay), room))[event.kind] += event.recipients;
  }
  if (!is_failure(event.kind)) return std::nullopt;
  const std::uint32_t number = group_of(event, time);
  Group& group = groups[number];
  // The text that stands for a group is the least one of its first second, in whatever order threads meet them.
  if (const std::string_view words = event.text.substr(0, most_sample); time < group.first || (time == group.first && words < group.sample)) group.sample = words;
  group.count += event.recipients;
  group.first = std::min(group.first, time);
  group.last = std::max(group.last, time);
  group.bins.add(time, event.recipients);
  if (!event.recipient.empty()) count_among(group.receivers, lower_into(domain_of(event.recipient), room), event.recipients);
  if (addresses_ && event.kind == Kind::bounced && is_hard(group.cause_class) && !event.recipient.empty())
    keep_address(event.recipient, {event.recipients, time, time, number});
  return number;
}

void Tally::add_sender(std::uint32_t group, std::string_view sender, std::uint64_t count) { count_among(groups[group].senders, sender.empty() ? "<>" : sender, count); }

std::uint32_t Tally::group_of(const maillog::Event& event, maillog::Seconds time) {
  // Many failures say the very same; only the first of them is looked at closely.
  const std::uint64_t hash = std::hash<std::string_view>()(event.text) ^ std::hash<std::string_view>()(event.status) * 31 ^ static_cast<std::uint64_t>(event.kind);
  if (const auto found = by_text_.find(hash); found != by_text_.end()) return found->second;
  const std::string words = normalised(event.text);
  const std::uint32_t number = group_at(event.kind, event.status, words);
  Group& group = groups[number];
  if (group.count == 0) {
    group.sample = event.text.substr(0, most_sample);
    group.reply_code = maillog::reply_code_in(event.text);
    group.cause_class = class_of({event.kind, event.status, event.text});
    group.first = group.last = time;
  }
  if (by_text_.size() < most_texts) by_text_.emplace(hash, number);
  return number;
}

std::uint32_t Tally::group_at(Kind kind, std::string_view status, std::string_view words) {
  std::string key(1, static_cast<char>(kind));
  if (groups.size() >= most_groups) {
    words = "(other texts)";
    status = {};
  }
  key += status.substr(0, 12);
  key += '\n';
  key += words;
  const auto found = by_words_.find(key);
  if (found != by_words_.end()) return found->second;
  Group group{.kind = kind};
  group.status = status.substr(0, 12);
  group.text = words;
  groups.push_back(std::move(group));
  const auto number = static_cast<std::uint32_t>(groups.size() - 1);
  by_words_.emplace(std::move(key), number);
  return number;
}

void Tally::count_among(Few& few, std::string_view name, std::uint64_t count) {
  const std::string key(name.substr(0, 256));
  const auto found = few.find(key);
  if (found != few.end()) {
    found->second += count;
  } else if (few_left_ > 0) {
    --few_left_;
    few.emplace(key, count);
  } else {
    few["(others)"] += count;
  }
}

void Tally::keep_address(std::string_view address, const HardBounce& bounce) {
  std::string key(address.substr(0, 320));
  // The local part keeps its case (RFC 5321 section 2.4), the domain has none.
  for (std::size_t i = key.rfind('@') == key.npos ? key.size() : key.rfind('@'); i < key.size(); ++i) key[i] = text::lower(key[i]);
  if (hard.size() >= most_addresses && !hard.contains(key)) {
    ++hard_left_out;
    return;
  }
  const auto [at, is_new] = hard.emplace(std::move(key), bounce);
  if (is_new) return;
  HardBounce& known = at->second;
  known.count += bounce.count;
  if (bounce.last >= known.last) known.group = bounce.group;
  known.first = std::min(known.first, bounce.first);
  known.last = std::max(known.last, bounce.last);
}

void Tally::add(const Tally& others) {
  totals.add(others.totals);
  if (others.first) saw(*others.first, *others.last);
  for (std::size_t i = 0; i < bins.size(); ++i) bins[i].add(others.bins[i]);
  receivers.add(others.receivers);
  sources.add(others.sources);
  clients.add(others.clients);
  std::vector<std::uint32_t> numbers;
  for (const Group& other : others.groups) {
    const std::uint32_t number = group_at(other.kind, other.status, other.text);
    numbers.push_back(number);
    Group& group = groups[number];
    // The text that stands for the group is its first, whichever thread met it.
    const bool older = group.count == 0 || other.first < group.first || (other.first == group.first && other.sample < group.sample);
    if (older) group.sample = other.sample, group.reply_code = other.reply_code, group.cause_class = other.cause_class;
    group.first = group.count == 0 ? other.first : std::min(group.first, other.first);
    group.last = std::max(group.last, other.last);
    group.count += other.count;
    group.bins.add(other.bins);
    for (const auto& [name, count] : other.receivers) count_among(group.receivers, name, count);
    for (const auto& [name, count] : other.senders) count_among(group.senders, name, count);
  }
  hard_left_out += others.hard_left_out;
  for (const auto& [address, bounce] : others.hard) {
    HardBounce renumbered = bounce;
    renumbered.group = numbers[bounce.group];
    keep_address(address, renumbered);
  }
}

}  // namespace mailmedic::log
