// Verification of signatures: published examples, and messages of our own that are changed in known ways.
#include "signed_mail.hpp"

#include <boost/json/parse.hpp>

using namespace mailmedic;
using namespace mailmedic::signature_test;
using signature::Hash;
using signature::KeyState;
using signature::Reason;

namespace {
const std::string vectors = MAILMEDIC_SOURCE_DIR "/tests/vectors/dkim/";
}

// RFC 6376 appendix A.2, RFC 8463 appendix A.3
TEST(SignatureVerify, PublishedExamples) {
  const auto cases = boost::json::parse(test::content_of(vectors + "vectors.json"));
  for (const auto& one : cases.as_array()) {
    std::string zone;
    for (const auto& entry : one.at("dns").as_object()) zone += txt(std::string(entry.key()) + ".", std::string(entry.value().as_string()));
    const Examined examined(test::content_of(vectors + std::string(one.at("message").as_string())), zone, TimePoint{});
    ASSERT_EQ(examined.verification.signatures.size(), one.at("signatures").as_array().size());
    for (std::size_t i = 0; i < examined.verification.signatures.size(); ++i) {
      EXPECT_EQ(examined.result(i), one.at("signatures").at(i).as_string()) << one.at("source") << ": " << examined.one(i).why;
      EXPECT_EQ(examined.one(i).body_hash, Hash::pass);
      EXPECT_EQ(examined.one(i).header_hash, Hash::pass);
    }
  }
}

TEST(SignatureVerify, BothAlgorithmsInEveryCanonicalization) {
  for (const auto header : {dkim::Canonicalization::simple, dkim::Canonicalization::relaxed})
    for (const auto body : {dkim::Canonicalization::simple, dkim::Canonicalization::relaxed})
      for (const std::string_view mail : {letter, std::string_view("From: a@example.org\r\n\r\n"), std::string_view("From: a@example.org\r\n"), std::string_view("From: a@example.org\n\n\n\nx \t y \n\n\n"),
                                          std::string_view("From : a@example.org\r\nSubject:  a\r\n \tb  \r\n\r\nlast line without an end"), std::string_view("From: a@example.org\r\n\r\n\r\n \r\n\r\n")}) {
        const Examined examined(signed_by({"rsa", "ed"}, mail, {.domain = "example.org", .identity = "joe@news.example.org", .header = header, .body = body, .lifetime = std::chrono::hours(1)}));
        ASSERT_EQ(examined.verification.signatures.size(), 2u);
        EXPECT_EQ(examined.result(0), "pass") << examined.text << examined.one(0).why;
        EXPECT_EQ(examined.result(1), "pass") << examined.text << examined.one(1).why;
        EXPECT_EQ(examined.one(0).tags->expiry, 1'790'003'600u);
      }
}

TEST(SignatureVerify, LineEndsOfAFileSystemAreThoseOfTheWire) {
  std::string unix_file;
  for (const char c : signed_by({"rsa", "ed"}))
    if (c != '\r') unix_file += c;
  const Examined examined(unix_file);
  EXPECT_EQ(examined.result(0), "pass");
  EXPECT_EQ(examined.result(1), "pass");
}

// RFC 6376 section 3.4: what each form forgives
TEST(SignatureVerify, RelaxedForgivesWhatSimpleDoesNot) {
  const auto result = [](dkim::Canonicalization form, const std::string& from, const std::string& to) {
    return Examined(replaced(signed_by({"rsa"}, letter, {.domain = "example.org", .header = form, .body = form}), from, to)).one().result;
  };
  using enum dkim::Canonicalization;
  using signature::Result;
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"Subject: Is dinner", "subject :  Is\r\n\tdinner"}, {"game.  Are", "game. \tAre"}, {"hungry yet?\r\n", "hungry yet? \t\r\n"}}) {
    EXPECT_EQ(result(relaxed, from, to), Result::pass) << to;
    EXPECT_EQ(result(simple, from, to), Result::fail) << to;
  }
  EXPECT_EQ(result(simple, "Joe.\r\n", "Joe.\r\n\r\n\r\n"), Result::pass);
  EXPECT_EQ(result(relaxed, "Joe.\r\n", "Joe."), Result::pass);
  EXPECT_EQ(result(relaxed, "hungry", "hun gry"), Result::fail);
}

