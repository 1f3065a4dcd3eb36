// The chain of trust over zones that are really signed: what validating resolvers accept, and what they refuse.
#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/dns/chain_of_trust.hpp"
#include "lib/dns/validating_resolver.hpp"
#include "signed_world.hpp"
#include "tests/support/run.hpp"

namespace mailmedic::test {
namespace {

using dns::Security;
using dns::Status;
using dns::Type;
using testing::HasSubstr;
using std::chrono::days;

const std::vector<std::string> records = {"@ MX 10 mail",        "mail A 192.0.2.1",       "www CNAME mail",   "out CNAME a.other.test.", "deep.empty TXT \"x\"",
                                          "*.wild TXT \"wild\"", "dn DNAME mail.good.test.", "x.mail TXT \"x\"", "gone CNAME nothing"};

ZoneSpec zone(std::string zone_name, std::vector<std::string> lines = records) { return {.name = std::move(zone_name), .records = std::move(lines)}; }

/// A root, test., good.test and other.test signed well, plain.test not, and what else is given.
std::vector<ZoneSpec> with(std::vector<ZoneSpec> more) {
  std::vector<ZoneSpec> all{zone(".", {}), zone("test", {"alone TXT \"x\"", "alias CNAME mail.good.test."}), zone("good.test"), zone("other.test", {"a A 192.0.2.9"}), zone("plain.test")};
  all.back().is_signed = false;
  for (ZoneSpec& one : more) {
    std::erase_if(all, [&](const ZoneSpec& old) { return old.name == one.name; });
    all.push_back(std::move(one));
  }
  return all;
}

struct Court {
  explicit Court(std::vector<ZoneSpec> more = {}) : world(with(std::move(more))), chain(dns::ChainOfTrust::make(world, world.anchor(), today).value()) {}

  dns::Verdict judge(const std::string& of, Type type) {
    const dns::Answer answer = world.answer(name(of), type);
    return run(chain->judge(name(of), type, answer));
  }
  Security security(const std::string& of, Type type) {
    const dns::Verdict verdict = judge(of, type);
    last_why = verdict.why;
    return verdict.security;
  }
  dns::Chain chain_to(const std::string& of) { return run(chain->to(name(of))); }

  SignedWorld world;
  std::unique_ptr<dns::ChainOfTrust> chain;
  std::string last_why;
};

ZoneSpec hashed(std::string zone_name, std::uint8_t flags = 0, std::uint16_t iterations = 0) {
  ZoneSpec spec = zone(std::move(zone_name));
  spec.nsec3 = true;
  spec.nsec3_flags = flags;
  spec.nsec3_iterations = iterations;
  return spec;
}

/// In a signed zone, whatever kind of absence records it has, everything that is true is secure.
void expect_all_secure(Court& court, const std::string& at) {
  const auto secure = [&](const std::string& of, Type type, Status status) {
    EXPECT_EQ(court.world.answer(name(of), type).status, status) << of;
    EXPECT_EQ(court.security(of, type), Security::secure) << of << " " << dns::type_text(type) << ": " << court.last_why;
  };
  secure(at, Type::mx, Status::answered);
  secure(at, Type::soa, Status::answered);
  secure("www." + at, Type::a, Status::answered);
  secure(at, Type::txt, Status::no_data);
  secure("mail." + at, Type::aaaa, Status::no_data);
  secure("empty." + at, Type::txt, Status::no_data);
  secure("deep.empty." + at, Type::txt, Status::answered);
  secure("nothing." + at, Type::a, Status::nx_domain);
  secure("_25._tcp.mail." + at, Type::tlsa, Status::nx_domain);
  secure("gone." + at, Type::a, Status::nx_domain);
  secure("one.wild." + at, Type::txt, Status::answered);
  secure("one.two.wild." + at, Type::txt, Status::answered);
  secure("one.wild." + at, Type::mx, Status::no_data);
  secure("out." + at, Type::a, Status::answered);
  secure("x.dn." + at, Type::txt, Status::answered);
}

}  // namespace

TEST(ChainOfTrust, EverythingInAZoneWithNsecIsSecure) {
  Court court;
  expect_all_secure(court, "good.test");
}

TEST(ChainOfTrust, EverythingInAZoneWithNsec3IsSecure) {
  Court court({hashed("good.test", 0, 12)});
  expect_all_secure(court, "good.test");
}

TEST(ChainOfTrust, LinksAreNamedFromTheRootDown) {
  Court court;
  const dns::Chain chain = court.chain_to("mail.good.test");
  ASSERT_EQ(chain.links.size(), 3u);
  EXPECT_EQ(chain.links[0].zone.text(), ".");
  EXPECT_EQ(chain.links[1].zone.text(), "test");
  EXPECT_EQ(chain.links[2].zone.text(), "good.test");
  EXPECT_EQ(chain.security(), Security::secure);
  EXPECT_EQ(chain.why(), "");
  ASSERT_EQ(chain.links[2].ds.size(), 1u);
  EXPECT_THAT(chain.links[2].ds[0], HasSubstr(" 13 2"));
  EXPECT_EQ(chain.links[2].keys_expire, today + days(30));
}

/// A world that takes its time, and tells how many questions were open at once.
class Slow : public dns::Resolver {
 public:
  explicit Slow(SignedWorld& world) : world_(world) {}
  boost::asio::awaitable<dns::Answer> query(dns::Name of, Type type) override {
    most_open = std::max(most_open, ++open_);
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(1));
    co_await pause.async_wait(boost::asio::use_awaitable);
    --open_;
    co_return world_.answer(of, type);
  }
  int most_open = 0;

