#!/usr/bin/python3
"""tls_differences.py SERVER FOLDER: every fact about a server's TLS in which mailmedic tls (ours.json), sslscan (sslscan.xml) and
testssl.sh (testssl.json, suites.json, where they are) differ. A line each, with its reason; status 1 when one has none."""
import json
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

SERVER, FOLDER = sys.argv[1:3]

# (what differs, why): regular expressions for "SERVER: FACT: ours ..., PEER ..." and what was found out about it.
REASONS = [
    (r"oldtls.*: name fits", "it has two certificates: we tell of the one that an ordinary handshake gets (EC, another name), testssl.sh of any of them"),
    (r"(oldtls|tls10).*: sessions taken up again: ours only True", "openssl s_client -reconnect shows it too, with -cipher ALL:@SECLEVEL=0: testssl.sh leaves the system's security level, at which there is no TLS 1.0 and 1.1"),
    (r"tls13.*: sessions taken up again: ours only True", "testssl.sh -S found it too, and testssl.sh -p -S on the same server did not"),
    (r"tls13\..*: secure renegotiation: sslscan only False", "TLS 1.3 has no renegotiation (RFC 8446 section 4.1.2): there is nothing to secure, and we do not tell of it"),
]


def path(name):
    return os.path.join(FOLDER, name)


def load(name):
    try:
        with open(path(name)) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def version_word(word):
    return word.replace("TLSv1.0", "TLSv1")


def our_facts():
    report = load("ours.json")
    report = report[0] if isinstance(report, list) else report
    address = report["facts"]["hosts"][0]["addresses"][0]
    spoken = [v for v in address["protocols"] if v["spoken"] == "yes"]
    handshake, certificate = address.get("tls") or {}, address.get("certificate") or {}
    out = {"versions": {v["version"] for v in spoken}, "not told": {v["version"] for v in address["protocols"] if v["spoken"] == "unknown"}}
    for v in spoken:
        out["suites of " + v["version"]] = set(v["suites"])
        if v["groups"]:
            out["groups of " + v["version"]] = set(v["groups"])
        if "secure_renegotiation" in v:
            out["secure renegotiation"] = {str(v["secure_renegotiation"])}
    fingerprints = {c["sha256"] for v in spoken for c in v.get("certificates", [])}
    if certificate:
        fingerprints.add(certificate["sha256"])
        out["chain length"] = {str(handshake["chain_length"])}
        out["trusted"] = {str(handshake["trusted"])}
        out["name fits"] = {str(handshake["name_matches"])}
        out["valid until"] = {certificate["not_after"][:16].replace("T", " ")}
        out["staple"] = {str(handshake["ocsp_stapled"])}
        out["must staple"] = {str(certificate.get("must_staple", False))}
    out["certificates"] = fingerprints
    if address.get("sessions"):
        out["sessions taken up again"] = {str(any(session["resumption"] == "resumed" for session in address["sessions"]))}
    return out


def sslscan_facts():
    out = {}
    test = ElementTree.parse(path("sslscan.xml")).getroot().find("ssltest")
    names = {"ssl2": "SSLv2", "ssl3": "SSLv3", "tls1.0": "TLSv1"}
    protocols = test.findall("protocol")
    out["versions"] = {names.get(p.get("type") + p.get("version"), "TLSv" + p.get("version")) for p in protocols if p.get("enabled") == "1"}
    iana = registry()
    for cipher in test.findall("cipher"):
        out.setdefault("suites of " + version_word(cipher.get("sslversion")), set()).add(iana.get(cipher.get("id").lower(), cipher.get("cipher")))
    for group in test.findall("group"):
        out.setdefault("groups of " + version_word(group.get("sslversion")), set()).add(group.get("name").split(" ")[0])
    renegotiation = test.find("renegotiation")
    if renegotiation is not None:
        out["secure renegotiation"] = {str(renegotiation.get("secure") == "1")}
    with open(path("sslscan.out")) as file:
        text = file.read()
    if "OCSP Stapling Request" in text:
        out["staple"] = {str("No OCSP response received" not in text)}
    return out


