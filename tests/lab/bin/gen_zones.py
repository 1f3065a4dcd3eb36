#!/usr/bin/python3
"""gen_zones.py SOURCES OUT --keys DIR [--bulk N] [--zones N] [--dnsbl N]: writes the lab's zones.

SOURCES holds the zones as an operator would write them, with @NAME@ where a key or digest from --keys belongs.
What is added here is what would be long by hand: a record set for each host, numbered records, and zones in bulk:

  bulk.test        N domains as names of one zone, d000000.bulk.test and so on
  zNNNNN.zone.test N small zones with the same records
  bNNN.dnsbl.test  N healthy block lists; every fifth lists 127.0.66.2

The same arguments give the same zones, but for the keys. ldns, NSD and Knot have no $GENERATE in common.
"""
import argparse
import glob
import hashlib
import ipaddress
import os
import random
import re

SIGNED_LIKE_GOOD = ["good.test", "bogus.test", "expired.test", "insecure.test", "nsec3.test", "otherkey.test"]
STS_CASES = ["ok", "testing", "none", "mismatch", "expiredcert", "wrongname", "nopolicy", "badpolicy", "redirect", "huge", "pattern", "html"]
IP6_HOSTS = {"fd25::1": "dual.lab.test.", "fd66::1": "client6.lab.test."}


def start_of_zone(origin):
    return (
        f"$ORIGIN {origin}\n$TTL 300\n"
        "@ IN SOA ns1.test. hostmaster.test. 2026010100 3600 900 1209600 60\n"
        "@ IN NS ns1.test.\n"
    )


