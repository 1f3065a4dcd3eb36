// Each finding of the DKIM key check: what triggers it, and what does not.
#include "keys.hpp"

using namespace mailmedic;
using namespace mailmedic::dkim_test;

TEST(DkimKey, IsMeasured) {
  const dkim::Key wrapped = dkim::inspect_key(rsa(2048), "rsa");
  EXPECT_EQ(wrapped.fault, dkim::KeyFault::none) << wrapped.why;
  EXPECT_EQ(wrapped.bits, 2048);
  EXPECT_EQ(wrapped.exponent, 65537u);
  EXPECT_FALSE(wrapped.bare_pkcs1);
  const dkim::Key bare = dkim::inspect_key(base64(rsa_der(1024, 3, false)), "rsa");
  EXPECT_EQ(bare.fault, dkim::KeyFault::none) << bare.why;
  EXPECT_EQ(bare.bits, 1024);
  EXPECT_EQ(bare.exponent, 3u);
  EXPECT_TRUE(bare.bare_pkcs1);
  EXPECT_EQ(dkim::inspect_key(ed25519, "ed25519").fault, dkim::KeyFault::none);
  // RFC 6376 appendix A.2
  EXPECT_EQ(dkim::inspect_key("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/"
                              "RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB", "rsa").bits, 1024);
}