 private:
  SignedWorld& world_;
  int open_ = 0;
};

TEST(ChainOfTrust, AllLinksAreAskedForAtOnce) {
  SignedWorld world(with({}));
  Slow slow(world);
  const auto chain = dns::ChainOfTrust::make(slow, world.anchor(), today).value();
  EXPECT_EQ(run(chain->to(name("mail.good.test"))).security(), Security::secure);
  EXPECT_EQ(slow.most_open, 7);  // DNSKEY of the root; DNSKEY and DS of test., good.test. and mail.good.test.
}

TEST(ChainOfTrust, SignaturesTellTheirEnd) {
  Court court;
  EXPECT_EQ(court.judge("mail.good.test", Type::a).expires, today + days(30));
}

TEST(ChainOfTrust, EveryAlgorithmInUse) {
  for (const auto algorithm : {LDNS_SIGN_RSASHA1, LDNS_SIGN_RSASHA256, LDNS_SIGN_ECDSAP384SHA384, LDNS_SIGN_ED25519, LDNS_SIGN_ED448}) {
    ZoneSpec spec = zone("good.test");
    spec.algorithm = algorithm;
    Court court({spec});
    EXPECT_EQ(court.security("good.test", Type::mx), Security::secure) << algorithm << ": " << court.last_why;
  }
}

TEST(ChainOfTrust, UnsignedBelowASignedZoneIsInsecure) {
  Court court;
  EXPECT_EQ(court.security("plain.test", Type::mx), Security::insecure);
  EXPECT_EQ(court.security("nothing.plain.test", Type::mx), Security::insecure);
  const dns::Chain chain = court.chain_to("mail.plain.test");
  EXPECT_EQ(chain.security(), Security::insecure);
  EXPECT_THAT(chain.why(), HasSubstr("plain.test. has no DS record in test."));
}

TEST(ChainOfTrust, UnsignedBelowAZoneWithNsec3IsInsecureWithAndWithoutOptOut) {
  for (const std::uint8_t flags : {0, 1}) {
    Court court({hashed("test", flags)});
    EXPECT_EQ(court.security("plain.test", Type::mx), Security::insecure) << court.last_why;
    EXPECT_EQ(court.security("good.test", Type::mx), Security::secure) << court.last_why;
  }
}

/// An opt-out span may hold unsigned delegations: what is not there is not proved. RFC 5155 section 9.2.
TEST(ChainOfTrust, AbsenceInAnOptOutSpanIsNotSecure) {
  Court court({hashed("test", 1)});
  EXPECT_EQ(court.security("nothing.test", Type::mx), Security::insecure) << court.last_why;
}

TEST(ChainOfTrust, AZoneBelowAnEmptyNameIsFound) {
  for (const bool nsec3 : {false, true}) {
    ZoneSpec top = zone("test", {});
    top.nsec3 = nsec3;
    Court court({top, zone("child.between.test")});
    EXPECT_EQ(court.security("child.between.test", Type::mx), Security::secure) << nsec3 << court.last_why;
    EXPECT_EQ(court.chain_to("child.between.test").links.size(), 3u);
  }
}