TEST(SignatureVerify, JudgesBodyAndHeaderApart) {
  const Examined body(replaced(signed_by({"rsa"}), "lost", "won"));
  EXPECT_EQ(body.result(), "fail");
  EXPECT_EQ(body.one().reason, Reason::body);
  EXPECT_EQ(body.one().body_hash, Hash::fail);
  EXPECT_EQ(body.one().header_hash, Hash::pass);
  const Examined header(replaced(signed_by({"rsa"}), "Subject: Is", "Subject: [list] Is"));
  EXPECT_EQ(header.result(), "fail");
  EXPECT_EQ(header.one().reason, Reason::header);
  EXPECT_EQ(header.one().body_hash, Hash::pass);
  EXPECT_EQ(header.one().header_hash, Hash::fail);
  const Examined both(replaced(replaced(signed_by({"ed"}), "Subject: Is", "Subject: [list] Is"), "lost", "won"));
  EXPECT_EQ(both.one().body_hash, Hash::fail);
  EXPECT_EQ(both.one().header_hash, Hash::fail);
}

// RFC 6376 section 8.15: none of these fields can be added
TEST(SignatureVerify, AddedFieldsBreakWhatIsOversigned) {
  for (const std::string name : {"From", "To", "Subject", "Date", "List-Unsubscribe", "List-Unsubscribe-Post"}) EXPECT_EQ(Examined(name + ": x@example.com\r\n" + signed_by({"rsa"})).result(), "fail") << name;
  EXPECT_EQ(Examined("Received: from x by y; today\r\nX-Spam: no\r\n" + signed_by({"rsa"})).result(), "pass");
}

TEST(SignatureVerify, KeyIsMissingRevokedOrUnfit) {
  const std::string mail = signed_by({"rsa"}), name = "rsa._domainkey.example.org.", good = record(keys().rsa);
  const auto state = [&](const std::string& zone_text, const std::string& expected = "permerror") {
    const Examined examined(mail, zone_text);
    EXPECT_EQ(examined.result(), expected) << zone_text;
    EXPECT_EQ(examined.one().body_hash, Hash::pass);
    EXPECT_FALSE(expected == "permerror" && examined.one().why.empty());
    return examined.one().key.state;
  };
  EXPECT_EQ(state(txt(name, good), "pass"), KeyState::usable);
  EXPECT_EQ(state(txt(name, good) + txt(name, "v=spf1 -all"), "pass"), KeyState::usable);
  EXPECT_EQ(state("x.example.org. A 192.0.2.1\n"), KeyState::missing);
  EXPECT_EQ(state(txt(name, good) + txt(name, record(keys().ed25519))), KeyState::several);
  EXPECT_EQ(state(txt(name, "hello")), KeyState::unreadable);
  EXPECT_EQ(state(txt(name, "v=DKIM2; " + good.substr(9))), KeyState::unreadable);
  EXPECT_EQ(state(txt(name, "v=DKIM1; k=rsa")), KeyState::unreadable);
  EXPECT_EQ(state(txt(name, good + "; p=x")), KeyState::unreadable);
  EXPECT_EQ(state(txt(name, "v=DKIM1; p=")), KeyState::revoked);
  EXPECT_EQ(state(txt(name, good + "; s=tlsrpt")), KeyState::other_service);
  EXPECT_EQ(state(txt(name, good + "; h=sha1")), KeyState::other_hash);
  EXPECT_EQ(state(txt(name, record(keys().ed25519))), KeyState::other_type);
  EXPECT_EQ(state(txt(name, "v=DKIM1; p=aGVsbG8=")), KeyState::no_key);
  const test::Folder folder;
  EXPECT_EQ(state(txt(name, record(dkim::create_private_key(folder.file("weak"), "rsa", 768).value()))), KeyState::weak);
}

TEST(SignatureVerify, KeyOfAnotherSizeOrAnotherKey) {
  const test::Folder folder;
  const auto reason = [&](int bits) {
    const std::string file = folder.file(std::to_string(bits));
    return Examined(signed_by({"rsa"}), txt("rsa._domainkey.example.org.", record(dkim::create_private_key(file, "rsa", bits).value()))).one().reason;
  };
  EXPECT_EQ(reason(1024), Reason::size);
  EXPECT_EQ(reason(2048), Reason::other_key);
}

class SignatureVerifyWithoutDns : public testing::TestWithParam<dns::Status> {};
// RFC 6376 section 6.1.2: a failing DNS is a temporary error, whatever the signature is worth.
TEST_P(SignatureVerifyWithoutDns, IsATemporaryError) {
  dns::Zone failing = dns::Zone::parse(zone()).value();
  failing.fail(dns::Name::parse("rsa._domainkey.example.org").value(), GetParam());
  const Examined examined(signed_by({"rsa", "ed"}), std::move(failing));
  EXPECT_EQ(examined.result(0), "temperror");
  EXPECT_EQ(examined.one(0).body_hash, Hash::pass);
  EXPECT_EQ(examined.one(0).header_hash, Hash::unknown);
  EXPECT_EQ(examined.result(1), "pass");
}
INSTANTIATE_TEST_SUITE_P(AllFailures, SignatureVerifyWithoutDns, testing::Values(dns::Status::serv_fail, dns::Status::refused, dns::Status::timed_out, dns::Status::bogus, dns::Status::malformed),
                         test::failure_name);

