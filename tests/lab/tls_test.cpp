// What mailmedic tls and connect find out about Postfix, Exim, OpenSMTPD and servers with faults: versions, chain, and what
// each kind of sender makes of it (REQUIREMENTS TLS-026).
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

using ::testing::Contains;
using ::testing::Not;

std::set<std::string> ids(const json::object& report) {
  std::set<std::string> out;
  for (const json::value& finding : at(report, "findings").as_array()) out.insert(text_at(finding, "id"));
  return out;
}

json::value address_of(const json::object& report) { return at(report, "facts.hosts.0.addresses.0"); }

std::map<std::string, std::string> spoken(const json::object& report) {
  std::map<std::string, std::string> out;
  const json::value address = address_of(report);
  for (const json::value& version : at(address, "protocols").as_array()) out[text_at(version, "version")] = text_at(version, "spoken");
  return out;
}

/// "TLSv1.2 TLSv1.3": what is spoken; with a question mark behind what was not told.
std::string versions(const json::object& report) {
  std::string out;
  for (const auto& [version, word] : spoken(report))
    if (word != "no") out += (out.empty() ? "" : " ") + version + (word == "yes" ? "" : "?");
  return out;
}

/// Findings of starttls and tls that are more than a note, and what they could not tell.
std::set<std::string> faults_of_tls(const json::object& report) {
  std::set<std::string> out;
  for (const char* kind : {"findings", "unknowns"})
    for (const json::value& finding : at(report, kind).as_array()) {
      const std::string check = text_at(finding, "check");
      if ((check == "starttls" || check == "tls") && text_at(finding, "severity") != "info") out.insert(text_at(finding, "id"));
    }
  return out;
}

struct Face {
  std::string target, versions;
  std::set<std::string> faults;        ///< by `tls`
  std::set<std::string> seen_by_connect;
  std::string opportunistic, dane, mta_sts, must_verify;  ///< outcomes
};

/// Debian 12's Postfix comes with TLS 1.0 and 1.1 switched on.
const std::string every_version = "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3";
const std::string encrypted = "delivers_encrypted", clear = "delivers", refuses = "refuses", none = "not_applicable";

TEST(Tls, EachServerByVersionsChainAndSenders) {
  // Mail domains with one server each.
  const Face faces[] = {
      {"tls10.test", "TLSv1", {"starttls.old-protocol", "tls.no-current-protocol", "tls.old-protocols"}, {"starttls.old-protocol"}, encrypted, none, none, encrypted},
      {"tls13.test", "TLSv1.3", {}, {}, encrypted, none, none, encrypted},
      {"badtls.test", every_version, {"tls.old-protocols", "starttls.certificate-expired"}, {"starttls.certificate-expired"}, encrypted, refuses, none, refuses},
      {"selfsigned.test", every_version, {"tls.old-protocols"}, {}, encrypted, encrypted, none, refuses},
      {"wrongname.test", every_version, {"tls.old-protocols", "starttls.name-mismatch"}, {"starttls.name-mismatch"}, encrypted, encrypted, none, refuses},
      {"halfchain.test", every_version, {"tls.old-protocols", "starttls.chain-incomplete"}, {"starttls.chain-incomplete"}, encrypted, refuses, none, refuses},
      {"notls.test", "SSLv2? SSLv3? TLSv1? TLSv1.1? TLSv1.2? TLSv1.3?", {"starttls.missing", "tls.not-measured"}, {"starttls.missing"}, clear, none, none, refuses},
      {"exim.test", every_version, {"tls.old-protocols"}, {}, encrypted, refuses, none, encrypted},
      {"sts-ok.test", every_version, {"tls.old-protocols"}, {}, encrypted, encrypted, encrypted, encrypted},
      {"sts-selfsigned.test", every_version, {"tls.old-protocols"}, {}, encrypted, encrypted, refuses, refuses},
      // A policy in testing is told about, and mail goes through.
      {"sts-halfchain.test", every_version, {"tls.old-protocols", "starttls.chain-incomplete"}, {"starttls.chain-incomplete"}, encrypted, refuses, clear, refuses},
  };
  for (const Face& face : faces) {
    const json::object report = report_of(in_lab({"tls", face.target}));
    EXPECT_EQ(versions(report), face.versions) << face.target;
    EXPECT_EQ(faults_of_tls(report), face.faults) << face.target;
    const json::value senders = at(address_of(report), "senders");
    for (const auto& [sender, outcome] : {std::pair("opportunistic", &face.opportunistic), {"dane", &face.dane}, {"mta_sts", &face.mta_sts}, {"must_verify", &face.must_verify}})
      EXPECT_EQ(text_at(senders, std::string(sender) + ".outcome"), *outcome) << face.target << ' ' << sender << ' ' << json::serialize(senders);
    EXPECT_EQ(faults_of_tls(report_of(in_lab({"connect", face.target}))), face.seen_by_connect) << face.target;
  }
}