TEST(ChainOfTrust, TooManyIterationsCountAsUnsigned) {
  Court court({hashed("test", 0, 200)});
  EXPECT_EQ(court.security("plain.test", Type::mx), Security::insecure) << court.last_why;
  EXPECT_EQ(court.security("nothing.test", Type::mx), Security::insecure) << court.last_why;
  EXPECT_EQ(court.security("test", Type::soa), Security::secure) << court.last_why;
}

TEST(ChainOfTrust, UnknownDigestsAloneCountAsUnsigned) {
  ZoneSpec spec = zone("good.test");
  spec.ds = ZoneSpec::Ds::unknown_digest;
  Court court({spec});
  EXPECT_EQ(court.security("good.test", Type::mx), Security::insecure);
  EXPECT_THAT(court.last_why, HasSubstr("not supported"));
}

TEST(ChainOfTrust, ADsThatMatchesNoKeyIsBogus) {
  ZoneSpec spec = zone("good.test");
  spec.ds = ZoneSpec::Ds::wrong_digest;
  Court court({spec});
  EXPECT_EQ(court.security("good.test", Type::mx), Security::bogus);
  EXPECT_THAT(court.last_why, HasSubstr("no DNSKEY of good.test. matches its DS records"));
}

TEST(ChainOfTrust, ADsWithoutKeysIsBogus) {
  Court court;
  court.world.tamper = [](const dns::Name& of, Type type, ldns_pkt* reply) {
    if (of == name("good.test") && type == Type::dnskey) clear(ldns_pkt_answer(reply));
  };
  EXPECT_EQ(court.security("good.test", Type::mx), Security::bogus);
  EXPECT_THAT(court.last_why, HasSubstr("no usable DNSKEY"));
}

TEST(ChainOfTrust, SignaturesThatEndedOrHaveNotBegunAreBogus) {
  ZoneSpec late = zone("good.test"), early = zone("other.test");
  late.ends = today - days(2);
  early.begins = today + days(2);
  Court court({late, early});
  EXPECT_EQ(court.security("good.test", Type::mx), Security::bogus);
  EXPECT_THAT(court.last_why, HasSubstr("expired on 2027-01-13"));
  EXPECT_EQ(court.security("a.other.test", Type::a), Security::bogus);
}

TEST(ChainOfTrust, AChangedRecordIsBogus) {
  Court court;
  court.world.tamper = [](const dns::Name& of, Type type, ldns_pkt* reply) {
    if (of == name("mail.good.test") && type == Type::a) ldns_rdf_data(ldns_rr_rdf(ldns_rr_list_rr(ldns_pkt_answer(reply), 0), 0))[3] = 99;
  };
  EXPECT_EQ(court.security("mail.good.test", Type::a), Security::bogus);
  EXPECT_EQ(court.security("good.test", Type::mx), Security::secure);
}

TEST(ChainOfTrust, ARecordWithoutSignatureIsBogus) {
  Court court;
  court.world.tamper = [](const dns::Name& of, Type type, ldns_pkt* reply) {
    if (of == name("mail.good.test") && type == Type::a) ldns_rr_free(ldns_rr_list_pop_rr(ldns_pkt_answer(reply)));
  };
  EXPECT_EQ(court.security("mail.good.test", Type::a), Security::bogus);
  EXPECT_THAT(court.last_why, HasSubstr("no signature"));
}

TEST(ChainOfTrust, AnotherZonesSignatureIsBogus) {
  Court court;
  court.world.tamper = [&](const dns::Name& of, Type type, ldns_pkt* reply) {
    if (of != name("mail.good.test") || type != Type::a) return;
    ldns_rr_free(ldns_rr_list_pop_rr(ldns_pkt_answer(reply)));
    ldns_rr* forged = nullptr;
    ldns_rr_new_frm_str(&forged, "mail.good.test. 300 IN RRSIG A 13 3 300 20270201000000 20261201000000 1 other.test. AAAA", 0, nullptr, nullptr);
    ldns_pkt_push_rr(reply, LDNS_SECTION_ANSWER, forged);
  };
  EXPECT_EQ(court.security("mail.good.test", Type::a), Security::bogus);
  EXPECT_THAT(court.last_why, HasSubstr("signed by other.test., in the zone good.test."));
}

