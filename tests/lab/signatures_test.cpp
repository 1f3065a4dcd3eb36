// DKIM beside its other implementations: what mailmedic signs they verify, what they sign mailmedic verifies.
#include <gmock/gmock.h>

#include <map>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* scripts = MAILMEDIC_SOURCE_DIR "/tests/lab/bin/";

/// All that canonicalization is about: folds, tabs, runs of blanks, blanks at line ends, empty lines at the end, fields
/// that stand twice.
constexpr std::string_view letter =
    "Received: from a.lab.test by b.lab.test; Fri, 18 Sep 2026 10:00:01 +0000\r\n"
    "Received: from c.lab.test by a.lab.test; Fri, 18 Sep 2026 10:00:00 +0000\r\n"
    "From: =?utf-8?q?Zo=C3=AB?= <zoe@good.test>\r\n"
    "To: sue@example.net,\r\n\tjoe@example.net\r\n"
    "Subject:  Dinner \t at\r\n  eight  \r\n"
    "Message-ID: <1@good.test>\r\n"
    "Date: Fri, 18 Sep 2026 10:00:00 +0000\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "List-Unsubscribe: <https://good.test/u/1>\r\n"
    "\r\n"
    "Gr\xc3\xbc\xc3\x9f" "e,  \r\n\t indented\tand  spaced \r\n \r\n.dot\r\n\r\n\r\n";
constexpr std::string_view without_body = "From: zoe@good.test\r\nTo: sue@example.net\r\nSubject: empty\r\nDate: Fri, 18 Sep 2026 10:00:00 +0000\r\nMessage-ID: <2@good.test>\r\n\r\n";

std::string written(const std::string& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

std::string key(const char* name) { return folder() + "/keys/" + name; }

/// A program that reads a message from its standard input.
Ran with_input(const std::string& file, Words words) {
  words.insert(words.begin(), {"bash", "-c", "exec \"${@:2}\" < \"$1\"", "bash", file});
  return test::run_program(std::move(words));
}

constexpr const char* forms[] = {"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"};

struct SignedLetter {
  std::string file, about;
  bool rsa = false, ed25519 = false;
};

/// Letters that mailmedic signed: each form, each algorithm and both at once; a damaged one of each algorithm.
struct Letters {
  test::Folder folder;
  std::vector<SignedLetter> good, damaged;

  Letters() {
    const std::string text = written(folder.file("letter.eml"), letter), empty = written(folder.file("empty.eml"), without_body);
    for (const char* form : forms) {
      make(text, form, true, false);
      make(text, form, false, true);
      make(text, form, true, true);
      make(empty, form, true, false);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      std::string content = test::content_of(good[i].file);
      content.replace(content.find(".dot"), 4, ".dit");
      damaged.push_back(good[i]);
      damaged.back().file = written(folder.file("damaged-" + std::to_string(i)), content);
    }
  }

 private:
  void make(const std::string& file, const char* form, bool rsa, bool ed25519) {
    Words words{"sign", "--domain", "good.test", "--canonicalization", form};
    if (rsa) words.insert(words.end(), {"--key", "s2048:" + key("rsa2048.key")});
    if (ed25519) words.insert(words.end(), {"--key", "ed:" + key("ed25519.key")});
    words.push_back(file);
    const Ran run = test::run_tool(words);
    EXPECT_EQ(run.status, 0) << run.told();
    const std::string about = std::string(form) + (rsa ? " rsa" : "") + (ed25519 ? " ed25519" : "");
    good.push_back({written(folder.file("signed-" + std::to_string(good.size())), run.out), about, rsa, ed25519});
  }
};

/// What mailmedic says of each signature: "rsa-sha256 pass".
std::vector<std::string> verdicts(const std::string& file) {
  std::vector<std::string> out;
  const json::object report = report_of(in_lab({"message", file}));
  for (const json::value& one : at(report, "facts.signatures").as_array()) out.push_back(text_at(one, "algorithm") + " " + text_at(one, "result"));
  return out;
}

/// `signature` is the whole field.
std::vector<std::string> verdicts_with(const std::string& signature, std::string_view message) {
  const test::Folder folder;
  return verdicts(written(folder.file("signed.eml"), signature + std::string(message)));
}

class Signatures : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string why = test::content_of(folder() + "/no-dkim");
    for (const char* program : {"/usr/bin/dkimverify", "/usr/sbin/opendkim", "/usr/share/perl5/Mail/DKIM.pm"})
      if (!std::filesystem::exists(program)) GTEST_SKIP() << "no dkim: " << (why.empty() ? "run tests/lab/lab install dkim" : why);
  }

  static const Letters& letters() {
    static const Letters made;
    return made;
  }
  std::string letter_file() { return written(mine_.file("letter.eml"), letter); }

  test::Folder mine_;
};

