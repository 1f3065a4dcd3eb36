// SPF, DKIM and DMARC of one message together: zone text and message in, verdicts out.
#include "checks/authentication/authenticate.hpp"
#include "lib/message/addresses.hpp"
#include "../signature/signed_mail.hpp"

using namespace mailmedic;
using namespace mailmedic::signature_test;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

namespace {

const std::string policy = "example.org. TXT \"v=spf1 ip4:192.0.2.25 -all\"\n_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n";
const std::string trace = "Return-Path: <joe@example.org>\r\nReceived: from mail.example.org (mail.example.org [192.0.2.25]) by mx.example.net; now\r\n";

struct Looked {
  std::string text;
  message::RawMessage message;
  dns::Zone zone;
  signature::Workshop workshop;
  CheckReport report{.check = "authentication"};
  authentication::Authenticated all;
  Facts facts;

  Looked(std::string mail, dns::Zone world, authentication::Envelope given = {}) : text(std::move(mail)), message(message::parse_raw(text).value()), zone(std::move(world)) {
    test::DnsProbes probes(zone, now);
    all = test::run(authentication::authenticate(message, authentication::envelope_of(message, std::move(given), false), probes, workshop, report));
    authentication::judge(all, message, now, report);
    authentication::write_facts(all, message, facts);
    for (const Finding& finding : report.findings) {
      if (finding.id.starts_with("authentication.")) test::expect_words_are_filled(finding);
    }
  }
  Looked(const std::string& mail, const std::string& world) : Looked(mail, dns::Zone::parse(world).value()) {}
  Looked(const Looked&) = delete;

  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const Finding& finding : report.findings) out.emplace_back(finding.id);
    return out;
  }
  std::vector<std::string> unknowns() const {
    std::vector<std::string> out;
    for (const Finding& finding : report.unknowns) out.emplace_back(finding.id);
    return out;
  }
  std::string dmarc(const char* which = "dmarc") const { return std::string(facts.at(which).at("result").as_string()); }
};

}  // namespace

TEST(AuthenticationCatalogue, FitsTheCode) { test::expect_catalogue_fits_code("authentication"); }

TEST(Authentication, PassesBySpfAndDkim) {
  const Looked looked(trace + signed_by({"rsa"}), zone() + policy);
  EXPECT_EQ(looked.dmarc(), "pass");
  EXPECT_EQ(looked.dmarc("dmarc_7489"), "pass");
  EXPECT_EQ(looked.facts.at("dmarc").at("policy"), "reject");
  EXPECT_EQ(looked.facts.at("dmarc").at("domain"), "example.org");
  EXPECT_EQ(looked.facts.at("dmarc").at("aligned"), true);
  EXPECT_EQ(looked.facts.at("spf").at("result"), "pass");
  EXPECT_EQ(looked.facts.at("signatures").at(0).at("result"), "pass");
  EXPECT_EQ(looked.facts.at("signatures").at(0).at("body_hash"), "pass");
  EXPECT_EQ(looked.facts.at("envelope").at("ip"), "192.0.2.25");
  EXPECT_THAT(looked.ids(), ElementsAre());
  EXPECT_THAT(looked.unknowns(), ElementsAre());
}

TEST(Authentication, FailsWhenNothingPasses) {
  const Looked looked(replaced(trace, "192.0.2.25", "198.51.100.1") + replaced(signed_by({"rsa"}), "lost", "won"), zone() + policy);
  EXPECT_EQ(looked.dmarc(), "fail");
  EXPECT_THAT(looked.ids(), Contains("authentication.dmarc-fails"));
  EXPECT_THAT(looked.ids(), Contains("signature.body-changed"));
  EXPECT_EQ(looked.facts.at("spf").at("result"), "fail");
}

TEST(Authentication, RestsOnSpfWithoutASignature) {
  const Looked looked(trace + std::string(letter), zone() + policy);
  EXPECT_EQ(looked.dmarc(), "pass");
  EXPECT_THAT(looked.ids(), Contains("authentication.rests-on-spf"));
  EXPECT_THAT(looked.ids(), Contains("signature.none"));
}

TEST(Authentication, CannotTellWithoutTheClient) {
  const Looked unsigned_mail(std::string(letter), zone() + policy);
  EXPECT_EQ(unsigned_mail.dmarc(), "temperror");
  EXPECT_TRUE(unsigned_mail.facts.at("spf").is_null());
  EXPECT_THAT(unsigned_mail.unknowns(), ElementsAre("authentication.no-client", "authentication.dmarc-unknown"));
  EXPECT_THAT(unsigned_mail.ids(), Not(Contains("authentication.dmarc-fails")));
  const Looked signed_mail(signed_by({"rsa"}), zone() + policy);
  EXPECT_EQ(signed_mail.dmarc(), "pass");
}

