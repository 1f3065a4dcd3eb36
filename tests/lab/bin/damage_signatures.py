#!/usr/bin/python3
"""damage_signatures.py SIGNED-ZONE: changes the signatures of the MX and TXT sets, so that they no longer verify."""
import re
import sys

RRSIG = re.compile(r"(RRSIG\s+(?:MX|TXT)\s.*\.test\. )(\S\S)")

with open(sys.argv[1]) as file:
    text = file.read()
text = RRSIG.sub(lambda m: m.group(1) + ("AA" if m.group(2) != "AA" else "BB"), text)
with open(sys.argv[1], "w") as file:
    file.write(text)
