#include "checks/blocklist/ask.hpp"

#include <fmt/format.h>

#include "lib/dns/query_all.hpp"
#include "lib/net/parallel.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::blocklist {

std::string_view state_word(State state) {
  switch (state) {
    case State::listed: return "listed";
    case State::clean: return "clean";
    case State::refused: return "refused";
    case State::dead: return "dead";
    case State::rewritten: return "rewritten";
    case State::timeout: return "timeout";
  }
  return "timeout";
}

std::string subject_text(const Subject& subject) {
  if (const auto* address = std::get_if<net::Address>(&subject)) return address->to_string();
  return std::get<dns::Name>(subject).text();
}

namespace {

/// How a list is asked about one kind of subject, with its test entries. RFC 5782 sections 2.1, 2.2, 2.4 and 5.
struct Kind {
  std::string must_be_listed, must_not_be;
};
Kind kind_of(const List& list, const Subject& subject) {
  Kind kind;
  if (const auto* address = std::get_if<net::Address>(&subject)) {
    if (address->is_v4()) kind = {"2.0.0.127", "1.0.0.127"};
    else kind = {net::reversed(boost::asio::ip::make_address("::ffff:127.0.0.2")), net::reversed(boost::asio::ip::make_address("::ffff:127.0.0.1"))};
  } else {
    kind = {"test", "invalid"};
  }
  if (!list.test.empty()) kind.must_be_listed = list.test;
  return kind;
}

bool is_asked_about(const List& list, const Subject& subject) {
  if (!list.closed.empty()) return false;
  if (const auto* address = std::get_if<net::Address>(&subject)) return address->is_v4() ? list.asks_ip4 : list.asks_ip6;
  return list.asks_domain;
}

std::vector<net::Address> addresses(const dns::Answer& answer) { return answer.all<net::Address>(); }

void no_verdict(Result& result, State state, std::string why) {
  result.state = state;
  result.meanings = {std::move(why)};
}

State state_of_failure(const dns::Answer& answer) {
  return answer.status == dns::Status::refused ? State::refused : State::timeout;
}

bool is_listed(const List& list, const dns::Answer& answer) { return read_answer(list, addresses(answer)).kind == Reading::Kind::listed; }

/// Is the list to be believed? If not, the result says why. `negative` is null where it was not asked.
bool is_healthy(const List& list, const dns::Answer& positive, const dns::Answer* negative, Result& result) {
  for (const dns::Answer* answer : {&positive, negative}) {
    if (!answer) continue;
    if (!answer->is_definite()) {
      no_verdict(result, state_of_failure(*answer), fmt::format("the list's test entry: {}", answer->why.empty() ? dns::status_text(answer->status) : answer->why));
      return false;
    }
    // Address lists may answer 127.0.0.1 for themselves; that alone is no refusal of ours.
    const Reading reading = read_answer(list, addresses(*answer));
    if (reading.kind == Reading::Kind::refused || reading.kind == Reading::Kind::rewritten) {
      no_verdict(result, reading.kind == Reading::Kind::refused ? State::refused : State::rewritten, reading.meanings.front());
      return false;
    }
  }
  if (negative && is_listed(list, *negative)) {
    no_verdict(result, State::dead, "it lists the entry that must never be listed: it answers everything");
    return false;
  }
  if (!is_listed(list, positive)) {
    result.missing_zone = positive.status == dns::Status::nx_domain;
    no_verdict(result, State::dead, "its test entry is not listed: it does not work");
    return false;
  }
  return true;
}

void read_subject(const List& list, const dns::Answer& answer, const dns::Answer& reason, Result& result) {
  result.server = answer.server;
  result.ttl = answer.ttl;
  if (!answer.is_definite()) {
    no_verdict(result, state_of_failure(answer), answer.why.empty() ? std::string(dns::status_text(answer.status)) : answer.why);
    return;
  }
  for (const net::Address& address : addresses(answer)) result.codes.push_back(address.to_string());
  std::vector<std::string> words;
  for (const dns::Txt& txt : reason.all<dns::Txt>()) words.push_back(txt.text);
  result.reason = text::joined(words, "; ");
  const Reading reading = read_answer(list, addresses(answer));
  result.meanings = reading.meanings;
  result.policy_only = reading.policy_only;
  switch (reading.kind) {
    case Reading::Kind::listed: result.state = State::listed; break;
    case Reading::Kind::not_listed: result.state = State::clean; break;
    case Reading::Kind::refused: result.state = State::refused; break;
    case Reading::Kind::rewritten: result.state = State::rewritten; break;
  }
}

/// What one result rests on.
struct Grounds {
  dns::Name listed, unlisted;
  dns::Answer positive{}, subject{}, negative{}, reason{};
  bool is_confirmed = false;  ///< `negative` and `reason` were asked
};

/// The results to be found, with what each rests on.
std::vector<Grounds> plan(const std::vector<List>& lists, const std::vector<Subject>& subjects, std::vector<Result>& results) {
  std::vector<Grounds> out;
  for (const List& list : lists) {
    for (const Subject& subject : subjects) {
      if (!is_asked_about(list, subject)) continue;
      const auto* address = std::get_if<net::Address>(&subject);
      const std::string prefix = address ? net::reversed(*address) : std::get<dns::Name>(subject).text();
      const Kind kind = kind_of(list, subject);
      const auto question = list.zone.prefixed(prefix), positive = list.zone.prefixed(kind.must_be_listed),
                 negative = list.zone.prefixed(kind.must_not_be);
      if (!question || !positive || !negative) continue;  // the domain is too long to be on any list
      results.push_back({.list = &list, .subject = subject, .question = *question});
      out.push_back({.listed = *positive, .unlisted = *negative});
    }
  }
  return out;
}

/// What a list says of the subject, and where it names it: whether it names what it must not, and its reason.
asio::awaitable<bool> ask_about_subject(const Result& result, Grounds& grounds, dns::Resolver& dns) {
  grounds.subject = co_await dns.query(result.question, dns::Type::a);
  if (grounds.subject.status != dns::Status::answered) co_return false;
  std::vector<dns::Question> questions;
  questions.push_back({grounds.unlisted, dns::Type::a});
  questions.push_back({result.question, dns::Type::txt});
  std::vector<dns::Answer> answers = co_await dns::query_all(dns, std::move(questions));
  grounds.negative = std::move(answers[0]);
  grounds.reason = std::move(answers[1]);
  grounds.is_confirmed = true;
  co_return true;
}

asio::awaitable<bool> ask_about_list(Grounds& grounds, dns::Resolver& dns) {
  grounds.positive = co_await dns.query(grounds.listed, dns::Type::a);
  co_return true;
}

asio::awaitable<bool> ask_in_turn(const Result& result, Grounds& grounds, dns::Resolver& dns) {
  co_await ask_about_list(grounds, dns);
  if (is_listed(*result.list, grounds.positive)) co_await ask_about_subject(result, grounds, dns);
  co_return true;
}

}  // namespace