TEST(Authentication, CannotTellWhenTheKeyDoesNotCome) {
  dns::Zone failing = dns::Zone::parse(zone() + policy).value();
  failing.fail(dns::Name::parse("rsa._domainkey.example.org").value(), dns::Status::timed_out);
  const Looked looked(replaced(trace, "192.0.2.25", "198.51.100.1") + signed_by({"rsa"}), std::move(failing));
  EXPECT_EQ(looked.dmarc(), "temperror");
  EXPECT_EQ(looked.facts.at("signatures").at(0).at("result"), "temperror");
  EXPECT_THAT(looked.unknowns(), Contains("dns.no-answer"));
  EXPECT_THAT(looked.ids(), Not(Contains("authentication.dmarc-fails")));
}

TEST(Authentication, SaysWhoSigns) {
  const std::string other = txt("rsa._domainkey.esp.test.", record(keys().rsa));
  const Looked looked(trace + signed_by({"rsa"}, letter, {.domain = "esp.test"}), other + policy);
  EXPECT_THAT(looked.ids(), Contains("authentication.only-others-sign"));
  EXPECT_EQ(looked.dmarc(), "pass");
}

TEST(Authentication, HasNoPolicyWhereNoneIsPublished) {
  const Looked looked(trace + signed_by({"rsa"}), zone());
  EXPECT_EQ(looked.dmarc(), "none");
  EXPECT_THAT(looked.ids(), Contains("authentication.no-policy"));
}

// a record at the public suffix domain's child is found by the tree walk only
TEST(Authentication, ShowsWhereTheStandardsDiffer) {
  const std::string mail = replaced(std::string(letter), "joe@example.org", "joe@a.b.example.org");
  const Looked looked(signed_by({"rsa"}, mail, {.domain = "example.org"}), zone() + "_dmarc.b.example.org. TXT \"v=DMARC1; p=none; psd=n\"\n_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n");
  EXPECT_EQ(looked.dmarc("dmarc_7489"), "pass");
  EXPECT_NE(looked.dmarc(), "pass");
  // With a client that is known SPF counts too, and both verdicts are final.
  const Looked known(trace + signed_by({"rsa"}, mail, {.domain = "example.org"}), zone() + "_dmarc.b.example.org. TXT \"v=DMARC1; p=none; psd=n\"\n_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n");
  EXPECT_THAT(known.ids(), Contains("authentication.standards-differ"));
}

TEST(Authentication, IsPermanentlyWrongWithTwoAuthors) {
  const Looked looked("From: eve@example.com\r\n" + trace + std::string(letter), zone() + policy);
  EXPECT_EQ(looked.dmarc(), "permerror");
  EXPECT_THAT(looked.ids(), Contains("dmarc.author-unclear"));
}

TEST(Authentication, ComparesWhatAReceiverClaimed) {
  const std::string mail = trace + signed_by({"rsa"});
  const auto ids = [&](const std::string& claims) { return Looked("Authentication-Results: mx.example.net;\r\n " + claims + "\r\n" + mail, zone() + policy).ids(); };
  EXPECT_THAT(ids("spf=pass smtp.mailfrom=example.org; dkim=pass header.d=example.org; dmarc=pass"), ElementsAre());
  EXPECT_THAT(ids("spf=pass smtp.mailfrom=example.org; dkim=fail (bad) header.d=example.org"), ElementsAre("authentication.claim-differs"));
  EXPECT_THAT(ids("dkim=fail header.d=x.test; dkim=pass header.d=example.org"), ElementsAre());
  EXPECT_THAT(ids("none"), ElementsAre());
}

// RFC 5322 section 3.4
TEST(MessageAddresses, LeaveOutNamesCommentsAndGroups) {
  using message::addresses_of;
  EXPECT_THAT(addresses_of(" Joe <joe@example.org>"), ElementsAre("joe@example.org"));
  EXPECT_THAT(addresses_of("\"Doe, J. <x@evil.test>\" <joe@example.org>, (a@b.test) sue@example.net"), ElementsAre("joe@example.org", "sue@example.net"));
  EXPECT_THAT(addresses_of("Team: a@example.org,\r\n b@example.org;"), ElementsAre("a@example.org", "b@example.org"));
  EXPECT_THAT(addresses_of("<@relay.test:joe@example.org>"), ElementsAre("joe@example.org"));
  EXPECT_THAT(addresses_of("nobody"), ElementsAre());
}

TEST(MessageAddresses, ClientOfAReceivedField) {
  using message::client_of;
  EXPECT_EQ(client_of(" from a.test (b.test [192.0.2.1])\r\n by c.test ([198.51.100.1]); x")->address, "192.0.2.1");
  EXPECT_EQ(client_of(" from [203.0.113.9] (helo=x [IPv6:2001:db8::1]) by c.test")->address, "2001:db8::1");
  EXPECT_EQ(client_of(" from a.test (b.test [192.0.2.1]) by c")->helo, "a.test");
  EXPECT_FALSE(client_of(" by c.test ([192.0.2.1]); x"));
}
