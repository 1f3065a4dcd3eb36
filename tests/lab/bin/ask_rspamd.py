#!/usr/bin/python3
"""ask_rspamd.py MESSAGE [NAME:VALUE]...: what rspamd answers about a message (JSON); the pairs are fields of the request."""
import sys
import urllib.request

with open(sys.argv[1], "rb") as message:
    request = urllib.request.Request("http://127.0.11.1:11333/checkv2", message.read())
for pair in sys.argv[2:]:
    name, value = pair.split(":", 1)
    request.add_header(name, value)
with urllib.request.urlopen(request, timeout=30) as answer:
    print(answer.read().decode())
