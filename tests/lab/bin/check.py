#!/usr/bin/python3
"""check.py: does the running lab do what it says? Runs inside the lab. One line for each check; status 1 if one fails.

A check whose services are not there is skipped, with the reason.
"""
import glob
import os
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

LAB = os.environ["LAB_DIR"]
CA = LAB + "/keys/ca.pem"
TEST_POINT = "2.0.0.127"
TEST_POINT6 = "2.0.0.0.0.0.f.7.f.f.f.f" + ".0" * 20
MESSAGE = b"From: a@good.test\r\nTo: b@good.test\r\nSubject: x\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\nhello\r\n"


def run(*command, data=None, timeout=30):
    """What a command printed, on either stream."""
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
    return done.stdout.decode("utf-8", "replace")


def dig(*question):
    """The answer section alone; the status where there is none."""
    text = run("dig", "+tries=1", "+time=3", "+noall", "+comments", "+answer", *question)
    answers = [line for line in text.splitlines() if line and not line.startswith(";")]
    return "\n".join(answers) or " ".join(re.findall(r"status: \w+|timed out|no servers could be reached", text))


def flags(*question):
    return run("dig", "+dnssec", "+tries=1", *question)


def smtp(host, port=25, to="nobody@lab.test", sender="sender@good.test", source=None, tls="", verify=True, auth=None, name="PLAIN", timeout=10):
    """The server's answers of one conversation, a line each; `tls` is "", "starttls" or "smtps"."""
    said = []
    context = ssl.create_default_context(cafile=CA)
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def note(answer):
        said.append(f"{answer[0]} {answer[1].decode('utf-8', 'replace')}")
        return answer[0]

    try:
        make = smtplib.SMTP_SSL if tls == "smtps" else smtplib.SMTP
        more = {"context": context} if tls == "smtps" else {}
        with make(timeout=timeout, local_hostname="client.lab.test", source_address=(source, 0) if source else None, **more) as c:
            c._host = host  # the name that TLS verifies, as the constructor would set it
            note(c.connect(host, port))
            note(c.ehlo())
            if tls == "starttls":
                note(c.starttls(context=context))
                note(c.ehlo())
            if auth:
                c.user, c.password = auth
                note(c.auth(name, {"PLAIN": c.auth_plain, "LOGIN": c.auth_login}[name]))
            if note(c.mail(sender)) < 400 and note(c.rcpt(to)) < 400:
                note(c.data(MESSAGE))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        said.append(repr(error))
    return "\n".join(said)


def https(url, data=None, headers=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers or {}), timeout=10) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, OSError) as error:
        return repr(error)


def tls_version(host, version):
    """STARTTLS with one old protocol version alone."""
    return run("openssl", "s_client", "-starttls", "smtp", "-connect", host + ":25", "-cipher", "ALL:@SECLEVEL=0", version, data=b"")


def staple(*where):
    """The certificate's state as the server's own staple has it."""
    return run("openssl", "s_client", "-status", "-connect", *where, data=b"")


def talk(host, *lines, port=25):
    """What a server says to lines of clear text, one after the other; the last one must make it close."""
    with socket.create_connection((host, port), timeout=10) as connection:
        said = b""
        for line in lines:
            connection.sendall(line.encode() + b"\r\n")
            said += connection.recv(4096)
        while more := connection.recv(4096):
            said += more
    return said.decode("utf-8", "replace")


def bounce(server, sender):
    """The message that comes back to `sender` for an unknown recipient."""
    smtp(server, sender=sender, to="nouser@exim.test", source="127.0.66.1")
    for _ in range(100):
        for path in glob.glob(LAB + "/mail/postfix/good/bounces/new/*"):
            with open(path, errors="replace") as file:
                text = file.read()
            if "X-Original-To: " + sender in text:
                return text
        time.sleep(0.1)
    return "no bounce came back"


def milliseconds(function, *args, **kwargs):
    began = time.monotonic()
    function(*args, **kwargs)
    return str(int((time.monotonic() - began) * 1000))


UNIQUE = str(os.getpid())
USER = ("user", "secret")

