// Running checks: what an exception, an interruption and a wrong line become.
#include "checks/table/table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "lib/dns/zone.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"

using namespace mailmedic;

namespace {
asio::awaitable<CheckReport> fails(const Target&, Probes&) {
  throw std::runtime_error("a bug");
  co_return CheckReport{};
}
asio::awaitable<CheckReport> works(const Target&, Probes&) { co_return CheckReport{}; }
}  // namespace

TEST(Table, ABugInOneCheckLeavesTheOthersStanding) {
  dns::Zone zone;
  test::DnsProbes probes(zone);
  const Target target{.domain = dns::Name::parse("example.org").value()};
  const Check checks[] = {{"one", "One", fails}, {"two", "Two", works}};
  std::vector<CheckReport> reports(2);
  test::run([](std::span<const Check> all, const Target& about, Probes& with, std::vector<CheckReport>& into) -> asio::awaitable<bool> {
    co_await run_checks(all, about, with, into, {});
    co_return true;
  }(checks, target, probes, reports));
  ASSERT_EQ(reports[0].unknowns.size(), 1u);
  EXPECT_EQ(reports[0].unknowns[0].id, "check.failed");
  EXPECT_EQ(reports[0].outcome, Outcome::inconclusive);
  EXPECT_EQ(reports[1].outcome, Outcome::ran);
}

TEST(Table, WhatWasNotFinishedSaysSo) {
  const CheckReport report = interrupted(all_checks().front());
  ASSERT_EQ(report.unknowns.size(), 1u);
  EXPECT_EQ(report.unknowns[0].id, "check.interrupted");
}

TEST(Table, IdsAreUniqueAndFound) {
  std::set<std::string_view> ids;
  for (const Check& check : all_checks()) EXPECT_TRUE(ids.insert(check.id).second) << check.id;
  const std::string_view some[] = {"spf", "mx"};
  const auto found = checks_named(some);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id, "mx") << "in the table's order";
}
