#include "checks/blocklist/ask.hpp"

#include <fmt/format.h>

#include "lib/dns/query_all.hpp"
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

/// Is the list to be believed? If not, the result says why.
bool is_healthy(const List& list, const dns::Answer& positive, const dns::Answer& negative, Result& result) {
  for (const dns::Answer* answer : {&positive, &negative}) {
    if (answer->is_definite()) continue;
    no_verdict(result, state_of_failure(*answer), fmt::format("the list's test entry: {}", answer->why.empty() ? dns::status_text(answer->status) : answer->why));
    return false;
  }
  const Reading listed = read_answer(list, addresses(positive)), unlisted = read_answer(list, addresses(negative));
  for (const Reading* reading : {&listed, &unlisted}) {
    // Address lists may answer 127.0.0.1 for themselves; that alone is no refusal of ours.
    if (reading->kind == Reading::Kind::refused || reading->kind == Reading::Kind::rewritten) {
      no_verdict(result, reading->kind == Reading::Kind::refused ? State::refused : State::rewritten, reading->meanings.front());
      return false;
    }
  }
  if (unlisted.kind == Reading::Kind::listed) {
    no_verdict(result, State::dead, "it lists the entry that must never be listed: it answers everything");
    return false;
  }
  if (listed.kind != Reading::Kind::listed) {
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

/// A list that has the test entries of one kind of subject only is about that kind: its silence on others means nothing.
void leave_out_other_kinds(std::vector<Result>& results) {
  std::vector<const List*> working;
  for (const Result& result : results)
    if (result.list->kinds_unknown && (result.state == State::listed || result.state == State::clean)) working.push_back(result.list);
  std::erase_if(results, [&](const Result& result) {
    return result.state == State::dead && std::find(working.begin(), working.end(), result.list) != working.end();
  });
}

/// What one result rests on.
struct Questions {
  dns::Name subject, listed, unlisted;
};

/// The results to be found, with their questions.
std::vector<Questions> plan(const std::vector<List>& lists, const std::vector<Subject>& subjects, std::vector<Result>& results) {
  std::vector<Questions> out;
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
      out.push_back({*question, *positive, *negative});
    }
  }
  return out;
}

asio::awaitable<void> ask_at_once(const std::vector<Questions>& plan, dns::Resolver& dns, std::vector<Result>& results) {
  std::vector<dns::Question> questions;
  for (const Questions& each : plan)
    for (const auto& [name, type] : {std::pair(&each.subject, dns::Type::a), {&each.subject, dns::Type::txt}, {&each.listed, dns::Type::a}, {&each.unlisted, dns::Type::a}})
      questions.push_back({*name, type});
  const std::vector<dns::Answer> answers = co_await dns::query_all(dns, std::move(questions));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const dns::Answer* four = &answers[i * 4];
    if (is_healthy(*results[i].list, four[2], four[3], results[i])) read_subject(*results[i].list, four[0], four[1], results[i]);
  }
}

/// Answers to the A or TXT question about the subject, of those results for which `wanted`; empty for the others.
asio::awaitable<std::vector<dns::Answer>> ask_some(const std::vector<Questions>& plan, dns::Type type, const std::vector<bool>& wanted, dns::Resolver& dns) {
  std::vector<dns::Question> questions;
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (wanted[i]) questions.push_back({plan[i].subject, type});
  std::vector<dns::Answer> some = co_await dns::query_all(dns, std::move(questions));
  std::vector<dns::Answer> all(plan.size());
  for (std::size_t i = 0, next = 0; i < plan.size(); ++i)
    if (wanted[i]) all[i] = std::move(some[next++]);
  co_return all;
}

asio::awaitable<void> ask_by_turns(const std::vector<Questions>& plan, dns::Resolver& dns, std::vector<Result>& results) {
  std::vector<dns::Question> entries;
  for (const Questions& each : plan)
    for (const dns::Name* name : {&each.listed, &each.unlisted}) entries.push_back({*name, dns::Type::a});
  const std::vector<dns::Answer> health = co_await dns::query_all(dns, std::move(entries));
  std::vector<bool> healthy(plan.size()), listed(plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) healthy[i] = is_healthy(*results[i].list, health[2 * i], health[2 * i + 1], results[i]);
  const std::vector<dns::Answer> answers = co_await ask_some(plan, dns::Type::a, healthy, dns);
  for (std::size_t i = 0; i < plan.size(); ++i) listed[i] = healthy[i] && answers[i].status == dns::Status::answered;
  const std::vector<dns::Answer> reasons = co_await ask_some(plan, dns::Type::txt, listed, dns);
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (healthy[i]) read_subject(*results[i].list, answers[i], reasons[i], results[i]);
}

}  // namespace

asio::awaitable<std::vector<Result>> ask(const std::vector<List>& lists, const std::vector<Subject>& subjects, dns::Resolver& dns, bool one_of_many) {
  std::vector<Result> results;
  const std::vector<Questions> questions = plan(lists, subjects, results);
  if (one_of_many) co_await ask_by_turns(questions, dns, results);
  else co_await ask_at_once(questions, dns, results);
  leave_out_other_kinds(results);
  co_return results;
}

}  // namespace mailmedic::blocklist