TEST(Tls, PostfixByItsDomain) {
  const json::object report = report_of(in_lab({"tls", "good.test"}));
  EXPECT_EQ(versions(report), every_version);
  const json::value address = address_of(report);
  EXPECT_EQ(text_at(address, "senders.opportunistic.outcome"), "delivers_encrypted");
  EXPECT_EQ(text_at(address, "senders.dane.outcome"), "delivers_encrypted") << json::serialize(at(address, "senders"));
  EXPECT_EQ(text_at(address, "senders.must_verify.outcome"), "delivers_encrypted");
}

std::string session(const json::object& report, const std::string& version, const std::string& fact) {
  const json::value address = address_of(report);
  for (const json::value& one : at(address, "sessions").as_array())
    if (text_at(one, "version") == version) return text_at(one, fact);
  return "absent";
}

TEST(Tls, SessionsAreTakenUpAgainAndSecondHandshakesRefused) {
  for (const char* where : {"postfix.lab.test:25", "smtps://postfix.lab.test"}) {
    const json::object report = report_of(in_lab({"tls", where}));
    for (const char* version : {"TLSv1.2", "TLSv1.3"}) EXPECT_EQ(session(report, version, "resumption"), "resumed") << where << ' ' << version;
    EXPECT_EQ(session(report, "TLSv1.2", "renegotiation"), "refused") << where;
    for (const char* id : {"tls.resumption-none", "tls.resumption-refused", "tls.client-renegotiation", "tls.renegotiation-unknown", "tls.sessions-unknown"}) EXPECT_THAT(ids(report), Not(Contains(id))) << where;
  }
  // Exim has no tickets by default; GnuTLS gives session ids all the same, and Exim keeps no cache behind them.
  const json::object exim = report_of(in_lab({"tls", "exim.lab.test:25"}));
  EXPECT_EQ(session(exim, "TLSv1.3", "resumption"), "none");
  EXPECT_EQ(session(exim, "TLSv1.2", "resumption"), "refused");
  EXPECT_EQ(session(exim, "TLSv1.2", "renegotiation"), "refused");
  const json::object lax = report_of(in_lab({"tls", "tls://renegotiates.lab.test:4433"}));
  EXPECT_EQ(session(lax, "TLSv1.2", "renegotiation"), "taken");
  EXPECT_THAT(ids(lax), Contains("tls.client-renegotiation"));
  const json::object forgetful = report_of(in_lab({"tls", "tls://forgetful.lab.test:4433"}));
  EXPECT_EQ(session(forgetful, "TLSv1.2", "resumption"), "none");
  EXPECT_EQ(session(forgetful, "TLSv1.3", "resumption"), "none");
  EXPECT_THAT(ids(forgetful), Contains("tls.resumption-none"));
}