TEST_F(Signatures, AreVerifiedByMailmedicItself) {
  for (const SignedLetter& one : letters().good) {
    const auto seen = verdicts(one.file);
    EXPECT_THAT(seen, SizeIs(one.rsa + one.ed25519)) << one.about;
    EXPECT_THAT(seen, Each(HasSubstr(" pass"))) << one.about;
  }
  for (const SignedLetter& one : letters().damaged) EXPECT_THAT(verdicts(one.file), Each(HasSubstr(" fail"))) << one.about;
}

TEST_F(Signatures, AreVerifiedByDkimpy) {
  for (const SignedLetter& one : letters().good) {
    for (int i = 0; i < one.rsa + one.ed25519; ++i) {
      const Ran run = with_input(one.file, {"dkimverify", "--index", std::to_string(i)});
      EXPECT_EQ(run.status, 0) << one.about << '\n' << run.told();
      EXPECT_THAT(run.out, HasSubstr("signature ok")) << one.about;
    }
  }
  for (const SignedLetter& one : letters().damaged) EXPECT_NE(with_input(one.file, {"dkimverify"}).status, 0) << one.about;
}

/// Of two signatures it takes the one that verifies, so only one alone shows that it does.
TEST_F(Signatures, AreVerifiedByOpenDkim) {
  for (const SignedLetter& one : letters().good) {
    const Ran run = with_input(one.file, {"opendkim-testmsg"});
    EXPECT_EQ(run.status, 0) << one.about << '\n' << run.told();
    EXPECT_EQ(run.err, "") << one.about;
  }
  for (const SignedLetter& one : letters().damaged) EXPECT_THAT(with_input(one.file, {"opendkim-testmsg"}).err, HasSubstr("Bad signature")) << one.about;
}

/// Mail::DKIM of Debian 12 knows no Ed25519, and says so.
TEST_F(Signatures, AreVerifiedByMailDkim) {
  const auto lines = [](const std::string& file) {
    const Ran run = test::run_program({"perl", std::string(scripts) + "mail_dkim.pl", "verify", file});
    EXPECT_EQ(run.status, 0) << run.told();
    return run.out;
  };
  for (const SignedLetter& one : letters().good) {
    const std::string said = lines(one.file);
    if (one.rsa) {
      EXPECT_THAT(said, HasSubstr("good.test rsa-sha256 pass\n")) << one.about;
    }
    if (one.ed25519) {
      EXPECT_THAT(said, ::testing::AnyOf(HasSubstr("good.test ed25519-sha256 pass\n"), HasSubstr("unsupported algorithm ed25519-sha256"))) << one.about;
    }
  }
  EXPECT_THAT(lines(letters().damaged.front().file), HasSubstr("rsa-sha256 fail"));
}

TEST_F(Signatures, OfDkimpyAreVerified) {
  for (const char* header : {"simple", "relaxed"}) {
    for (const char* body : {"simple", "relaxed"}) {
      for (const std::string_view message : {letter, without_body}) {
        const std::string file = written(mine_.file("message.eml"), message);
        const Ran rsa = with_input(file, {"dkimsign", "--hcanon", header, "--bcanon", body, "s2048", "good.test", key("rsa2048.key")});
        const Ran ed = with_input(file, {"dkimsign", "--hcanon", header, "--bcanon", body, "--signalg", "ed25519-sha256", "ed", "good.test", key("ed25519.raw.b64")});
        ASSERT_EQ(rsa.status, 0) << rsa.told();
        ASSERT_EQ(ed.status, 0) << ed.told();
        EXPECT_THAT(verdicts(written(mine_.file("rsa.eml"), rsa.out)), ::testing::ElementsAre("rsa-sha256 pass")) << header << body;
        EXPECT_THAT(verdicts(written(mine_.file("ed.eml"), ed.out)), ::testing::ElementsAre("ed25519-sha256 pass")) << header << body;
      }
    }
  }
}

TEST_F(Signatures, OfMailDkimAreVerified) {
  for (const char* form : forms) {
    const Ran run = test::run_program({"perl", std::string(scripts) + "mail_dkim.pl", "sign", letter_file(), key("rsa2048.key"), "s2048", "good.test", form});
    ASSERT_EQ(run.status, 0) << run.told();
    EXPECT_THAT(verdicts(written(mine_.file("signed.eml"), run.out)), ::testing::ElementsAre("rsa-sha256 pass")) << form;
  }
}

