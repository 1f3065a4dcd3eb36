#!/usr/bin/python3
"""tls_differences.py OURS.json SSLSCAN.txt: what one of them has found and the other has not."""
import json
import re
import subprocess
import sys

report = json.load(open(sys.argv[1]))
report = report[0] if isinstance(report, list) else report
versions = report["facts"]["hosts"][0]["addresses"][0]["protocols"]
ours = {v["version"]: (set(v["suites"]), set(v["groups"])) for v in versions if v["spoken"] == "yes"}
unknown = [v["version"] for v in versions if v["spoken"] == "unknown"]

standard = {}
ciphers = subprocess.run(["openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"], capture_output=True, text=True)
for line in ciphers.stdout.splitlines():
    name, _, short = line.split()[:3]
    standard[short] = name
text = open(sys.argv[2]).read()
peer = {}
for version, short in re.findall(r"^(?:Preferred|Accepted)\s+(\S+)\s+\d+ bits\s+(\S+)", text, re.M):
    peer.setdefault(version.replace("TLSv1.0", "TLSv1"), (set(), set()))[0].add(standard.get(short, short))
for version, group in re.findall(r"^(TLSv1\.\d)\s+\d+ bits\s+(\S+)", text[text.find("Server Key Exchange") :], re.M):
    peer.setdefault(version.replace("TLSv1.0", "TLSv1"), (set(), set()))[1].add(group)

differences = [f"  not told by us: {', '.join(unknown)}"] if unknown else []
for version in sorted(set(ours) | set(peer)):
    mine, theirs = ours.get(version, (set(), set())), peer.get(version, (set(), set()))
    for kind, a, b in (("suites", mine[0], theirs[0]), ("groups", mine[1], theirs[1])):
        if kind == "groups" and not (a and b):  # each of us asks for them in some versions only
            continue
        if a - b:
            differences.append(f"  {version} {kind} only ours: {', '.join(sorted(a - b))}")
        if b - a:
            differences.append(f"  {version} {kind} only sslscan: {', '.join(sorted(b - a))}")
print("\n".join(differences) or f"  no difference: {sum(len(s) for s, _ in ours.values())} suites in {', '.join(ours)}")