void leave_out_other_kinds(std::vector<Result>& results) {
  std::vector<const List*> working;
  for (const Result& result : results)
    if (result.list->kinds_unknown && (result.state == State::listed || result.state == State::clean)) working.push_back(result.list);
  std::erase_if(results, [&](const Result& result) {
    return result.state == State::dead && std::find(working.begin(), working.end(), result.list) != working.end();
  });
}

asio::awaitable<std::vector<Result>> ask(const std::vector<List>& lists, const std::vector<Subject>& subjects, dns::Resolver& dns, bool one_of_many) {
  std::vector<Result> results;
  std::vector<Grounds> grounds = plan(lists, subjects, results);
  std::vector<asio::awaitable<bool>> work;
  work.reserve(2 * results.size());
  // A resolver lets out so many questions at a time: those that may lead to more go first.
  for (std::size_t i = 0; i < results.size(); ++i) work.push_back(one_of_many ? ask_in_turn(results[i], grounds[i], dns) : ask_about_subject(results[i], grounds[i], dns));
  for (std::size_t i = 0; i < results.size() && !one_of_many; ++i) work.push_back(ask_about_list(grounds[i], dns));
  co_await net::in_parallel(std::move(work));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Grounds& each = grounds[i];
    if (is_healthy(*results[i].list, each.positive, each.is_confirmed ? &each.negative : nullptr, results[i]))
      read_subject(*results[i].list, each.subject, each.reason, results[i]);
  }
  leave_out_other_kinds(results);
  co_return results;
}

}  // namespace mailmedic::blocklist