/// The filter's test mode prints the field that it would add. It loses all but one of the blanks in front of a value. What
/// OpenDKIM of Debian 12 signs with Ed25519 in the simple form, no verifier accepts, itself included: there we agree with it.
TEST_F(Signatures, OfOpenDkimAreVerified) {
  std::string message(letter);
  message.replace(message.find("Subject:  "), 10, "Subject: ");
  const std::string file = written(mine_.file("message.eml"), message);
  const std::map<std::string, std::string> ways = {{"rsa-sha256", "Selector s2048\nKeyFile " + key("rsa2048.key")}, {"ed25519-sha256", "Selector ed\nKeyFile " + key("ed25519.key")}};
  for (const auto& [algorithm, selector_and_key] : ways) {
    for (const char* form : forms) {
      const std::string settings = written(mine_.file("opendkim.conf"), "Mode s\nDomain good.test\n" + selector_and_key + "\nSignatureAlgorithm " + algorithm + "\nCanonicalization " + form +
                                                                            "\nInternalHosts 0.0.0.0/0\nUserID root\nRequireSafeKeys no\nNameservers 127.0.53.1\n");
      const Ran run = test::run_program({"opendkim", "-x", settings, "-t", file, "-v", "-v"});
      const auto begin = run.out.find("hvalue='"), end = run.out.rfind('\'');
      ASSERT_TRUE(begin != std::string::npos && end > begin + 8) << run.told();
      std::string field = "DKIM-Signature: " + run.out.substr(begin + 8, end - begin - 8) + "\n";
      for (auto at = field.find('\n'); at != std::string::npos; at = field.find('\n', at + 2)) field.replace(at, 1, "\r\n");
      const std::string made = written(mine_.file("signed.eml"), field + message);
      const bool verifies_itself = with_input(made, {"opendkim-testmsg"}).status == 0;
      EXPECT_TRUE(verifies_itself || (algorithm == "ed25519-sha256" && std::string(form).starts_with("simple/"))) << form << '\n' << run.out;
      EXPECT_THAT(verdicts(made), ::testing::ElementsAre(algorithm + (verifies_itself ? " pass" : " fail"))) << form << '\n' << run.out;
    }
  }
}

/// RFC 8301 section 3.1: nobody may accept SHA-1 any more.
TEST_F(Signatures, WithSha1AreRefused) {
  const Ran run = test::run_program({"perl", std::string(scripts) + "mail_dkim.pl", "sign", letter_file(), key("rsa2048.key"), "s2048", "good.test", "relaxed/relaxed", "rsa-sha1"});
  ASSERT_THAT(run.out, StartsWith("DKIM-Signature:")) << run.told();
  EXPECT_THAT(verdicts(written(mine_.file("signed.eml"), run.out)), ::testing::ElementsAre("rsa-sha1 permerror"));
}

class Rspamd : public Signatures {
 protected:
  static constexpr const char* outside = "IP:192.0.2.25";  // it verifies nothing for loopback

  void SetUp() override {
    if (!std::filesystem::exists("/usr/bin/rspamd")) GTEST_SKIP() << "no rspamd: run tests/lab/lab install mail";
  }
  json::object ask(const std::string& file, const std::string& field) {
    const Ran run = test::run_program({"python3", std::string(scripts) + "ask_rspamd.py", file, field});
    EXPECT_EQ(run.status, 0) << run.told();
    return run.json();
  }
};

TEST_F(Rspamd, VerifiesWhatSignMakes) {
  for (const SignedLetter& one : letters().good) {
    const json::object answer = ask(one.file, outside);
    const json::value& symbol = at(answer, "symbols.R_DKIM_ALLOW");
    ASSERT_TRUE(symbol.is_object()) << one.about << '\n' << json::serialize(at(answer, "symbols"));
    EXPECT_EQ(at(symbol, "options").as_array().size(), static_cast<std::size_t>(one.rsa + one.ed25519)) << one.about << json::serialize(symbol);
  }
  for (const SignedLetter& one : letters().damaged) EXPECT_TRUE(at(ask(one.file, outside), "symbols.R_DKIM_REJECT").is_object()) << one.about;
}

TEST_F(Rspamd, SignsWhatMessageVerifies) {
  const json::object answer = ask(letter_file(), "User:zoe@good.test");
  const std::string value = text_at(answer, "dkim-signature");
  ASSERT_THAT(value, HasSubstr("d=good.test"));
  EXPECT_THAT(verdicts_with("DKIM-Signature: " + value + "\r\n", letter), ::testing::ElementsAre("rsa-sha256 pass")) << value;
}

}  // namespace
}  // namespace mailmedic::lab