def registry():
    """IANA's names by number, as openssl prints them: {"0xc02c": "TLS_..."}."""
    import subprocess

    out = {}
    text = subprocess.run(["openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"], capture_output=True, text=True).stdout
    for high, low, name in re.findall(r"0x(..),0x(..)\s+-\s+(\S+)", text):
        out[f"0x{high}{low}".lower()] = name
    return out


def testssl_facts():
    rows = load("testssl.json")
    if rows is None:
        return {}
    found, out = {}, {}
    for row in rows:
        found.setdefault(re.sub(r" <cert#\d+>", "", row["id"]), []).append(row["finding"])
    names = {"SSLv2": "SSLv2", "SSLv3": "SSLv3", "TLS1": "TLSv1", "TLS1_1": "TLSv1.1", "TLS1_2": "TLSv1.2", "TLS1_3": "TLSv1.3"}
    out["versions"] = {name for id, name in names.items() if any(text.startswith("offered") for text in found.get(id, []))}
    out["certificates"] = {text.lower() for text in found.get("cert_fingerprintSHA256", [])}
    first = {id: texts[0] for id, texts in found.items()}
    if "certs_countServer" in first:
        out["chain length"] = {first["certs_countServer"]}
        out["trusted"] = {str(any(text.startswith("passed") for text in found["cert_chain_of_trust"]) and "expired" not in first["cert_expirationStatus"])}
        out["name fits"] = {str(any("Ok via SAN" in text for text in found["cert_trust"]))}
        out["valid until"] = {first["cert_notAfter"]}
        out["staple"] = {str(not first["OCSP_stapling"].startswith("not offered"))}
        out["must staple"] = {str(first["cert_mustStapleExtension"] not in ("--", "no"))}
    if "sessionresumption_ticket" in first:
        takes_up = any(first.get("sessionresumption_" + kind, "") == "supported" for kind in ("ticket", "ID"))
        out["sessions taken up again"] = {str(takes_up)}
    for row in load("suites.json") or []:
        match = re.match(r"cipher-(tls1_[0123]|tls1|ssl3|ssl2)_x", row["id"])
        if match:
            version = {"tls1": "TLSv1", "tls1_1": "TLSv1.1", "tls1_2": "TLSv1.2", "tls1_3": "TLSv1.3", "ssl3": "SSLv3", "ssl2": "SSLv2"}[match[1]]
            out.setdefault("suites of " + version, set()).add(row["finding"].split()[-1])
    return out


def differences():
    mine = our_facts()
    if mine.pop("not told"):
        yield "not told by us: " + ", ".join(sorted(our_facts()["not told"]))
    for peer, theirs in (("sslscan", sslscan_facts()), ("testssl.sh", testssl_facts())):
        for fact in sorted(set(mine) & set(theirs)):
            if mine[fact] != theirs[fact]:
                yield f"{fact}: ours only {', '.join(sorted(mine[fact] - theirs[fact])) or '-'}; {peer} only {', '.join(sorted(theirs[fact] - mine[fact])) or '-'}"
        for fact in sorted(set(theirs) - set(mine)):
            yield f"{fact}: {peer} only {', '.join(sorted(theirs[fact]))}"


unexplained = 0
seen = our_facts()
print(f"  {len(seen['versions'])} versions, {sum(len(v) for k, v in seen.items() if k.startswith('suites'))} suites, {len(seen['certificates'])} certificates")
for difference in differences():
    why = next((reason for pattern, reason in REASONS if re.search(pattern, f"{SERVER}: {difference}")), None)
    print(f"  {difference}\n    {'because ' + why if why else 'UNEXPLAINED'}")
    unexplained += why is None
sys.exit(1 if unexplained else 0)
