#!/usr/bin/env python3
"""make_maillog.py MEGABYTES: a Postfix log as a busy server writes it, on standard output; the same for the same size."""
import random
import sys

random.seed(7)
size = int(sys.argv[1]) * 1_000_000
months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
domains = [f"d{i}.example" for i in range(3000)]
replies = [
    ("deferred", "4.2.0", "host {mx}[192.0.2.7] said: 450 4.2.0 <{to}>: Recipient address rejected: Greylisted (in reply to RCPT TO command)"),
    ("deferred", "4.4.1", "connect to {mx}[192.0.2.9]:25: Connection timed out"),
    ("deferred", "4.7.0", "host {mx}[192.0.2.8] said: 421-4.7.0 [198.51.100.7      15] Our system has detected an unusual rate of 421 4.7.0 mail {id}-gsmtp (in reply to end of DATA command)"),
    ("bounced", "5.1.1", "host {mx}[192.0.2.6] said: 550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)"),
    ("bounced", "5.7.1", "host {mx}[192.0.2.5] said: 554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/198.51.100.7 (in reply to RCPT TO command)"),
]
hosts = ["mx1.lists.example", "app7.example.org", "unknown", "mail-lf1-f41.google.example"]
clock, made, out = 0, 0, []


def line(daemon, text):
    global made
    day, rest = divmod(clock // 60, 86400)
    stamp = f"{months[day // 28 % 12]} {day % 28 + 1:2} {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    whole = f"{stamp} mail postfix/{daemon}[{1000 + clock % 900}]: {text}\n"
    made += len(whole)
    out.append(whole)


while made < size:
    clock += random.randint(1, 9)
    ident = f"{random.getrandbits(44):011X}"
    host = f"{random.choice(hosts)}[203.0.113.{random.randint(1, 250)}]"
    sender = f"user{random.randint(1, 900)}@{random.choice(domains[:60])}"
    line("smtpd", f"connect from {host}")
    if random.random() < 0.15:
        line("smtpd", f"NOQUEUE: reject: RCPT from {host}: 554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using zen.spamhaus.org; from=<{sender}> to=<joe@example.org> proto=ESMTP helo=<x.example>")
        line("smtpd", f"disconnect from {host} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")
        continue
    line("smtpd", f"{ident}: client={host}")
    line("cleanup", f"{ident}: message-id=<{random.getrandbits(60):x}.{random.getrandbits(60):x}@{random.choice(domains)}>")
    line("qmgr", f"{ident}: from=<{sender}>, size={random.randint(900, 90000)}, nrcpt=1 (queue active)")
    line("smtpd", f"disconnect from {host} ehlo=1 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=6")
    for _ in range(random.choice([1, 1, 1, 2])):
        domain = random.choice(domains)
        to, mx = f"r{random.randint(1, 500000)}@{domain}", f"mx.{domain}"
        head = f"{ident}: to=<{to}>, relay={mx}[192.0.2.7]:25, delay=0.9, delays=0.1/0.01/0.4/0.4, "
        if random.random() < 0.1:
            status, code, text = random.choice(replies)
            line("smtp", f"{head}dsn={code}, status={status} ({text.format(mx=mx, to=to, id=f'{random.getrandbits(40):x}')})")
        else:
            line("smtp", f"{head}dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {random.getrandbits(44):011X})")
    line("qmgr", f"{ident}: removed")
    if len(out) > 10000:
        sys.stdout.write("".join(out))
        out.clear()
sys.stdout.write("".join(out))