TEST(DkimKey, IsRefusedForItsOwnReason) {
  const auto fault = [](const std::string& text, std::string_view type) { return dkim::inspect_key(text, type).fault; };
  const std::string key = rsa(2048);
  for (const std::size_t size : {std::size_t(20), std::size_t(253), key.size() - 4, key.size() - 1}) EXPECT_EQ(fault(key.substr(0, size), "rsa"), dkim::KeyFault::truncated) << size;
  EXPECT_EQ(fault(key.substr(0, 40) + "\"" + key.substr(40), "rsa"), dkim::KeyFault::truncated);
  EXPECT_EQ(fault("hello world", "rsa"), dkim::KeyFault::not_base64);
  EXPECT_EQ(fault("aGVsbG8gd29ybGQh", "rsa"), dkim::KeyFault::not_a_key);
  EXPECT_EQ(fault(base64(rsa_der(2048) + "x"), "rsa"), dkim::KeyFault::not_a_key);
  EXPECT_EQ(fault(ed25519, "rsa"), dkim::KeyFault::wrong_type);
  EXPECT_EQ(fault(base64(der(EVP_EC_gen("P-256"), true)), "rsa"), dkim::KeyFault::wrong_type);
  EXPECT_EQ(fault("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "ed25519"), dkim::KeyFault::ed25519_wrapped);
  EXPECT_EQ(fault("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMl", "ed25519"), dkim::KeyFault::truncated);
  EXPECT_EQ(fault(rsa(1024), "ed25519"), dkim::KeyFault::not_a_key);
}

TEST(DkimRecord, IsReadWithItsDefaults) {
  const auto bare = dkim::parse_key_record("p=").value();
  EXPECT_EQ(bare.key_type, "rsa");
  EXPECT_EQ(bare.key, "");
  EXPECT_TRUE(bare.serves("email"));
  EXPECT_TRUE(bare.allows_hash("sha256"));
  const auto full = dkim::parse_key_record("v=DKIM1; h=sha1 : SHA256; k=ed25519; n=x; s=email:tlsrpt; t=y:s; p= AB CD\t= ; x=1;").value();
  EXPECT_EQ(full.key, "ABCD=");
  EXPECT_EQ(full.key_type, "ed25519");
  EXPECT_TRUE(full.allows_hash("sha256"));
  EXPECT_TRUE(full.has_flag("s"));
  EXPECT_TRUE(full.serves("tlsrpt"));
  EXPECT_THAT(full.unknown_tags, testing::ElementsAre("x"));
  EXPECT_FALSE(dkim::parse_key_record("hello"));
}

TEST(DkimCheck, HasNothingAgainstGoodKeys) {
  EXPECT_THAT(about("v=DKIM1; k=rsa; p=" + rsa(2048)), IsEmpty());
  EXPECT_THAT(about("p=" + rsa(4096)), IsEmpty());
  EXPECT_THAT(about(std::string("v=DKIM1; k=ed25519; p=") + ed25519), IsEmpty());
  EXPECT_THAT(about("v=DKIM1; h=sha256; s=email; t=s; n=note; p=" + rsa(2048)), IsEmpty());
  const auto facts = check(txt(at_test, "v=DKIM1; t=s; p=" + rsa(2048))).facts.at("keys").as_array().at(0).as_object();
  EXPECT_EQ(facts.at("algorithm"), "rsa");
  EXPECT_EQ(facts.at("bits"), 2048);
  EXPECT_EQ(facts.at("flags").as_array().at(0), "s");
  EXPECT_EQ(facts.at("user_named"), true);
}

TEST(DkimCheck, FindsFaultsOfARecord) {
  const std::string good = "p=" + rsa(2048);
  EXPECT_THAT(ids(check(txt(at_test, good) + txt(at_test, "v=DKIM1; " + good))), UnorderedElementsAre("dkim.several-records"));
  EXPECT_THAT(about("hello"), UnorderedElementsAre("dkim.syntax"));
  EXPECT_THAT(about("v=dkim1; " + good), UnorderedElementsAre("dkim.version"));
  EXPECT_THAT(about("v=DKIM1\\; " + good), UnorderedElementsAre("dkim.version"));
  EXPECT_THAT(about(good + "; v=DKIM1"), UnorderedElementsAre("dkim.version"));
  EXPECT_THAT(about("k=rsa; k=rsa; " + good), UnorderedElementsAre("dkim.duplicate-tag"));
  EXPECT_THAT(about("v=DKIM1; k=rsa"), UnorderedElementsAre("dkim.key-absent"));
  EXPECT_THAT(about("v=DKIM1; p="), UnorderedElementsAre("dkim.revoked"));
  EXPECT_THAT(about("v=DKIM1; p=hello!"), UnorderedElementsAre("dkim.bad-base64"));
  EXPECT_THAT(about("v=DKIM1; p=aGVsbG8gd29ybGQh"), UnorderedElementsAre("dkim.bad-key"));
  EXPECT_THAT(about("v=DKIM1; p=" + rsa(2048).substr(0, 240)), UnorderedElementsAre("dkim.truncated"));
  EXPECT_THAT(about("k=dsa; " + good), UnorderedElementsAre("dkim.unknown-key-type"));
  EXPECT_THAT(about("p=" + rsa(512)), UnorderedElementsAre("dkim.short-key"));
  EXPECT_THAT(about("p=" + rsa(1024)), UnorderedElementsAre("dkim.weak-key"));
  EXPECT_THAT(about("p=" + rsa(8192)), UnorderedElementsAre("dkim.long-key"));
  EXPECT_THAT(about("p=" + rsa(2048, 3)), UnorderedElementsAre("dkim.exponent"));
  EXPECT_THAT(about("k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), UnorderedElementsAre("dkim.ed25519-form"));
  EXPECT_THAT(about("h=sha1; " + good), UnorderedElementsAre("dkim.hash"));
  EXPECT_THAT(about("t=y; " + good), UnorderedElementsAre("dkim.testing"));
  EXPECT_THAT(about("s=tlsrpt; " + good), UnorderedElementsAre("dkim.service"));
  EXPECT_THAT(about("g=; " + good), UnorderedElementsAre("dkim.granularity"));
}

TEST(DkimCheck, FindsAbsentKeysOfNamedSelectors) {
  EXPECT_THAT(ids(check("")), UnorderedElementsAre("dkim.key-missing"));
  EXPECT_THAT(ids(check("test._domainkey.example.org. A 192.0.2.1")), UnorderedElementsAre("dkim.key-missing"));
  EXPECT_THAT(ids(check("test._domainkey.example.org. CNAME gone.example.com.")), UnorderedElementsAre("dkim.dangling-alias"));
  EXPECT_THAT(ids(check("", {"a..b"})), UnorderedElementsAre("dkim.bad-selector"));
}

TEST(DkimCheck, KnowsAWildcard) {
  EXPECT_THAT(ids(check(txt("*.example.org", "v=spf1 -all"))), UnorderedElementsAre("dkim.wildcard", "dkim.key-missing"));
  EXPECT_THAT(ids(check(txt("*._domainkey.example.org", "v=spf1 -all") + txt(at_test, "p=" + rsa(2048)))), UnorderedElementsAre("dkim.wildcard"));
}

TEST(DkimCheck, TriesUsualSelectorsWhenNoneIsNamed) {
  const auto found = check(txt("selector1._domainkey.example.org", "v=DKIM1; p=" + rsa(2048)), {});
  EXPECT_THAT(ids(found), IsEmpty());
  EXPECT_EQ(found.outcome, Outcome::ran);
  EXPECT_EQ(found.facts.at("keys").as_array().size(), 1u);
  // Leftovers are not shouted about.
  EXPECT_EQ(check(txt("s1._domainkey.example.org", "p="), {}).findings.at(0).severity, Severity::info);
  EXPECT_EQ(check(txt("s1._domainkey.example.org", "p=hello!"), {}).findings.at(0).severity, Severity::warning);
  EXPECT_EQ(check(txt("s1._domainkey.example.org", "p=" + rsa(512)), {}).findings.at(0).severity, std::nullopt);
}

TEST(DkimCheck, CannotTellWithoutASelector) {
  const auto report = check("", {});
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
  EXPECT_THAT(ids(report.unknowns), UnorderedElementsAre("dkim.no-selector-known"));
  dns::Zone no_mail = dns::Zone::parse("example.org. MX 0 .").value();
  EXPECT_EQ(check(no_mail, {}).outcome, Outcome::ran);
  EXPECT_EQ(check(txt("example.org", "v=spf1 -all"), {}).outcome, Outcome::ran);
}

// --- what a hostile or broken zone holds ---

TEST(DkimCheck, ReadsTextThatIsNoUtf8) {
  EXPECT_THAT(ids(check(std::string(at_test) + ". TXT \"v=DKIM1; p=\\255\\254\\192\"\n")), UnorderedElementsAre("dkim.bad-base64"));
  EXPECT_THAT(ids(check(std::string(at_test) + ". TXT \"\\255\\254\"\n")), UnorderedElementsAre("dkim.syntax"));
}

TEST(DkimCheck, ReadsAKeyInHundredsOfStrings) {
  const std::string text = "v=DKIM1; k=rsa; p=" + rsa(2048);
  std::string record = std::string(at_test) + ". TXT";
  for (const char c : text) record += std::string(" \"") + c + '"';
  for (std::size_t i = text.size(); i < 450; ++i) record += " \"\"";
  EXPECT_THAT(ids(check(record)), IsEmpty());
}

TEST(DkimCheck, SaysUnknownOfALoopOfAliases) {
  const auto report = check("test._domainkey.example.org. CNAME a.example.org.\na.example.org. CNAME test._domainkey.example.org.");
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
}

// --- where a key stands, and whose it is ---

TEST(DkimCheck, FindsAKeyAtAWrongName) {
  const std::string key = "v=DKIM1; p=" + rsa(2048);
  EXPECT_THAT(ids(check(txt("test._domainkey.example.org.example.org", key))), UnorderedElementsAre("dkim.key-missing", "dkim.misplaced"));
  EXPECT_THAT(ids(check(txt("test.example.org", key))), UnorderedElementsAre("dkim.key-missing", "dkim.misplaced"));
  EXPECT_THAT(ids(check(txt("test.example.org", "p=none of your business"))), UnorderedElementsAre("dkim.key-missing"));
  EXPECT_THAT(ids(check(txt("test.example.org", key) + txt(at_test, key))), IsEmpty());
  dns::Zone silent = zone_of("");
  silent.fail(name("test.example.org"), dns::Status::timed_out);
  EXPECT_THAT(ids(check(silent)), UnorderedElementsAre("dkim.key-missing"));
}

TEST(DkimCheck, KnowsKeysThatAreNoSecret) {
  const std::string of_rfc8463 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
  EXPECT_THAT(about(of_rfc8463), UnorderedElementsAre("dkim.known-key"));
  EXPECT_EQ(examine(txt("default._domainkey.example.org", of_rfc8463), Setting{}).findings.at(0).severity, std::nullopt);
  EXPECT_THAT(about("p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/"
                    "RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"),
              UnorderedElementsAre("dkim.known-key", "dkim.weak-key"));
  EXPECT_THAT(about(std::string("k=ed25519; p=") + ed25519), IsEmpty());
}

TEST(DkimCheck, SeesOneKeyUnderSeveralSelectors) {
  const std::string key = "v=DKIM1; p=" + rsa(2048), other = "v=DKIM1; p=" + rsa(3072);
  EXPECT_THAT(ids(check(txt("a._domainkey.example.org", key) + txt("b._domainkey.example.org", key), {"a", "b"})), UnorderedElementsAre("dkim.same-key"));
  EXPECT_THAT(ids(check(txt("a._domainkey.example.org", key) + txt("b._domainkey.example.org", "p=" + base64(rsa_der(2048, 65537, false))), {"a", "b"})), UnorderedElementsAre("dkim.same-key"));
  EXPECT_THAT(ids(check(txt("a._domainkey.example.org", key) + txt("b._domainkey.example.org", other), {"a", "b"})), IsEmpty());
  EXPECT_THAT(ids(check(txt("a._domainkey.example.org", key), {"a", "A", "a"})), IsEmpty());
}

TEST(DkimCheck, ReadsTheAgeOfAKeyFromItsName) {
  using namespace std::chrono;
  EXPECT_EQ(dkim::date_in("20240601"), sys_days{2024y / 6 / 1});
  EXPECT_EQ(dkim::date_in("s2024-06-01b"), sys_days{2024y / 6 / 1});
  EXPECT_EQ(dkim::date_in("mail_202402"), sys_days{2024y / 2 / 29});
  EXPECT_EQ(dkim::date_in("2024"), sys_days{2024y / 12 / 31});
  for (const char* none : {"s1024", "s1", "default", "20241301", "20240230", "123456789", "2024-1", "", "-"}) EXPECT_EQ(dkim::date_in(none), std::nullopt) << none;
  const auto in_2026 = [](const std::string& selector, const std::string& zone) {
    return ids(examine(zone, Setting{.selectors = {selector}, .now = TimePoint(sys_days{2026y / 11 / 25})}));
  };
  const std::string key = "v=DKIM1; p=" + rsa(2048);
  EXPECT_THAT(in_2026("202406", txt("202406._domainkey.example.org", key)), UnorderedElementsAre("dkim.old-selector"));
  EXPECT_THAT(in_2026("202601", txt("202601._domainkey.example.org", key)), IsEmpty());
  EXPECT_THAT(in_2026("s2048", txt("s2048._domainkey.example.org", key)), IsEmpty());
  EXPECT_THAT(in_2026("202406", "202406._domainkey.example.org. CNAME k.other.test.\n" + txt("k.other.test", key)), IsEmpty());
}

TEST(DkimCheck, CountsTheBytesOfAnAnswer) {
  EXPECT_THAT(about("v=DKIM1; n=" + std::string(1300, 'x') + "; p=" + rsa(2048)), UnorderedElementsAre("dkim.large-answer"));
  EXPECT_THAT(about("v=DKIM1; n=" + std::string(300, 'x') + "; p=" + rsa(4096)), IsEmpty());
}

TEST(DkimCheck, NamesTheServiceBehindAnAlias) {
  const std::string zone = "s1._domainkey.example.org. CNAME s1.domainkey.u1.wl.sendgrid.net.\ns2._domainkey.example.org. CNAME s2.domainkey.u1.wl.sendgrid.net.\n" +
                           txt("s1.domainkey.u1.wl.sendgrid.net", "p=" + rsa(2048)) + txt("s2.domainkey.u1.wl.sendgrid.net", "p=" + rsa(3072));
  const auto report = check(zone, {"s1", "s2"});
  EXPECT_THAT(ids(report), UnorderedElementsAre("dkim.hosted"));
  EXPECT_EQ(report.facts.at("keys").as_array().at(1).at("hosted_by"), "SendGrid");
  EXPECT_THAT(ids(check("test._domainkey.example.org. CNAME k.other.test.\n" + txt("k.other.test", "p=" + rsa(2048)))), IsEmpty());
}

TEST(DkimCheck, ShowsWhatAKeyIsFor) {
  dns::Zone zone = zone_of(txt(at_test, "v=DKIM1; s=email:TLSRPT; p=" + rsa(2048)));
  zone.set_authentic(true);
  const auto key = check(zone).facts.at("keys").as_array().at(0).as_object();
  EXPECT_EQ(boost::json::serialize(key.at("services")), R"(["email","tlsrpt"])");
  EXPECT_EQ(key.at("authentic"), true);
  EXPECT_EQ(check(txt(at_test, "p=" + rsa(2048))).facts.at("keys").as_array().at(0).at("authentic"), false);
}

// --- guesses ---

TEST(DkimCheck, AsksOneOfManyOnlyWhereSomethingIsBelow) {
  const Setting many{.one_of_many = true};
  dns::Zone empty = zone_of("");
  const auto nothing = examine(empty, many);
  EXPECT_THAT(ids(nothing), IsEmpty());
  EXPECT_THAT(ids(nothing.unknowns), UnorderedElementsAre("dkim.nothing-below"));
  EXPECT_EQ(empty.questions(), 3u);
  dns::Zone google = dns::Zone::parse("example.org. MX 1 aspmx.l.google.com.\nexample.org. TXT \"v=spf1 include:_spf.google.com ~all\"\n" + txt("google._domainkey.example.org", "p=" + rsa(2048))).value();
  const auto hinted = examine(google, many);
  EXPECT_EQ(hinted.outcome, Outcome::ran);
  EXPECT_EQ(hinted.facts.at("keys").as_array().size(), 1u);
  EXPECT_EQ(hinted.facts.at("services").as_array().at(0), "Google Workspace");
  EXPECT_EQ(google.questions(), 5u);
  EXPECT_EQ(examine(txt("mail._domainkey.example.org", "p=" + rsa(2048)), many).facts.at("keys").as_array().size(), 1u);
  dns::Zone other = zone_of(txt("nobody-guesses-this._domainkey.example.org", "p=" + rsa(2048)));
  EXPECT_THAT(ids(examine(other, many).unknowns), UnorderedElementsAre("dkim.no-selector-known"));
  dns::Zone silent = zone_of("");
  silent.fail(name("_domainkey.example.org"), dns::Status::timed_out);
  EXPECT_THAT(ids(examine(silent, many).unknowns), UnorderedElementsAre("dkim.no-selector-known"));
}

class DkimCheckWithoutAnswer : public testing::TestWithParam<dns::Status> {};

TEST_P(DkimCheckWithoutAnswer, CannotTellWhetherANamedKeyExists) {
  dns::Zone zone = dns::Zone::parse("example.org. MX 10 mx.example.org.").value();
  zone.fail(name(at_test), GetParam());
  const auto report = check(zone);
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
}

TEST_P(DkimCheckWithoutAnswer, CannotTellAnythingOfGuesses) {
  dns::Zone zone = dns::Zone::parse("example.org. MX 10 mx.example.org.").value();
  zone.fail(name("default._domainkey.example.org"), GetParam());
  const auto report = check(zone, {});
  EXPECT_EQ(report.outcome, Outcome::inconclusive);
  EXPECT_THAT(ids(report), IsEmpty());
  EXPECT_EQ(report.unknowns.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Failures, DkimCheckWithoutAnswer,
                         testing::Values(dns::Status::serv_fail, dns::Status::timed_out, dns::Status::refused, dns::Status::bogus, dns::Status::malformed),
                         test::failure_name);

TEST(DkimCheck, CatalogueFitsTheCode) { test::expect_catalogue_fits_code("dkim"); }
