// BNC-013: did we send what came back?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/bounce/origin.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"
#include "tests/support/tool.hpp"

using namespace mailmedic;
using bounce::Ours;

namespace {

constexpr std::string_view zone_text = R"(
brisbane._domainkey.football.example.com.  TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
mail.example.org.  A 203.0.113.7
mx.example.net.    A 198.51.100.1
)";

class BounceOrigin : public testing::Test {
 protected:
  BounceOrigin() {
    context.own = {net::parse_address("203.0.113.7").value()};
    context.sender = "joe@football.example.com";
    delivery.kind = message::ReportKind::bounce;
    delivery.reporting_mta = "mx.example.net";
  }
  Ours origin(const std::string& received, const std::string& rest = "From: joe@football.example.com\nSubject: hello\n\nhello\n") {
    delivery.returned = received + rest;
    test::DnsProbes probes(zone, TimePoint{} + std::chrono::days(20'000));
    const bounce::Origin seen = test::run(bounce::ask_origin(delivery, context, probes));
    CheckReport out;
    bounce::judge_origin(seen, context, out);
    EXPECT_EQ(out.findings.size(), seen.ours == Ours::no ? 1u : 0u);
    found.clear();
    for (const Finding& finding : out.findings) {
      found = finding.id;
      test::expect_words_are_filled(finding);
    }
    return seen.ours;
  }
  dns::Zone zone = dns::Zone::parse(zone_text).value();
  message::DeliveryReport delivery;
  bounce::Context context;
  std::string found;  ///< the finding, where there is one
};

constexpr const char* stranger = "Received: from pc (unknown [198.51.100.77]) by mx.example.net; Wed, 18 Nov 2026 11:00:00 +0000\n";

}  // namespace

TEST_F(BounceOrigin, OthersHandedItOver) {
  EXPECT_EQ(origin(stranger), Ours::no);
  EXPECT_EQ(found, "bounce.backscatter");
}

TEST_F(BounceOrigin, OurAddressIsInItsTrace) {
  EXPECT_EQ(origin("Received: from mail.example.org (mail.example.org [203.0.113.7]) by mx.example.net; Wed, 18 Nov 2026 11:00:00 +0000\n"), Ours::yes);
  context.helo = "relay.example.org";
  EXPECT_EQ(origin("Received: from pc ([198.51.100.77]) by relay.example.org; Wed, 18 Nov 2026 11:00:00 +0000\n"), Ours::yes);
  EXPECT_EQ(origin("Received: from relay.example.org ([198.51.100.77]) by mx.example.net; Wed, 18 Nov 2026 11:00:00 +0000\n"), Ours::no);  // anybody may say our name
}

TEST_F(BounceOrigin, OurSignatureHolds) {
  const std::string message = test::content_of(MAILMEDIC_SOURCE_DIR "/tests/vectors/dkim/rfc8463.eml");
  EXPECT_EQ(origin(stranger, message), Ours::yes);
  context.sender = "ann@other.example";
  EXPECT_EQ(origin(stranger, message), Ours::no);
}

TEST_F(BounceOrigin, OurOwnServerWroteTheReport) {
  delivery.reporting_mta = "mail.example.org";
  EXPECT_EQ(origin("Received: from pc (unknown [198.51.100.77]) by mail.example.org; Wed, 18 Nov 2026 11:00:00 +0000\n"), Ours::yes);
}

TEST_F(BounceOrigin, WhatIsNotThereTellsNothing) {
  EXPECT_EQ(origin("", ""), Ours::unknown);
  EXPECT_EQ(origin(""), Ours::unknown);
  EXPECT_EQ(origin("Received: from app (app [10.0.0.5]) by gateway.internal; Wed, 18 Nov 2026 11:00:00 +0000\n"), Ours::unknown);
  zone.fail(dns::Name::parse("mx.example.net").value(), dns::Status::timed_out);
  EXPECT_EQ(origin(stranger), Ours::unknown);
}