namespace {
/// Says "no such records" or "no such name" with signed records of absence that are about other names.
void lie(Court& court, const std::string& about, Type about_type, const std::string& zone, ldns_pkt_rcode code) {
  court.world.tamper = [&court, about, about_type, zone, code](const dns::Name& of, Type type, ldns_pkt* reply) {
    if (of != name(about) || type != about_type) return;
    clear(ldns_pkt_answer(reply));
    clear(ldns_pkt_authority(reply));
    ldns_pkt_set_rcode(reply, code);
    for (const ldns_rr* one : court.world.absences(zone)) ldns_pkt_push_rr(reply, LDNS_SECTION_AUTHORITY, ldns_rr_clone(one));
  };
}
}  // namespace

/// Whatever signed records of absence of the zone are sent along, what exists cannot be denied.
TEST(ChainOfTrust, WhatExistsCannotBeDenied) {
  for (const bool nsec3 : {false, true}) {
    std::vector<ZoneSpec> specs;
    if (nsec3) specs = {hashed("good.test")};
    Court court(specs);
    for (const auto& [of, type] : {std::pair<std::string, Type>{"mail.good.test", Type::a}, {"good.test", Type::mx}, {"deep.empty.good.test", Type::txt}, {"x.mail.good.test", Type::txt}}) {
      for (const auto code : {LDNS_RCODE_NOERROR, LDNS_RCODE_NXDOMAIN}) {
        lie(court, of, type, "good.test", code);
        EXPECT_EQ(court.security(of, type), Security::bogus) << of << " NSEC3 " << nsec3 << " code " << code;
      }
    }
  }
}

/// The attack that DS records are there to stop: a signed delegation made to look like an unsigned one.
TEST(ChainOfTrust, ASignedDelegationCannotBeMadeToLookUnsigned) {
  for (const int kind : {0, 1, 2}) {
    std::vector<ZoneSpec> specs;
    if (kind > 0) specs = {hashed("test", static_cast<std::uint8_t>(kind - 1))};
    Court court(specs);
    lie(court, "good.test", Type::ds, "test", LDNS_RCODE_NOERROR);
    EXPECT_EQ(court.security("good.test", Type::mx), Security::bogus) << kind << ": " << court.last_why;
  }
}

/// A wildcard may not stand in for a name that exists. RFC 4035 section 5.3.4.
TEST(ChainOfTrust, AWildcardWithoutProofIsBogus) {
  Court court;
  court.world.tamper = [](const dns::Name& of, Type type, ldns_pkt* reply) {
    if (of == name("one.wild.good.test") && type == Type::txt) clear(ldns_pkt_authority(reply));
  };
  EXPECT_EQ(court.security("one.wild.good.test", Type::txt), Security::bogus);
  EXPECT_THAT(court.last_why, HasSubstr("comes from a wildcard"));
}

TEST(ChainOfTrust, AbsenceWithoutProofIsBogus) {
  Court court;
  court.world.tamper = [](const dns::Name& of, Type, ldns_pkt* reply) {
    if (of == name("nothing.good.test")) clear(ldns_pkt_authority(reply));
  };
  EXPECT_EQ(court.security("nothing.good.test", Type::a), Security::bogus);
  EXPECT_THAT(court.last_why, HasSubstr("no signed record of absence"));
}

TEST(ChainOfTrust, AnAliasIntoAnUnsignedZoneIsInsecure) {
  ZoneSpec top = zone("test", {"alias CNAME mail.plain.test."});
  Court court({top});
  EXPECT_EQ(court.security("alias.test", Type::a), Security::insecure);
  Court good;
  EXPECT_EQ(good.security("alias.test", Type::a), Security::secure) << good.last_why;
}

TEST(ChainOfTrust, AForgedAliasIsBogus) {
  Court court;
  court.world.tamper = [](const dns::Name& of, Type type, ldns_pkt* reply) {
    if (of != name("mail.good.test") || type != Type::a) return;
    clear(ldns_pkt_answer(reply));
    for (const char* line : {"mail.good.test. 300 IN CNAME mail.plain.test.", "mail.plain.test. 300 IN A 192.0.2.66"}) {
      ldns_rr* forged = nullptr;
      ldns_rr_new_frm_str(&forged, line, 0, nullptr, nullptr);
      ldns_pkt_push_rr(reply, LDNS_SECTION_ANSWER, forged);
    }
  };
  EXPECT_EQ(court.security("mail.good.test", Type::a), Security::bogus);
}