# Services needed, what is checked, what the answer must match, how to get it.
CHECKS = [
    ("unbound", "dnssec: secure", "flags:.* ad", lambda: flags("good.test", "MX")),
    ("unbound", "dnssec: reverse names secure", "flags:.* ad", lambda: flags("-x", "127.0.66.1")),
    ("unbound", "dnssec: bogus", "SERVFAIL", lambda: dig("bogus.test", "MX")),
    ("unbound", "dnssec: expired", "SERVFAIL", lambda: dig("expired.test", "MX")),
    ("unbound", "dnssec: DS of another key", "SERVFAIL", lambda: dig("otherkey.test", "MX")),
    ("unbound", "dnssec: NSEC3", "ad", lambda: flags("nsec3.test", "MX")),
    ("unbound", "dnssec: insecure", "NOERROR", lambda: flags("insecure.test", "MX")),
    ("unbound", "dns: no way out", "NXDOMAIN", lambda: dig("example.com")),
    ("unbound", "dns: PTR of the client, and forward", r"client\.lab\.test[^$]*127\.0\.66\.1", lambda: dig("-x", "127.0.66.1") + dig("client.lab.test")),
    ("unbound", "dns: PTR of IPv6", "dual.lab.test", lambda: dig("-x", "fd25::1")),
    ("unbound", "dns: no PTR", "NXDOMAIN", lambda: dig("-x", "127.0.66.3")),
    ("unbound", "dns: servfail", "SERVFAIL", lambda: dig("a.servfail.test")),
    ("dnsdist", "dns: 20 ms", r"Query time: (1[89]|[2-9]\d) msec", lambda: run("dig", "@127.0.53.4", "good.test", "MX")),
    ("dnsdist", "dns: truncation", "Truncated", lambda: run("dig", "@127.0.53.5", "a.trunc.test")),
    ("dnsdist", "dns: refused", "REFUSED", lambda: dig("@127.0.53.5", "a.refusedq.test")),
    ("dnsdist", "dns: silence", "timed out|no servers", lambda: dig("@127.0.53.5", "+time=1", "a.timeout.test")),
    ("unbound", "good: MX has its PTR", r"postfix\.lab\.test", lambda: dig("-x", "127.0.25.1")),
    ("unbound", "good: SPF", r"ip4:127\.0\.66\.0/24 -all", lambda: dig("good.test", "TXT")),
    ("unbound", "good: SPF of HELO names", "v=spf1 a -all.*\n.*v=spf1 a -all", lambda: dig("client.lab.test", "TXT") + "\n" + dig("postfix.lab.test", "TXT")),
    ("unbound", "good: DKIM keys", "p=.*[^$]*k=ed25519", lambda: dig("s2048._domainkey.good.test", "TXT") + dig("ed._domainkey.good.test", "TXT")),
    ("unbound", "good: DMARC", "p=reject; rua=mailto:dmarc@good.test", lambda: dig("_dmarc.good.test", "TXT")),
    ("postfix", "good: STARTTLS verified, takes its reports", "250 2.0.0", lambda: smtp("postfix.lab.test", to="dmarc@good.test", tls="starttls")),
    ("unbound nginx", "good: MTA-STS", "mode: enforce", lambda: https("https://mta-sts.good.test/.well-known/mta-sts.txt")),
    ("unbound nginx", "good: BIMI logo", "<svg", lambda: https("https://www.good.test/logo.svg")),
    ("unbound", "good: not on a block list", "NXDOMAIN", lambda: dig("1.25.0.127.ok.dnsbl.test")),
    ("unbound", "unreachable: MX", r"drop\.lab\.test", lambda: dig("unreachable.test", "MX")),
    ("unbound", "refusedmx: MX", r"refused\.lab\.test", lambda: dig("refusedmx.test", "MX")),
    ("unbound", "manyfaults: two SPF records", "v=spf1.*\n.*v=spf1", lambda: dig("manyfaults.test", "TXT")),
    ("unbound", "manyfaults: DMARC", "p=maybe", lambda: dig("_dmarc.manyfaults.test", "TXT")),
    ("unbound", "manyfaults: 512 bit key", 'p=" "[A-Za-z0-9+/=]{128}"', lambda: dig("weak._domainkey.manyfaults.test", "TXT")),
    ("unbound", "manyfaults: MX", r"(badtls|notls)\.lab\.test[^$]*(notls|badtls)\.lab\.test", lambda: dig("manyfaults.test", "MX")),
    ("postfix", "manyfaults: takes mail", "250 2.0.0", lambda: smtp("notls.lab.test", to="user@manyfaults.test")),
    ("unbound", "dnsbl: b000 lists", r"127\.0\.0\.2", lambda: dig("2.66.0.127.b000.dnsbl.test")),
    ("unbound", "dnsbl: b000 test points", r"127\.0\.0\.2[^$]*127\.0\.0\.2", lambda: dig(TEST_POINT + ".b000.dnsbl.test") + dig(TEST_POINT6 + ".b000.dnsbl.test")),
    ("unbound", "dnsbl: b000 does not list 127.0.0.1", "NXDOMAIN", lambda: dig("1.0.0.127.b000.dnsbl.test")),
    ("unbound", "dnsbl: ok", r"127\.0\.0\.2", lambda: dig("2.66.0.127.ok.dnsbl.test")),
    ("unbound", "dnsbl: ok says why", "sent spam", lambda: dig("2.66.0.127.ok.dnsbl.test", "TXT")),
    ("unbound", "dnsbl: ok test points", r"127\.0\.0\.2[^$]*127\.0\.0\.2[^$]*NXDOMAIN", lambda: dig(TEST_POINT + ".ok.dnsbl.test") + dig(TEST_POINT6 + ".ok.dnsbl.test") + dig("1.0.0.127.ok.dnsbl.test")),
    ("unbound", "dnsbl: refuse", r"127\.255\.255\.254", lambda: dig("1.66.0.127.refuse.dnsbl.test")),
    ("unbound", "dnsbl: rewritten", r"192\.0\.2\.1", lambda: dig("1.66.0.127.rewritten.dnsbl.test")),
    ("unbound", "dnsbl: dead", "NXDOMAIN", lambda: dig(TEST_POINT + ".dead.dnsbl.test")),
    ("unbound", "dnsbl: listall", r"127\.0\.0\.2", lambda: dig("1.0.0.127.listall.dnsbl.test")),
    ("unbound", "dnsbl: dom", r"127\.0\.1\.2[^$]*127\.0\.1\.2[^$]*NXDOMAIN", lambda: dig("test.dom.dnsbl.test") + dig("spf-bad.test.dom.dnsbl.test") + dig("invalid.dom.dnsbl.test")),
    ("unbound dnsdist", "dnsbl: servfail", "SERVFAIL", lambda: dig("1.66.0.127.servfail.dnsbl.test")),
    ("unbound dnsdist", "dnsbl: silent", "timed out|no servers", lambda: dig("1.66.0.127.silent.dnsbl.test", "+time=2")),
    ("nginx", "mta-sts: ok", "mode: enforce", lambda: https("https://mta-sts.sts-ok.test/.well-known/mta-sts.txt")),
    ("nginx", "mta-sts: expired certificate", "expired", lambda: https("https://mta-sts.sts-expiredcert.test/.well-known/mta-sts.txt")),
    ("nginx", "mta-sts: wrong name", "Hostname mismatch", lambda: https("https://mta-sts.sts-wrongname.test/.well-known/mta-sts.txt")),
    ("postfix dovecot", "postfix: STARTTLS, AUTH, delivery", "250 2.0.0 Ok: queued", lambda: smtp("postfix.lab.test", 587, tls="starttls", auth=USER, to="user@good.test")),
    ("postfix dovecot", "postfix: SMTPS, AUTH LOGIN", "250 2.0.0 Ok", lambda: smtp("postfix.lab.test", 465, tls="smtps", auth=USER, name="LOGIN", to="user@good.test")),
    ("postfix dovecot", "postfix: wrong password", r"535.*5\.7\.8", lambda: smtp("postfix.lab.test", 587, tls="starttls", auth=("user", "wrong"))),
    ("postfix", "postfix: user unknown", "550 5.1.1", lambda: smtp("postfix.lab.test", to="nouser@postfix.test")),
    ("postfix", "postfix: relay denied", "554 5.7.1.*Relay access denied", lambda: smtp("postfix.lab.test", to="user@elsewhere.test")),
    ("postfix", "postfix: IPv6", "250 2.0.0 Ok", lambda: smtp("fd25::1", to="user@v6only.test")),
    ("postfix", "moving", "blocked using moving.dnsbl.test", lambda: smtp("moving.lab.test", to="user@moving.test", source="127.0.66.2")),
    ("postfix", "spf: fail", "5.7.23.*SPF fail", lambda: smtp("spf.lab.test", to="user@spf.test", source="127.0.66.1", sender="user@spf-mx.test")),
    ("postfix", "rbl", "blocked using b000.dnsbl.test", lambda: smtp("rbl.lab.test", to="user@rbl.test", source="127.0.66.2")),
    ("postfix postgrey", "grey", "450 4.2.0.*Greylisted", lambda: smtp("grey.lab.test", sender=f"g{UNIQUE}@good.test", to="user@grey.test")),
    ("postfix", "temp", "450 4.2.1", lambda: smtp("temp.lab.test", to="user@temp.test")),
    ("postfix", "perm", "550 5.7.1", lambda: smtp("perm.lab.test", to="user@perm.test")),
    ("postfix", "badtls: expired certificate", "certificate has expired", lambda: smtp("badtls.lab.test", to="user@badtls.test", tls="starttls")),
    ("postfix", "oldtls: TLS 1.0", r"TLSv1\b|TLSv1\.0", lambda: tls_version("oldtls.lab.test", "-tls1")),
    ("postfix", "oldtls: no TLS 1.2", "alert|no peer certificate", lambda: tls_version("oldtls.lab.test", "-tls1_2")),
    ("postfix", "tls10: TLS 1.0", r"TLSv1\b|TLSv1\.0", lambda: tls_version("tls10.lab.test", "-tls1")),
    ("postfix", "tls10: no TLS 1.1", "alert|no peer certificate", lambda: tls_version("tls10.lab.test", "-tls1_1")),
    ("postfix", "tls13: TLS 1.3", r"TLSv1\.3", lambda: tls_version("tls13.lab.test", "-tls1_3")),
    ("postfix", "tls13: no TLS 1.2", "alert|no peer certificate", lambda: tls_version("tls13.lab.test", "-tls1_2")),
    ("postfix", "selfsigned", "self.signed certificate", lambda: smtp("selfsigned.lab.test", tls="starttls")),
    ("postfix", "wrongname", "Hostname mismatch", lambda: smtp("wrongname.lab.test", tls="starttls")),
    ("postfix", "halfchain: the intermediate is not sent", "unable to get local issuer", lambda: smtp("halfchain.lab.test", tls="starttls")),
    ("postfix unbound", "dane: self-signed and yet verified", "Verified TLS connection", lambda: run("posttls-finger", "-c", "-l", "dane", "selfsigned.test")),
    ("postfix", "xclient: another's address", "blocked using b000.dnsbl.test", lambda: talk("xclient.lab.test", "EHLO a", "XCLIENT ADDR=127.0.66.2", "EHLO a", "MAIL FROM:<>", "RCPT TO:<user@xclient.test>", "QUIT")),
    ("postfix", "proxied: another's address", "blocked using b000.dnsbl.test", lambda: talk("proxied.lab.test", "PROXY TCP4 127.0.66.2 127.0.25.27 1000 25", "EHLO a", "MAIL FROM:<>", "RCPT TO:<user@proxied.test>", "QUIT")),
    ("exim", "stapled: a good staple", "Cert Status: good", lambda: staple("127.0.25.31:25", "-starttls", "smtp")),
    ("exim", "muststaple: none, though the certificate asks for it", "OCSP response: no response sent", lambda: staple("127.0.25.32:25", "-starttls", "smtp")),
    ("tlsonly", "revoked: by its own staple", "Cert Status: revoked", lambda: staple("127.0.25.43:4433")),
    ("tlsonly", "stalestaple: a staple of last month", "Cert Status: good", lambda: staple("127.0.25.44:4433")),
    ("tlsonly", "twokeys: the RSA one is of last year", "certificate has expired", lambda: run("openssl", "s_client", "-tls1_2", "-cipher", "aRSA", "-connect", "127.0.25.45:4433", data=b"")),
    ("tlsonly", "forgetful: takes up no session", r"\A(?![\s\S]*Reused)[\s\S]*New, TLS", lambda: run("openssl", "s_client", "-tls1_2", "-reconnect", "-connect", "127.0.25.42:4433", data=b"")),
    ("lmtpsink", "LMTP", "220 sink.lab.test", lambda: talk("127.0.25.4", "LHLO a", "QUIT", port=24)),
    ("postfix", "notls", "STARTTLS extension not supported", lambda: smtp("notls.lab.test", to="user@notls.test", tls="starttls")),
    ("postfix", "size", "SIZE 2000", lambda: smtp("size.lab.test", to="user@size.test")),
    ("postfix opendkim opendmarc", "milter", "250 2.0.0 Ok", lambda: smtp("milter.lab.test", to="user@milter.test", source="127.0.66.1")),
    ("postfix unbound", "dane: verified", "Verified TLS connection", lambda: run("posttls-finger", "-c", "-l", "dane", "dane-ok.test")),
    ("postfix exim", "dane: mismatch", "Untrusted TLS|no matching DANE", lambda: run("posttls-finger", "-c", "-l", "dane", "dane-bad.test")),
    ("exim", "exim: STARTTLS, AUTH, delivery", "250 OK id=", lambda: smtp("exim.lab.test", 587, tls="starttls", auth=USER, name="LOGIN", to="user@exim.test")),
    ("exim", "exim: user unknown", "550 Unrouteable", lambda: smtp("exim.lab.test", to="nouser@exim.test")),
    ("opensmtpd", "opensmtpd: delivery", "250 2.0.0", lambda: smtp("opensmtpd.lab.test", to="user@opensmtpd.test")),
    ("opensmtpd", "opensmtpd: user unknown", "550 Invalid recipient", lambda: smtp("opensmtpd.lab.test", to="nouser@opensmtpd.test")),
    ("opensmtpd", "opensmtpd: broken TLS", "Error|closed", lambda: smtp("opensmtpd.lab.test", 587, tls="starttls")),
    ("sink", "smtp-sink", "^250", lambda: smtp("sink.lab.test", to="a@sink.test")),
    ("aiosmtp", "aiosmtpd: scripted", "552 5.2.2 scripted", lambda: smtp("aio.lab.test", to="r552-5.2.2@aio.test")),
    ("", "refused", "ConnectionRefused", lambda: smtp("127.0.25.200")),
    ("", "drop", "timed? ?out", lambda: smtp("127.0.25.201", timeout=1)),
    ("", "reset", "refused|reset", lambda: smtp("127.0.25.202")),
    ("", "unreach", "No route|unreachable", lambda: smtp("127.0.25.203")),
    ("badsmtp", "bad servers: a long line", "x{500}|Line too long", lambda: smtp("longline.lab.test")),
    ("badsmtp", "bad servers: refusal by number", "556 5.1.10", lambda: smtp("rcpt5xxmany.lab.test", to="c11@rcpt5xxmany.test")),
    ("badsmtp", "bad servers: STARTTLS refused", r"454.*4\.7\.0", lambda: smtp("starttlsfail.lab.test", tls="starttls")),
    ("badsmtp", "bad servers: the last one", "421 4.7.0", lambda: smtp("disconnect421.lab.test")),
    ("sender postfix exim", "bounce: Postfix", "Reporting-MTA: dns; client.lab.test", lambda: bounce("127.0.66.1", f"b-postfix-{UNIQUE}@good.test")),
    ("rsyslog sender exim", "logs: both time formats", r"postfix/\w+[^$]*T\d\d:\d\d:\d\d", lambda: run("tail", "-n", "50", LAB + "/log/mail.log", ) + run("tail", "-n", "50", LAB + "/log/mail-iso.log")),
    ("delay", "20 ms SMTP", r"^[1-9]\d\d+$", lambda: milliseconds(smtp, "127.0.24.1", to="user@good.test")),
    ("knot", "knot", r"ns1\.test", lambda: dig("@127.0.53.3", "test", "NS")),
    ("rspamd", "rspamd", '"action":"', lambda: https("http://127.0.11.1:11333/checkv2", MESSAGE, {"IP": "127.0.66.1"})),
    ("spamd", "spamassassin", r"^-?[0-9.]+/5\.0", lambda: run("spamc", "-d", "127.0.78.3", "-c", data=MESSAGE)),
]


def states():
    """{service: "up", "down" or "not installed"}"""
    lines = run(os.environ["HERE"] + "/services.sh", "status").splitlines()
    return {name: re.sub(r" \d+$", "", state) for name, state in (line.split(" ", 1) for line in lines)}


def main():
    failed = skipped = 0
    state = states()
    for services, what, wanted, answer in CHECKS:
        absent = [f"{name} is {state[name]}" for name in services.split() if state[name] != "up"]
        if absent:
            print(f"skip  {what}: {', '.join(absent)}", flush=True)
            skipped += 1
            continue
        try:
            got = answer()
        except (subprocess.TimeoutExpired, OSError) as error:
            got = repr(error)
        if re.search(wanted, got, re.M):
            print(f"ok    {what}", flush=True)
        else:
            print(f"FAIL  {what}: wanted /{wanted}/, got: {' '.join(got.split())[-300:]}", flush=True)
            failed += 1
    print(f"{len(CHECKS) - failed - skipped} ok, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


socket.setdefaulttimeout(10)
sys.exit(main())