// RFC 6376 section 6.1.1
TEST(SignatureVerify, TagsThatMakeASignatureUnusable) {
  const std::string mail = signed_by({"rsa"});
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"v=1;", ""}, {"v=1", "v=2"}, {"a=rsa-sha256;", ""}, {"d=example.org;", ""}, {"s=rsa", "s="}, {"t=", "t=x"}, {"c=relaxed/relaxed", "c=loose"},
                                                                                {"v=1;", "v=1;;"}, {"v=1;", "v=1; v=1;"}, {"bh=", "bh=*"}, {"d=example.org", "d=example.org; i=@example.com"},
                                                                                {"d=example.org", "d=example.org; l=many"}, {"v=1;", "v=1; l;"}}) {
    const Examined examined(replaced(mail, from, to));
    EXPECT_EQ(examined.result(), "permerror") << to;
    EXPECT_EQ(examined.one().reason, Reason::unreadable) << to;
  }
  const auto reason = [&](const std::string& from, const std::string& to) { return Examined(replaced(mail, from, to)).one().reason; };
  EXPECT_EQ(reason("h=From:", "h="), Reason::header);  // oversigned: From is named again
  EXPECT_EQ(reason("a=rsa-sha256", "a=rsa-sha1"), Reason::sha1);
  EXPECT_EQ(reason("a=rsa-sha256", "a=RSA-SHA256"), Reason::algorithm);
  EXPECT_EQ(reason("a=rsa-sha256", "a=ed25519-sha256"), Reason::key);
  EXPECT_EQ(reason("d=example.org", "d=example.org; l=1000"), Reason::body_too_short);
  EXPECT_EQ(reason("d=example.org", "d=a..b"), Reason::key);
  EXPECT_EQ(reason("t=1790000000", "t=1790000000; x=1789999999"), Reason::expired);
}

// RFC 6376 sections 3.5 and 8.2: what l= leaves out is not signed
TEST(SignatureVerify, CountsTheBodyLengthInTheCanonicalForm) {
  const std::string body = "Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n";  // relaxed
  dkim::Hasher hasher;
  EXPECT_EQ(hasher.body(message::parse_raw(letter).value().body, dkim::Canonicalization::relaxed).length, body.size());
  EXPECT_EQ(hasher.body("Hi. \n\nmore", dkim::Canonicalization::relaxed, 5).bytes, hasher.of("Hi.\r\n"));
  EXPECT_EQ(hasher.body("Hi.\n", dkim::Canonicalization::relaxed, 0).bytes, hasher.of(""));
  EXPECT_EQ(hasher.body("", dkim::Canonicalization::simple).bytes, hasher.of("\r\n"));
  EXPECT_EQ(hasher.body("", dkim::Canonicalization::relaxed).bytes, hasher.of(""));
  EXPECT_EQ(hasher.body("a\r\n\r\nb \r\n\r\n\r\n", dkim::Canonicalization::simple).bytes, hasher.of("a\r\n\r\nb \r\n"));
}

TEST(SignatureVerify, LooksAtTwentySignaturesAndCountsTheRest) {
  std::string many;
  for (int i = 0; i < 25; ++i) many += "DKIM-Signature: v=1\r\n";
  const Examined examined(many + std::string(letter));
  EXPECT_EQ(examined.verification.signatures.size(), 20u);
  EXPECT_EQ(examined.verification.left_out, 5u);
}

TEST(SignatureVerify, FindsTheLastOfANameFirst) {
  const auto message = message::parse_raw("X: 1\r\nY: 2\r\nx: 3\r\nX: 4\r\n\r\n").value();
  const std::vector<std::string> names{"x", "Y", "X", "x", "X", "z"};
  const auto picked = dkim::FieldPicker(message.fields).pick(names);
  std::string values;
  for (const auto* field : picked) values += field ? std::string(field->value) : "-";
  EXPECT_EQ(values, " 4 2 3 1--");
}

// RFC 6376 section 5.4: a name without a field is legal, and keeps one from being added
TEST(SignatureVerify, ListsSignedFieldsThatAreAbsent) {
  const Examined examined(signed_by({"rsa"}, "From: a@example.org\r\nTo: b@example.net\r\n\r\n"));
  const auto json = signature::to_json(examined.one(), examined.message);
  std::vector<std::string> absent;
  for (const auto& name : json.at("absent_fields").as_array()) absent.emplace_back(name.as_string());
  EXPECT_THAT(absent, testing::ElementsAre("From", "To", "Subject", "Date", "List-Unsubscribe", "List-Unsubscribe-Post"));
}
