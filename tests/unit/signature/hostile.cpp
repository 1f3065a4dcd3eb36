// Messages, signatures and keys made to do harm: a verdict, in bounded time and memory.
#include "signed_mail.hpp"

#include "checks/signature/judge.hpp"

using namespace mailmedic;
using namespace mailmedic::signature_test;
using signature::Hash;
using signature::KeyState;

namespace {

const std::string plain = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=rsa; h=From; bh=AAAA; b=";

/// Base64 without line ends.
std::string base64(std::string_view bytes) { return dkim::encoded_base64(bytes); }

std::string der(char tag, const std::string& content) {
  std::string length;
  if (content.size() < 128) length = std::string(1, static_cast<char>(content.size()));
  else if (content.size() < 256) length = "\x81" + std::string(1, static_cast<char>(content.size()));
  else length = std::string("\x82") + static_cast<char>(content.size() >> 8) + static_cast<char>(content.size() & 255);
  return tag + length + content;
}

/// A bare RSA key (PKCS#1) with this modulus. RFC 8017 appendix A.1.1.
std::string rsa_key(const std::string& modulus, const std::string& exponent = std::string("\x01\x00\x01", 3)) { return base64(der('\x30', der('\x02', modulus) + der('\x02', exponent))); }

signature::Result result_with_key(const std::string& key, const std::string& signature_bytes) {
  const Examined examined(plain + base64(signature_bytes) + "\r\n" + std::string(letter), txt("rsa._domainkey.example.org.", "v=DKIM1; p=" + key));
  EXPECT_EQ(examined.one().header_hash == Hash::pass, false);
  return examined.one().result;
}

}  // namespace

TEST(SignatureHostile, AMillionFieldsAreRefused) {
  std::string mail;
  for (int i = 0; i < 1'000'000; ++i) mail += "a:\n";
  const auto message = message::parse_raw(mail + "\n");
  ASSERT_FALSE(message);
  EXPECT_THAT(message.error().why, testing::HasSubstr("2000 fields"));
}

TEST(SignatureHostile, AHeaderWithoutEndIsRefused) {
  EXPECT_FALSE(message::parse_raw("From: a@example.org\r\nX: " + std::string(100'000'000, 'x')));
  EXPECT_FALSE(message::parse_raw("From: a@example.org\r\n" + [] {
    std::string folds;
    for (int i = 0; i < 1'000'000; ++i) folds += " x\r\n";
    return folds;
  }()));
}

TEST(SignatureHostile, AMessageThatEndsInItsHeaderIsVerified) {
  const std::string mail = "From: a@example.org\r\nSubject: b\r\n";
  const Examined examined(signed_by({"rsa"}, mail));
  EXPECT_EQ(examined.result(), "pass");
}

TEST(SignatureHostile, NulsAreBytesAsOthers) {
  const std::string mail = replaced(std::string(letter), "Hi.", std::string("H\0i.", 4));
  EXPECT_EQ(Examined(signed_by({"rsa", "ed"}, mail)).result(), "pass");
  EXPECT_EQ(Examined(replaced(signed_by({"rsa"}, mail), std::string("H\0i.", 4), "Hi.")).result(), "fail");
  EXPECT_EQ(Examined(replaced(signed_by({"rsa"}), "Subject: Is", std::string("Subject: \0Is", 12))).result(), "fail");
  EXPECT_FALSE(message::parse_raw(std::string("Fr\0om: a@example.org\r\n\r\n", 25)));
}

TEST(SignatureHostile, EveryTagBroken) {
  const std::string good = signed_by({"rsa"});
  for (const std::string tag : {"v", "a", "d", "s", "h", "bh", "b"})
    for (const std::string value : {std::string(), std::string("\x01\xff\n ;;"), std::string(100'000, 'A'), std::string("=;=;="), std::string("18446744073709551616"), std::string("\0", 1)}) {
      std::string list;
      for (const std::string name : {"v", "a", "d", "s", "h", "bh", "b"}) {
        const std::string usual = name == "v" ? "1" : name == "a" ? "rsa-sha256" : name == "d" ? "example.org" : name == "s" ? "rsa" : name == "h" ? "From" : "AAAA";
        list += name + "=" + (name == tag ? value : usual) + "; ";
      }
      std::erase(list, '\n');
      const Examined examined("DKIM-Signature: " + list + "\r\n" + std::string(letter));
      EXPECT_NE(examined.result(), "pass") << tag << "=" << value.substr(0, 30);
    }
  for (const std::string tail : {"; l=99999999999999999999", "; l=-1", "; x=soon", "; t=", "; i=@example.com", "; c=none", "; b=AAAA"}) {
    const Examined examined(replaced(good, "v=1;", "v=1" + tail + ";"));
    EXPECT_EQ(examined.result(), "permerror") << tail;
  }
}

TEST(SignatureHostile, KeysOfAllSizes) {
  EXPECT_EQ(result_with_key(rsa_key(std::string(1, '\0')), "x"), signature::Result::permerror);                            // 0 bits
  EXPECT_EQ(result_with_key(rsa_key("\x01"), "\x01"), signature::Result::permerror);                                      // 1 bit
  EXPECT_EQ(result_with_key(rsa_key(std::string(65, '\x7f')), std::string(65, 'x')), signature::Result::permerror);       // 519 bits: may not be used
  const std::string huge = rsa_key('\0' + std::string(2048, '\xff'));                                                     // 16384 bits
  EXPECT_NE(result_with_key(huge, std::string(2048, 'x')), signature::Result::pass);
  EXPECT_NE(result_with_key(rsa_key('\0' + std::string(256, '\xff'), '\0' + std::string(256, '\xfe')), std::string(256, 'x')), signature::Result::pass);  // exponent of 2048 bits
  EXPECT_NE(result_with_key(rsa_key('\0' + std::string(255, '\xff') + '\xfe'), std::string(256, 'x')), signature::Result::pass);                         // even modulus
  for (const std::string key : {"", "A", "====", "AAAA", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"}) EXPECT_EQ(result_with_key(key, "x"), signature::Result::permerror) << key;
}

/// A signature of 16384 bits by such a key costs its verifier a hundred times the usual; twenty of them still end soon.
TEST(SignatureHostile, ManySignaturesByAHugeKeyEndSoon) {
  const std::string huge = rsa_key('\0' + std::string(2048, '\xff'));
  std::string mail;
  for (int i = 0; i < 100; ++i) mail += plain + base64(std::string(2048, 'x')) + "\r\n";
  const auto begin = std::chrono::steady_clock::now();
  const Examined examined(mail + std::string(letter), txt("rsa._domainkey.example.org.", "v=DKIM1; p=" + huge));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(examined.verification.signatures.size(), signature::max_signatures);
  EXPECT_EQ(examined.verification.left_out, 80u);
}

/// Twenty signatures over one large body hash it once a form.
TEST(SignatureHostile, OneBodyIsHashedOnce) {
  std::string mail;
  for (int i = 0; i < 20; ++i) mail += plain + "AAAA\r\n";
  mail += std::string(letter);
  for (int i = 0; i < 1'000'000; ++i) mail += "line  with\tspaces \n";
  const auto begin = std::chrono::steady_clock::now();
  const Examined examined(mail);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(examined.one(19).body_hash, Hash::fail);
}

TEST(SignatureHostile, ASecondFromIsSeen) {
  const Examined oversigned("From: ceo@example.org\r\n" + signed_by({"rsa"}));
  EXPECT_EQ(oversigned.result(), "fail");
  EXPECT_EQ(oversigned.one().header_hash, Hash::fail);
}
