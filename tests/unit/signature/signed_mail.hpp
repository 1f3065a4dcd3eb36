#pragma once
// Messages for the tests of signatures: keys of the test's own, signed here, changed as the test wants.
#include <gmock/gmock.h>

#include <fstream>

#include "checks/signature/verify.hpp"
#include "lib/dkim/signer.hpp"
#include "lib/dns/zone.hpp"
#include "tests/support/catalogue.hpp"
#include "tests/support/probes.hpp"
#include "tests/support/run.hpp"
#include "tests/support/tool.hpp"

namespace mailmedic::signature_test {

inline const TimePoint now{std::chrono::seconds(1'790'000'000)};

inline constexpr std::string_view letter =
    "From: Joe <joe@example.org>\r\nTo: Sue <sue@example.net>\r\nSubject: Is dinner ready?\r\nDate: Fri, 18 Sep 2026 10:00:00 +0000\r\n"
    "Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
    "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

/// One RSA key and one Ed25519 key, made once a program.
struct Keys {
  test::Folder folder;
  dkim::PrivateKey rsa = dkim::create_private_key(folder.file("rsa.key"), "rsa", 2048).value();
  dkim::PrivateKey ed25519 = dkim::create_private_key(folder.file("ed.key"), "ed25519", 0).value();
};
inline const Keys& keys() {
  static const Keys made;
  return made;
}

inline std::string record(const dkim::PrivateKey& key) { return "v=DKIM1; k=" + key.key_type + "; p=" + key.public_base64; }

inline std::string txt(const std::string& name, const std::string& text) {
  std::string line = name + " TXT";
  for (std::size_t at = 0; at < text.size(); at += 200) line += " \"" + text.substr(at, 200) + "\"";
  return line + "\n";
}

/// The zone in which both keys are published: selectors "rsa" and "ed" of example.org.
inline std::string zone() { return txt("rsa._domainkey.example.org.", record(keys().rsa)) + txt("ed._domainkey.example.org.", record(keys().ed25519)); }

inline std::string signed_by(const std::vector<std::string>& selectors, std::string_view message = letter, dkim::SigningRules rules = {.domain = "example.org"}, TimePoint when = now) {
  std::vector<dkim::Signer::Use> uses;
  for (const std::string& selector : selectors) uses.push_back({selector, dkim::SigningKey::read((selector == "ed" ? keys().ed25519 : keys().rsa).file).value()});
  dkim::Signer signer(std::move(rules), std::move(uses));
  return signer.sign(message::parse_raw(message).value(), when).value() + std::string(message);
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// A message and what became of its signatures, held together.
struct Examined {
  std::string text;
  message::RawMessage message;
  std::unique_ptr<signature::Workshop> workshop = std::make_unique<signature::Workshop>();
  signature::Verification verification;

  explicit Examined(std::string mail, const std::string& zone_text = zone(), TimePoint when = now) : Examined(std::move(mail), dns::Zone::parse(zone_text).value(), when) {}
  Examined(std::string mail, dns::Zone zone, TimePoint when = now) : text(std::move(mail)), message(message::parse_raw(text).value()) {
    verification = test::run(signature::verify(message, zone, when, *workshop));
  }
  Examined(const Examined&) = delete;
  const signature::Verified& one(std::size_t i = 0) const { return verification.signatures.at(i); }
  std::string_view result(std::size_t i = 0) const { return signature::result_text(one(i).result); }
};

}  // namespace mailmedic::signature_test