def txt(text):
    """The text as character-strings, which hold at most 255 octets each."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{text[i:i + 250]}"' for i in range(0, max(len(text), 1), 250))


def read_hosts(sources):
    """[(name, address)] in the order of the file."""
    with open(os.path.join(sources, "hosts")) as file:
        lines = [line.split("#")[0].split() for line in file]
    return [tuple(line) for line in lines if line]


class Zones:
    def __init__(self, args):
        self.args = args
        self.hosts = read_hosts(args.sources)
        self.values = {
            "RSA512": txt(self.key("rsa512.pub.b64")),
            "RSA1024": txt(self.key("rsa1024.pub.b64")),
            "RSA2048": txt(self.key("rsa2048.pub.b64")),
            "RSA4096": txt(self.key("rsa4096.pub.b64")),
            "ED25519": txt(self.key("ed25519.pub.b64")),
            "TLSA_POSTFIX": self.key("postfix.tlsa311"),
            "TLSA_EC": self.key("ec.tlsa311"),
            "TLSA_OWNNAME": self.key("ownname.tlsa311"),
            "TLSA_WRONGNAME": self.key("wrongname.tlsa311"),
            "TLSA_BETWEEN": self.key("between.tlsa311"),
            "BIG": txt("x" * 4000),
        }

    def key(self, name):
        with open(os.path.join(self.args.keys, name)) as file:
            return file.read().strip()

    def source(self, name, **values):
        """A file of SOURCES with every @NAME@ filled in; an unknown one is an error."""
        values = {**self.values, **values}
        with open(os.path.join(self.args.sources, name)) as file:
            return re.sub(r"@([A-Z][A-Z0-9_]+)@", lambda m: values[m.group(1)], file.read())

    def write(self, name, text):
        with open(os.path.join(self.args.out, name), "w") as file:
            file.write(text)

    # ---- test. and the reverse zones

    def host_records(self):
        """A for each host; MX, SPF and DMARC for its mail domain; SPF for its name, which it gives in HELO."""
        lines = []
        for name, address in self.hosts:
            lines.append(f"{name}.lab IN A {address}")
            if address.startswith("127.0.53.") or name == "www":
                continue
            lines += [
                f'{name}.lab IN TXT "v=spf1 a -all"',
                f"{name} IN MX 10 {name}.lab.test.",
                f'{name} IN TXT "v=spf1 ip4:127.0.0.0/8 -all"',
                f'_dmarc.{name} IN TXT "v=DMARC1; p=none"',
            ]
        return lines

    def case_records(self, cases):
        """What each case of SPF and DMARC needs besides its own record."""
        lines = []
        numbered_spf = ["spf-none", "spf-10", "spf-11", "spf-long"]
        for name in sorted(set(re.findall(r"^(spf-[a-z0-9]+) IN TXT", cases, re.M)) | set(numbered_spf)):
            lines += [f"{name} IN A 127.0.44.3", f"{name} IN MX 10 postfix.lab.test."]
        for name in sorted(set(re.findall(r"^_dmarc\.(dmarc-\w+) ", cases, re.M)) | {"dmarc-none"}):
            lines += [f"{name} IN MX 10 postfix.lab.test.", f'{name} IN TXT "v=spf1 mx -all"']
        return lines

    def numbered_records(self):
        lines = []
        for count in (10, 11):  # the limit of look-ups is 10, RFC 7208 section 4.6.4
            name = f"spf-{count}"
            includes = " ".join(f"include:i{i}.{name}.test" for i in range(count))
            lines.append(f"{name} IN TXT {txt(f'v=spf1 {includes} -all')}")
            lines += [f'i{i}.{name} IN TXT "v=spf1 ip4:127.1.{i}.0/24 ?all"' for i in range(count)]
        lines += [f'i{i}.spf-deep IN TXT "v=spf1 include:i{i + 1}.spf-deep.test ?all"' for i in range(9)]
        lines.append('i9.spf-deep IN TXT "v=spf1 ip4:127.0.66.1 ?all"')
        for i in range(11):
            lines += [f"spf-mx11 IN MX {20 + i} m{i}.spf-mx11.test.", f"m{i}.spf-mx11 IN A 127.1.2.{i + 1}"]
        networks = " ".join(f"ip4:127.0.{i}.0/24" for i in range(120))
        lines.append(f"spf-long IN TXT {txt(f'v=spf1 {networks} -all')}")
        for i in range(40):
            lines += [f"mx-many IN MX {10 * (i % 5)} m{i}.mx-many.test.", f"m{i}.mx-many IN A 127.0.25.{1 + i % 3}"]
        for case in STS_CASES:
            lines += [
                f"sts-{case} IN MX 10 postfix.lab.test.",
                f'_mta-sts.sts-{case} IN TXT "v=STSv1; id=20260101000000Z;"',
                f"mta-sts.sts-{case} IN A 127.0.44.3",
                f'_smtp._tls.sts-{case} IN TXT "v=TLSRPTv1; rua=mailto:tls@sts-{case}.test,https://sts-{case}.test/r"',
            ]
        return lines

    def write_test_zone(self):
        text = start_of_zone("test.")
        for path in sorted(glob.glob(os.path.join(self.args.sources, "test", "*.zone"))):
            text += "$ORIGIN test.\n" + self.source(os.path.relpath(path, self.args.sources))
        more = self.host_records() + self.case_records(text) + self.numbered_records()
        self.write("test.zone", text + "$ORIGIN test.\n" + "\n".join(more) + "\n")

    def write_reverse_zones(self):
        text = start_of_zone("127.in-addr.arpa.")
        text += "1.0.0 IN PTR localhost.\n4.66.0 IN PTR does-not-exist.lab.test.\n"
        for name, address in self.hosts:
            if name not in ("noptr", "badptr"):
                text += f"{ipaddress.ip_address(address).reverse_pointer}. IN PTR {name}.lab.test.\n"
        self.write("127.in-addr.arpa.zone", text)
        for address, name in IP6_HOSTS.items():
            pointer = ipaddress.ip_address(address).reverse_pointer + "."
            origin = pointer[-len("5.2.d.f.ip6.arpa.") :]
            self.write(origin + "zone", start_of_zone(origin) + f"{pointer} IN PTR {name}\n")

    # ---- domains in bulk

    def domain_records(self, i):
        """[(owner below the domain, type, data)] of domain i: records differ with i as those of real domains do."""
        sort = i % 20
        records = [("", "MX", f"10 mx{i % 50}.bulk.test."), ("", "A", f"127.1.{(i >> 8) & 255}.{i & 255}")]
        if sort % 4 == 0:
            records.append(("", "MX", f"20 mx{(i + 1) % 50}.bulk.test."))
        one, other = f"_spf{i % 30}.bulk.test", f"_spf{(i + 7) % 30}.bulk.test"
        spf = [
            "v=spf1 mx -all",
            f"v=spf1 include:{one} ~all",
            f"v=spf1 ip4:10.1.0.0/16 include:{one} -all",
            f"v=spf1 a mx include:{one} include:{other} -all",
            f"v=spf1 redirect={one}",
        ]
        if sort != 19:
            records.append(("", "TXT", txt(spf[i % 5])))
        records.append(("", "TXT", txt(f"site-verification={hashlib.md5(str(i).encode()).hexdigest()}")))
        if sort % 10 != 7:
            policy = ["none", "quarantine", "reject"][i % 3]
            records.append(("_dmarc", "TXT", txt(f"v=DMARC1; p={policy}; rua=mailto:d@d{i:06d}.bulk.test")))
        records.append(("s1._domainkey", "TXT", f'"v=DKIM1; k=rsa; p=" {self.values["RSA2048"]}'))
        if sort < 4:
            records += [
                ("_mta-sts", "TXT", '"v=STSv1; id=20260101000000Z;"'),
                ("mta-sts", "A", "127.0.44.3"),
                ("_smtp._tls", "TXT", '"v=TLSRPTv1; rua=mailto:t@bulk.test"'),
            ]
        return records

    def write_bulk_zone(self):
        lines = []
        for i in range(50):
            lines += [f"mx{i} IN A 127.0.25.{1 + i % 3}", f"_25._tcp.mx{i} IN TLSA 3 1 1 {self.values['TLSA_POSTFIX']}"]
        for i in range(30):
            networks = " ".join(f"ip4:10.{2 + i}.{j}.0/24" for j in range(8))
            include = f" include:_spfb{i}.bulk.test" if i % 3 == 0 else ""
            lines.append(f"_spf{i} IN TXT {txt(f'v=spf1 {networks}{include} ~all')}")
            lines.append(f'_spfb{i} IN TXT "v=spf1 ip4:10.{40 + i}.0.0/16 ~all"')
        names = [f"d{i:06d}" for i in range(self.args.bulk)]
        for i, name in enumerate(names):
            for owner, kind, data in self.domain_records(i):
                lines.append(f"{owner}{'.' if owner else ''}{name} IN {kind} {data}")
        self.write("bulk.test.zone", start_of_zone("bulk.test.") + "\n".join(lines) + "\n")
        self.write("bulk.domains", "".join(f"{name}.bulk.test\n" for name in names))
        queries = "{0} MX\n{0} TXT\n_dmarc.{0} TXT\n"  # for dnsperf
        self.write("bulk.dnsperf", "".join(queries.format(f"{name}.bulk.test") for name in names))

    def write_small_zones(self):
        names = [f"z{i:05d}.zone.test" for i in range(self.args.zones)]
        os.makedirs(os.path.join(self.args.out, "zone.test"), exist_ok=True)
        for i, name in enumerate(names):
            lines = [f"{owner or '@'} IN {kind} {data}" for owner, kind, data in self.domain_records(i)]
            self.write(f"zone.test/{name}.zone", start_of_zone(name + ".") + "\n".join(lines) + "\n")
        self.write("zone.test.zone", start_of_zone("zone.test.") + "".join(f"{name}. IN NS ns1.test.\n" for name in names))
        self.write("zones.domains", "".join(f"{name}\n" for name in names))

    # ---- block lists

    def write_block_lists(self):
        chance = random.Random(20260101)
        test_point6 = "2.0.0.0.0.0.f.7.f.f.f.f" + ".0" * 20  # ::FFFF:7F00:2, RFC 5782 section 5
        lines = []
        names = [f"b{i:03d}" for i in range(self.args.dnsbl)]
        for i, name in enumerate(names):
            listed = ["2.0.0.127"] + (["2.66.0.127"] if i % 5 == 0 else [])
            for reverse in listed:
                lines.append(f"{reverse}.{name} IN A 127.0.0.{2 + i % 9}")
                lines.append(f'{reverse}.{name} IN TXT "listed by {name}: see https://{name}.dnsbl.test/"')
            lines.append(f"{test_point6}.{name} IN A 127.0.0.{2 + i % 9}")
            for _ in range(20):
                a, b, c, d = (chance.randrange(256) for _ in range(4))
                if d % 224 not in (0, 127):  # nothing of ours by chance
                    lines.append(f"{a}.{b}.{c}.{d % 224}.{name} IN A 127.0.0.2")
            lines += [f"test.{name} IN A 127.0.1.2", f"spammer.test.{name} IN A 127.0.1.2"]
        text = self.source("dnsbl.zone", START=start_of_zone("dnsbl.test."))
        self.write("dnsbl.test.zone", text + "\n".join(lines) + "\n")
        self.write("dnsbl.zones", "".join(f"{name}.dnsbl.test\n" for name in names))

    def write_all(self):
        self.write("root.zone", self.source("root.zone"))
        self.write_test_zone()
        self.write_reverse_zones()
        for domain in SIGNED_LIKE_GOOD:
            self.write(domain + ".zone", self.source("good.zone", START=start_of_zone(domain + "."), DOMAIN=domain))
        self.write_bulk_zone()
        self.write_small_zones()
        self.write_block_lists()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sources")
    parser.add_argument("out")
    parser.add_argument("--keys", required=True)
    parser.add_argument("--bulk", type=int, default=1000)
    parser.add_argument("--zones", type=int, default=100)
    parser.add_argument("--dnsbl", type=int, default=100)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    Zones(args).write_all()


if __name__ == "__main__":
    main()
