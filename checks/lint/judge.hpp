#pragma once
// What a message is like before and after it was sent: its form, its names, its parts, its words. Section 5.11.
#include <boost/asio/awaitable.hpp>

#include "checks/check.hpp"
#include "checks/lint/letter.hpp"

namespace mailmedic::lint {

/// What is known of the message that does not stand in it.
struct Circumstances {
  TimePoint now;
  bool marketing = false;                            ///< it advertises: then it must be easy to stop
  bool to_be_sent = true;                            ///< now, if no trace says when; otherwise it may be of any age
  std::shared_ptr<const blocklist::Lists> lists{};   ///< to ask about the hosts of links; null: none
};

/// Everything that can be told without a network. Pure.
void judge(const Letter& letter, const Circumstances& about, CheckReport& report);

/// By the user's word, or as it has a button to leave.
bool is_advertising(const Letter& letter, const Circumstances& about);

/// The rest: does the author's domain exist, are hosts of links on lists of domains? All at once. Arguments must outlive
/// the coroutine.
asio::awaitable<void> ask(const Letter& letter, const Circumstances& about, dns::Resolver& dns, CheckReport& report);

/// bytes, fields, lines, from, subject, date, parts[], links[], hops[]: what was read.
void write_facts(const Letter& letter, Facts& facts);

/// Both, and the facts under "lint".
asio::awaitable<CheckReport> check(std::string_view message, const Circumstances& about, dns::Resolver& dns);

}  // namespace mailmedic::lint
