// Each domain of the lab with a fault: exactly what is more than a note is written here. A finding too many is as wrong as one
// too few.
#include <gmock/gmock.h>

#include "tests/support/lab.hpp"

namespace mailmedic::lab {
namespace {

struct Fault {
  std::string domain;
  std::multiset<std::string> expected;  ///< "id severity"
};

/// Every finding above info of an audit, but for those that the group of domains has in common.
void expect_faults(const std::vector<Fault>& faults, const std::multiset<std::string>& common, const Words& more = {}) {
  for (const Fault& fault : faults) {
    Words words = {"audit", fault.domain, "--timeout", "1"};
    words.insert(words.end(), more.begin(), more.end());
    Ran run;
    const json::object report = report_of(in_lab(words), &run);
    std::multiset<std::string> expected = fault.expected;
    expected.insert(common.begin(), common.end());
    EXPECT_EQ(above_info(report), expected) << fault.domain << '\n' << run.told();
    bool problem = false;
    for (const std::string& one : expected) problem = problem || one.ends_with(" error") || one.ends_with(" critical");
    EXPECT_EQ(run.status, problem ? 2 : expected.empty() ? 3 : 1) << fault.domain;  // 3: no DKIM selector is known
  }
}

TEST(Faults, Spf) {
  expect_faults({
      {"spf-pass.test", {}},
      {"spf-a.test", {}},
      {"spf-mx.test", {}},
      {"spf-exp.test", {}},
      {"spf-soft.test", {}},
      {"spf-case.test", {}},
      {"spf-mac.test", {}},
      {"spf-macl.test", {}},
      {"spf-ip6.test", {}},
      {"spf-long.test", {"spf.answer-too-large warning"}},
      {"spf-redirect.test", {}},
      {"spf-none.test", {"spf.missing warning"}},
      {"spf-plusall.test", {"spf.passes-all critical"}},
      {"spf-neutral.test", {"spf.neutral-all warning"}},
      {"spf-two.test", {"spf.several-records critical"}},
      {"spf-bad.test", {"spf.unknown-mechanism critical"}},
      {"spf-v2.test", {"spf.version error", "spf.missing warning"}},
      {"spf-redirnone.test", {"spf.redirect-without-record critical"}},
      {"spf-incnone.test", {"spf.include-without-record critical"}},
      {"spf-loop.test", {"spf.loop critical"}},
      {"spf-loopa.test", {"spf.loop critical"}},
      {"spf-loopb.test", {"spf.loop critical"}},
      {"spf-ptr.test", {"spf.ptr warning"}},
      {"spf-void.test", {"spf.void-limit error"}},
      {"spf-10.test", {"spf.lookup-headroom warning"}},
      {"spf-deep.test", {"spf.lookup-headroom warning"}},
      {"spf-11.test", {"spf.lookup-limit critical"}},
      {"spf-utf8.test", {"spf.bad-characters error"}},
      {"spf-trail.test", {"spf.terms-behind-all warning"}},
      {"spf-dupmod.test", {"spf.duplicate-modifier error"}},
      {"spf-cidr.test", {"spf.bad-address error"}},
      {"spf-cidr6.test", {"spf.bad-address error"}},
  }, {"dmarc.missing warning"});
}

TEST(Faults, SpfOfTooManyExchangers) {
  const json::object report = report_of(in_lab({"audit", "spf-mx11.test", "--dns-only"}));
  EXPECT_EQ(above_info(report), (std::multiset<std::string>{"spf.mx-limit error", "dmarc.missing warning", "dane.partial warning"}));
}

TEST(Faults, Dmarc) {
  expect_faults({
      {"dmarc-none.test", {"dmarc.missing warning"}},
      {"dmarc-p.test", {"dmarc.no-rua warning", "dmarc.policy-none warning"}},
      {"dmarc-rej.test", {"dmarc.pct warning", "dmarc.subdomain-policy-weaker warning"}},
      {"dmarc-two.test", {"dmarc.several-records critical"}},
      {"dmarc-nop.test", {"dmarc.policy-absent warning"}},
      {"dmarc-badp.test", {"dmarc.bad-policy critical", "dmarc.no-rua warning"}},
      {"dmarc-order.test", {"dmarc.other-text warning", "dmarc.missing warning"}},
      {"dmarc-ext.test", {}},
      {"dmarc-ext2.test", {"dmarc.uri-scheme warning"}},
      {"dmarc-case.test", {"dmarc.no-rua warning"}},
      {"dmarc-unknown.test", {"dmarc.no-rua warning", "dmarc.policy-none warning"}},
      {"dmarc-pct.test", {"dmarc.pct warning", "dmarc.no-rua warning", "dmarc.policy-none warning"}},
      {"dmarc-junk.test", {"dmarc.other-text warning", "dmarc.no-rua warning", "dmarc.policy-none warning"}},
  }, {});
}

TEST(Faults, DkimSelectors) {
  const std::pair<std::string, std::multiset<std::string>> selectors[] = {
      {"s2048", {}},
      {"s4096", {}},
      {"ed", {}},
      {"strict", {}},
      {"nov", {}},  // RFC 6376 section 3.6.1: v may be absent
      {"alias", {}},
      {"s1024", {"dkim.weak-key warning"}},
      {"short512", {"dkim.short-key critical"}},
      {"revoked", {"dkim.revoked critical"}},
      {"testing", {"dkim.testing warning"}},
      {"sha1", {"dkim.hash critical"}},
      {"wrongservice", {"dkim.service error"}},
      {"badv", {"dkim.version error"}},
      {"novp", {"dkim.key-absent error"}},
      {"badb64", {"dkim.bad-base64 error"}},
      {"two", {"dkim.several-records error"}},
      {"dangling", {"dkim.dangling-alias error", "dmarc.cannot-pass error"}},
      {"nothere", {"dkim.key-missing error", "dmarc.cannot-pass error"}},  // and SPF lets nobody send
  };
  for (const auto& [selector, expected] : selectors)
    expect_faults({{"dkim.test", expected}}, {"dmarc.no-rua warning", "dmarc.policy-none warning"}, {"--selector", selector});
}

TEST(Faults, MailExchangers) {
  expect_faults({
      {"mx-backup.test", {"smtp.refused error", "smtp.silent warning", "dane.partial warning"}},
      {"mx-cname.test", {"mx.alias warning", "starttls.name-mismatch warning"}},
      {"mx-a.test", {"mx.implicit warning", "starttls.name-mismatch warning"}},
      {"mx-ip.test", {"mx.none-usable critical", "mx.address-literal error"}},
      {"mx-nx.test", {"mx.none-usable critical", "mx.host-without-address error"}},
      {"mx-nullplus.test", {"mx.null-among-others critical"}},
      {"mx-same.test", {"smtp.extensions-differ warning", "dane.mismatch critical"}},
      {"mx-loop.test", {}},  // Unbound says SERVFAIL of a loop of aliases: nothing is told of the exchanger
      {"nothere.test", {"mx.no-such-domain critical"}},
      {"big.test", {"mx.none error"}},
      {"dual.test", {"starttls.name-mismatch warning"}},
      {"v6only.test", {"starttls.name-mismatch warning"}},
  }, {"spf.missing warning", "dmarc.missing warning"});
  expect_faults({{"mx-null.test", {"spf.no-mail-without-record warning"}}}, {"dmarc.missing warning"});
}

TEST(Faults, Transport) {
  expect_faults({
      {"postfix.test", {}},
      {"exim.test", {"dane.mismatch critical"}},
      {"badtls.test", {"starttls.certificate-expired error", "dane.anchor-mismatch critical"}},
      {"notls.test", {"starttls.missing warning"}},
      {"opensmtpd.test", {"starttls.missing warning"}},
      {"oldtls.test", {"starttls.old-protocol error", "starttls.name-mismatch warning"}},
      {"rbl.test", {"starttls.name-mismatch warning"}},
      {"refused.test", {"smtp.refused critical"}},
      {"reset.test", {"smtp.refused critical"}},
      {"drop.test", {}},
  }, {"spf.wide-range warning", "dmarc.no-rua warning", "dmarc.policy-none warning"});
}

TEST(Faults, WholeDomains) {
  expect_faults({{"refusedmx.test", {"smtp.refused critical"}}}, {});
  expect_faults({{"manyfaults.test",
                  {"spf.several-records critical", "dmarc.bad-policy critical", "dmarc.no-rua warning", "dkim.short-key critical",
                   "starttls.certificate-expired error", "starttls.missing warning", "dane.anchor-mismatch critical", "dane.partial warning"}}},
                {}, {"--selector", "weak"});
}

/// The hosts that send the domain's mail.
TEST(Faults, SendingHosts) {
  const std::tuple<std::string, std::string, std::multiset<std::string>> hosts[] = {
      {"127.0.66.1", "client.lab.test", {}},
      {"127.0.66.2", "listed.lab.test", {"blocklist.listed warning"}},
      {"127.0.66.3", "noptr.lab.test", {"reverse_dns.missing critical"}},
      {"127.0.66.4", "badptr.lab.test", {"reverse_dns.not-confirmed critical"}},
      {"127.0.66.1", "listed.lab.test", {"reverse_dns.helo-elsewhere warning", "spf.helo-not-authorized warning"}},
      {"127.0.66.1", "localhost", {"reverse_dns.helo-malformed error"}},
  };
  for (const auto& [address, helo, expected] : hosts) {
    const json::object report = report_of(in_lab({"audit", "good.test", "--ip", address, "--helo", helo, "--list", "ok.dnsbl.test", "--selector", "s2048"}));
    EXPECT_EQ(above_info(report), expected) << address << ' ' << helo << '\n' << json::serialize(report.at("findings"));
  }
}

}  // namespace
}  // namespace mailmedic::lab