TEST(Tls, StaplesAreJudged) {
  const auto staple_findings = [](const json::object& report) {
    std::set<std::string> out;
    for (const std::string& id : ids(report))
      if (id.find(".staple-") != id.npos) out.insert(id);
    return out;
  };
  using Ids = std::set<std::string>;
  for (const char* tool : {"tls", "connect"}) {
    const json::object good = report_of(in_lab({tool, std::string(tool) == "tls" ? "stapled.lab.test:25" : "smtp://stapled.lab.test"}));
    EXPECT_EQ(text_at(address_of(good), "tls.ocsp.status"), "good") << tool;
    EXPECT_EQ(staple_findings(good), Ids{}) << tool;
    EXPECT_EQ(staple_findings(report_of(in_lab({tool, std::string(tool) == "tls" ? "muststaple.lab.test:25" : "smtp://muststaple.lab.test"}))), Ids{"starttls.staple-missing"}) << tool;
  }
  EXPECT_EQ(staple_findings(report_of(in_lab({"tls", "tls://revoked.lab.test:4433"}))), Ids{"starttls.staple-revoked"});
  EXPECT_EQ(staple_findings(report_of(in_lab({"tls", "tls://stalestaple.lab.test:4433"}))), Ids{"starttls.staple-stale"});
}

/// A client that speaks EC, as connect does, sees nothing of it.
TEST(Tls, TheOtherCertificateIsJudgedToo) {
  const json::object report = report_of(in_lab({"tls", "tls://twokeys.lab.test:4433"}));
  EXPECT_THAT(ids(report), Contains("starttls.certificate-expired"));
  EXPECT_EQ(text_at(address_of(report), "certificate.key"), "EC 256");
  EXPECT_EQ(text_at(address_of(report), "other_certificates.0.key"), "RSA 2048");
  EXPECT_THAT(ids(report_of(in_lab({"tls", "postfix.lab.test:25"}))), Not(Contains("starttls.certificate-expired")));
}

TEST(Tls, AnOldServerAtAnAddress) {
  const json::object report = report_of(in_lab({"tls", "oldtls.lab.test:25"}));
  EXPECT_EQ(versions(report), "TLSv1 TLSv1.1");
  EXPECT_THAT(ids(report), Contains("tls.no-current-protocol"));
}

TEST(Tls, AServerWithoutTlsIsNotTakenForABadOne) {
  const json::object report = report_of(in_lab({"tls", "notls.lab.test:25"}));
  EXPECT_THAT(ids(report), Contains("starttls.missing"));
  EXPECT_THAT(ids(report), Not(Contains("tls.no-current-protocol")));
  EXPECT_EQ(text_at(address_of(report), "senders.must_verify.outcome"), "refuses");
}

/// Debian 12's OpenSMTPD offers STARTTLS and fails each handshake (OpenSSL 3; OpenSMTPD issues 1171 and 1239); and it says so only
/// after the ClientHello, so that versions look spoken which nobody can use.
TEST(Tls, OpenSmtpdOffersWhatItCannotDo) {
  for (const char* where : {"submission://opensmtpd.lab.test", "smtps://opensmtpd.lab.test"}) {
    const json::object report = report_of(in_lab({"tls", where}));
    EXPECT_THAT(ids(report), Contains("starttls.handshake-failed")) << where;
    EXPECT_EQ(text_at(address_of(report), "senders.must_verify.outcome"), "refuses") << where;
    // Behind STARTTLS there is clear text to fall back to, on a port of TLS alone there is none.
    EXPECT_EQ(text_at(address_of(report), "senders.opportunistic.outcome"), std::string(where).starts_with("smtps") ? "refuses" : "delivers") << where;
    EXPECT_THAT(ids(report_of(in_lab({"connect", where}))), Contains("starttls.handshake-failed")) << where;
  }
  EXPECT_THAT(ids(report_of(in_lab({"tls", "opensmtpd.test"}))), Contains("starttls.missing"));
}

}  // namespace
}  // namespace mailmedic::lab
