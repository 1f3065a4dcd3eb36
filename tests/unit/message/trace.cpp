// The way of a message: Received fields as servers write them.
#include "lib/message/trace.hpp"

#include <gmock/gmock.h>

using namespace mailmedic;
using message::read_hop;

namespace {

struct Way {
  const char *field, *from, *by, *with, *version, *cipher;
  std::optional<bool> tls;
};

}  // namespace

TEST(MessageTrace, ReadsTheFormsOfServers) {
  const Way ways[] = {
      {" from a.test (a.test [192.0.2.1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519)\r\n\tby mx.test (Postfix) with ESMTPS id 4B; Fri, 18 Sep 2026 10:00:00 +0000",
       "a.test", "mx.test", "ESMTPS", "TLSv1.3", "TLS_AES_256_GCM_SHA384", true},
      {" from a.test ([192.0.2.1]) by mx.test with esmtps  (TLS1.2) tls TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (Exim 4.96)", "a.test", "mx.test", "esmtps", "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", true},
      {" from a.test (192.0.2.1) by mx.test with esmtps (TLS1.2:ECDHE_RSA_AES_256_GCM_SHA384:256)", "a.test", "mx.test", "esmtps", "TLSv1.2", "ECDHE_RSA_AES_256_GCM_SHA384", true},
      {" from a.test (a.test. [192.0.2.1]) by mx.google.com with ESMTPS id x (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128)", "a.test", "mx.google.com", "ESMTPS", "TLSv1.3", "TLS_AES_128_GCM_SHA256", true},
      {" from A.test (2603::1) by B.test (2603::2) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20", "A.test", "B.test", "Microsoft", "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", true},
      {" from a.test (a.test [192.0.2.1]) by mx.test (OpenSMTPD) with ESMTPS id 1 (TLSv1.3:TLS_CHACHA20_POLY1305_SHA256:256:NO)", "a.test", "mx.test", "ESMTPS", "TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", true},
      {" from a.test by mx.test (8.17) with ESMTPS id 1 (version=TLSv1 cipher=DHE-RSA-AES256-SHA bits=256 verify=NO)", "a.test", "mx.test", "ESMTPS", "TLSv1.0", "DHE-RSA-AES256-SHA", true},
      {" from a.test by mx.test with SMTP id 1", "a.test", "mx.test", "SMTP", "", "", false},
      {" from tls-aes-1.test by mx.test with LMTP id 1", "tls-aes-1.test", "mx.test", "LMTP", "", "", std::nullopt},
      {" by mx.test with HTTP", "", "mx.test", "HTTP", "", "", std::nullopt},
      {"", "", "", "", "", "", std::nullopt},
  };
  for (const Way& way : ways) {
    const message::Hop hop = read_hop(way.field);
    EXPECT_EQ(hop.from, way.from) << way.field;
    EXPECT_EQ(hop.by, way.by) << way.field;
    EXPECT_EQ(hop.with, way.with) << way.field;
    EXPECT_EQ(hop.tls_version, way.version) << way.field;
    EXPECT_EQ(hop.tls_cipher, way.cipher) << way.field;
    EXPECT_EQ(hop.tls, way.tls) << way.field;
  }
}

TEST(MessageTrace, CountsDelaysFromTheFirstHop) {
  const std::string text =
      "Received: from b.test by c.test with ESMTPS; Fri, 18 Sep 2026 09:59:00 +0000\r\n"
      "Received: from a.test by b.test with ESMTP; yesterday\r\n"
      "Received: from x.test by a.test with ESMTP; Fri, 18 Sep 2026 12:00:05 +0200\r\n"
      "Received: by x.test; Fri, 18 Sep 2026 10:00:00 +0000\r\n\r\n";
  const auto parsed = message::parse_raw(text).value();
  const auto hops = message::hops_of(parsed);
  ASSERT_EQ(hops.size(), 4u);
  EXPECT_EQ(hops[0].by, "x.test");
  EXPECT_FALSE(message::delay_of(hops, 0));
  EXPECT_EQ(message::delay_of(hops, 1), std::chrono::seconds(5));
  EXPECT_FALSE(message::delay_of(hops, 2));
  EXPECT_FALSE(message::delay_of(hops, 3)) << "the hop before it has no time";
  const auto facts = message::to_json(hops);
  EXPECT_EQ(facts.at(1).at("delay_seconds"), 5);
  EXPECT_TRUE(facts.at(0).at("from").is_null());
  EXPECT_EQ(facts.at(1).at("tls"), false);
}

TEST(MessageTrace, EndsWhereAMessageGoesInCircles) {
  std::string text;
  for (int i = 0; i < 1500; ++i) text += "Received: from a by b; x\r\n";
  const auto parsed = message::parse_raw(text).value();
  EXPECT_EQ(message::hops_of(parsed).size(), message::max_hops);
}