TEST(ChainOfTrust, NoAnswerIsUnknownAndAskedAgain) {
  Court court;
  court.world.failing[{name("good.test"), Type::ds}] = Status::timed_out;
  EXPECT_EQ(court.security("good.test", Type::mx), Security::unknown);
  EXPECT_THAT(court.last_why, HasSubstr("DS of good.test. could not be asked: timed out"));
  court.world.failing.clear();
  EXPECT_EQ(court.security("good.test", Type::mx), Security::secure) << court.last_why;
  court.world.failing[{name("other.test"), Type::dnskey}] = Status::serv_fail;
  EXPECT_EQ(court.security("a.other.test", Type::a), Security::unknown);
  court.world.failing[{name("good.test"), Type::txt}] = Status::refused;
  EXPECT_EQ(court.security("good.test", Type::txt), Security::unknown);
}

TEST(ChainOfTrust, ARootThatDoesNotMatchTheAnchorIsBogus) {
  Court court;
  auto chain = dns::ChainOfTrust::make(court.world, ". 3600 IN DS 1 13 2 " + std::string(64, 'a') + "\n", today).value();
  const dns::Chain links = run(chain->to(name("good.test")));
  ASSERT_EQ(links.links.size(), 1u);
  EXPECT_EQ(links.security(), Security::bogus);
  EXPECT_THAT(links.why(), HasSubstr("trust anchor"));
}

TEST(ChainOfTrust, AnchorsMayBeKeysAndHaveComments) {
  Court court;
  const dns::Answer keys = court.world.answer(dns::Name(), Type::dnskey);
  ldns_pkt* packet = nullptr;
  ASSERT_EQ(ldns_wire2pkt(&packet, reinterpret_cast<const std::uint8_t*>(keys.message.data()), keys.message.size()), LDNS_STATUS_OK);
  std::string text = "; the root\n\n";
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(ldns_pkt_answer(packet)); ++i) {
    const ldns_rr* one = ldns_rr_list_rr(ldns_pkt_answer(packet), i);
    if (ldns_rr_get_type(one) != LDNS_RR_TYPE_DNSKEY) continue;
    char* line = ldns_rr2str(one);
    text += line;
    std::free(line);
  }
  ldns_pkt_free(packet);
  auto chain = dns::ChainOfTrust::make(court.world, text, today);
  ASSERT_TRUE(chain) << chain.error().why;
  EXPECT_EQ(run((*chain)->to(name("good.test"))).security(), Security::secure);
}

TEST(ChainOfTrust, WrongAnchorsAreToldByLine) {
  Court court;
  EXPECT_THAT(dns::ChainOfTrust::make(court.world, "; x\nnonsense\n", today).error().why, HasSubstr("line 2"));
  EXPECT_THAT(dns::ChainOfTrust::make(court.world, ". 1 IN A 192.0.2.1\n", today).error().why, HasSubstr("neither a DS nor a DNSKEY"));
  EXPECT_THAT(dns::ChainOfTrust::make(court.world, "; nothing\n", today).error().why, HasSubstr("no DS or DNSKEY"));
}

TEST(ValidatingResolver, GivesTheVerdictWithTheAnswer) {
  ZoneSpec late = zone("other.test", {"a A 192.0.2.9"});
  late.ends = today - days(1);
  Court court({late});
  dns::ValidatingResolver resolver(court.world, *court.chain);
  const dns::Answer good = run(resolver.query(name("good.test"), Type::mx));
  EXPECT_TRUE(good.authentic);
  EXPECT_EQ(good.status, Status::answered);
  EXPECT_EQ(good.message, "");
  const dns::Answer plain = run(resolver.query(name("plain.test"), Type::mx));
  EXPECT_FALSE(plain.authentic);
  EXPECT_EQ(plain.status, Status::answered);
  const dns::Answer bad = run(resolver.query(name("a.other.test"), Type::a));
  EXPECT_EQ(bad.status, Status::bogus);
  EXPECT_TRUE(bad.records.empty());
  EXPECT_THAT(bad.why, HasSubstr("expired"));
}

}  // namespace mailmedic::test
