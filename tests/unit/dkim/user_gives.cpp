// What the user gives beside selectors: private keys, and a message with its signatures.
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

#include "keys.hpp"
#include "tests/support/tool.hpp"

using namespace mailmedic;
using namespace mailmedic::dkim_test;
using testing::HasSubstr;
using testing::Not;

namespace {

void write(const std::string& file, const std::string& text, mode_t mode = 0600) {
  std::ofstream(file) << text;
  ::chmod(file.c_str(), mode);
}

std::string pem(EVP_PKEY* key, bool encrypted = false) {
  BIO* out = BIO_new(BIO_s_mem());
  unsigned char word[] = "word";
  PEM_write_bio_PKCS8PrivateKey(out, key, encrypted ? EVP_aes_128_cbc() : nullptr, reinterpret_cast<char*>(word), encrypted ? 4 : 0, nullptr, nullptr);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

dkim::Signature signature(const std::string& tags) { return dkim::parse_signature(tags).value(); }

class DkimPrivateKey : public testing::Test {
 protected:
  ~DkimPrivateKey() override { EVP_PKEY_free(rsa_key_); }

  test::Folder folder_;
  std::string file_ = folder_.file("dkim.key");
  dkim::PrivateKey read() { return dkim::read_private_key(file_).value(); }
  std::string refused() {
    const auto key = dkim::read_private_key(file_);
    return key ? "read" : key.error().why;
  }
  CheckReport check_with(const std::string& zone, std::vector<std::string> selectors = {"test"}) {
    Setting how{.selectors = std::move(selectors)};
    how.given.private_keys.push_back(read());
    return examine(zone, std::move(how));
  }

  EVP_PKEY* rsa_key_ = EVP_RSA_gen(2048);
};

}  // namespace

TEST_F(DkimPrivateKey, GivesItsPublicHalf) {
  write(file_ = folder_.file("rsa.key"), pem(rsa_key_));
  EXPECT_EQ(read().key_type, "rsa");
  EXPECT_EQ(read().bits, 2048);
  EXPECT_EQ(read().mode, 0600u);
  EXPECT_EQ(dkim::inspect_key(read().public_base64, "rsa").fingerprint, read().fingerprint);
  // RFC 8032 section 7.1, first test: the seed alone, the seed with the public key, PKCS#8
  const std::string seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
  for (const std::string& text : {seed + "\n", std::string("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg=="),
                                  std::string("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n")}) {
    write(file_, text);
    EXPECT_EQ(read().key_type, "ed25519") << text;
    EXPECT_EQ(read().public_base64, "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=") << text;
  }
}

TEST_F(DkimPrivateKey, IsRefusedWithTheRemedy) {
  file_ = folder_.file("none");
  EXPECT_THAT(refused(), HasSubstr("No such file"));
  file_ = "/dev/null";
  EXPECT_THAT(refused(), HasSubstr("not a regular file"));
  file_ = folder_.file("key");
  write(file_, pem(rsa_key_, true));
  EXPECT_THAT(refused(), HasSubstr("encrypted"));
  write(file_, "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n");
  EXPECT_THAT(refused(), HasSubstr("public key"));
  write(file_, "hello, secret");
  EXPECT_THAT(refused(), HasSubstr("not a private key"));
  EXPECT_THAT(refused(), Not(HasSubstr("secret")));
  write(file_, std::string(70'000, 'x'));
  EXPECT_THAT(refused(), HasSubstr("64 KiB"));
  EVP_PKEY* curve = EVP_EC_gen("P-256");
  write(file_, pem(curve));
  EVP_PKEY_free(curve);
  EXPECT_THAT(refused(), HasSubstr("RSA and Ed25519"));
}

TEST_F(DkimPrivateKey, IsHeldAgainstThePublishedKey) {
  write(file_, pem(rsa_key_));
  const std::string own = "v=DKIM1; k=rsa; p=" + read().public_base64, other = "p=" + rsa(3072);
  const auto good = check_with(txt(at_test, own));
  EXPECT_THAT(ids(good), IsEmpty());
  EXPECT_EQ(good.facts.at("private_keys").as_array().at(0).at("published_at").as_array().at(0), at_test);
  const auto bad = check_with(txt(at_test, other));
  EXPECT_THAT(ids(bad), UnorderedElementsAre("dkim.private-key-unpublished"));
  EXPECT_THAT(bad.findings.at(0).args, Contains(std::pair<std::string, std::string>("record", own)));
  EXPECT_THAT(ids(check_with("")), UnorderedElementsAre("dkim.key-missing", "dkim.private-key-unpublished"));
  EXPECT_THAT(ids(check_with(txt(at_test, other) + txt("b._domainkey.example.org", own), {"test", "b"})), IsEmpty());
  // under a guessed selector it fits, or nothing can be told
  EXPECT_THAT(ids(check_with(txt("mail._domainkey.example.org", own), {})), IsEmpty());
  const auto guessed = check_with(txt("mail._domainkey.example.org", other), {});
  EXPECT_THAT(ids(guessed), IsEmpty());
  EXPECT_THAT(ids(guessed.unknowns), UnorderedElementsAre("dkim.private-key-not-compared"));
}

TEST_F(DkimPrivateKey, IsNotJudgedByAnAnswerThatDidNotCome) {
  write(file_, pem(rsa_key_));
  dns::Zone zone = zone_of("");
  zone.fail(name(at_test), dns::Status::serv_fail);
  Setting how{.selectors = {"test"}};
  how.given.private_keys.push_back(read());
  const auto report = examine(zone, std::move(how));
  EXPECT_THAT(ids(report), IsEmpty());
  EXPECT_THAT(ids(report.unknowns), UnorderedElementsAre("dns.no-answer", "dkim.private-key-not-compared"));
}

TEST_F(DkimPrivateKey, IsForItsOwnerAlone) {
  write(file_, pem(rsa_key_));
  const std::string zone = txt(at_test, "p=" + read().public_base64);
  const auto with_mode = [&](mode_t mode) {
    ::chmod(file_.c_str(), mode);
    return ids(check_with(zone));
  };
  EXPECT_THAT(with_mode(0600), IsEmpty());
  EXPECT_THAT(with_mode(0400), IsEmpty());
  EXPECT_THAT(with_mode(0640), UnorderedElementsAre("dkim.private-key-group"));
  EXPECT_THAT(with_mode(0644), UnorderedElementsAre("dkim.private-key-open"));
  EXPECT_THAT(with_mode(0602), UnorderedElementsAre("dkim.private-key-open"));
}

TEST(DkimSignature, SaysWhichKeyVerifiesIt) {
  const auto full = signature(" v=1; a=rsa-sha256; d=Exam\r\n\tple.org; s=s1.x;\r\n i=joe@\r\n news.example.org; bh=x; b=y");
  EXPECT_EQ(full.domain, name("example.org"));
  EXPECT_EQ(full.selector, "s1.x");
  EXPECT_EQ(full.identity_domain, name("news.example.org"));
  EXPECT_EQ(signature("d=example.org; s=a").identity_domain, name("example.org"));
  EXPECT_EQ(signature("d=example.org; s=a; i=@example.org").identity_domain, name("example.org"));
  for (const char* bad : {"", "d=example.org", "s=a", "d=a..b; s=a", "d=example.org; s=", "d=example.org; s=a..b", "d=example.org; d=example.org; s=a", "d=.; s=a",
                          "d=example.org; s=a; i=joe", "d=example.org; s=a; i=joe@", "hello"})
    EXPECT_FALSE(dkim::parse_signature(bad)) << bad;
}

TEST(DkimCheck, TakesSelectorsFromSignatures) {
  Setting how;
  how.given.signatures = {signature("d=example.org; s=one"), signature("d=news.example.org; s=two"), signature("d=esp.test; s=three")};
  const auto report = examine(txt("one._domainkey.example.org", "p=" + rsa(2048)) + txt("three._domainkey.esp.test", "p="), std::move(how));
  EXPECT_THAT(ids(report), UnorderedElementsAre("dkim.key-missing"));
  EXPECT_EQ(report.findings.at(0).subject, "two._domainkey.news.example.org");
  EXPECT_EQ(report.facts.at("keys").as_array().at(0).at("user_named"), true);
  EXPECT_EQ(report.facts.at("signatures").as_array().at(2).at("asked"), false);
}

TEST(DkimCheck, HoldsTheIdentityAgainstTheKey) {
  const auto with = [](const std::string& tags, const std::string& record) {
    Setting how;
    how.given.signatures = {signature(tags)};
    return ids(examine(txt(at_test, record + "; p=" + rsa(2048)), std::move(how)));
  };
  EXPECT_THAT(with("d=example.org; s=test; i=@news.example.org", "t=s"), UnorderedElementsAre("dkim.subdomain-identity"));
  EXPECT_THAT(with("d=example.org; s=test; i=joe@example.org", "t=s"), IsEmpty());
  EXPECT_THAT(with("d=example.org; s=test", "t=s"), IsEmpty());
  EXPECT_THAT(with("d=example.org; s=test; i=@news.example.org", "v=DKIM1"), IsEmpty());
}

TEST(DkimGiven, NamesAFaultOfItsDataFiles) {
  test::Folder folder;
  EXPECT_THAT(dkim::read_given(folder.file("none")).error().why, HasSubstr("providers.toml"));
  std::ofstream(folder.file("providers.toml")) << "[x]\nname = \"X\"\nmx = [\"a..b\"]\n";
  std::ofstream(folder.file("known_keys.toml")) << "[abc]\nsource = \"y\"\n";
  EXPECT_THAT(dkim::read_given(folder.file(".")).error().why, HasSubstr("a..b"));
  std::ofstream(folder.file("providers.toml")) << "[x]\nname = \"X\"\n";
  EXPECT_THAT(dkim::read_given(folder.file(".")).error().why, HasSubstr("known_keys.toml"));
}
