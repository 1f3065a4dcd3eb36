#!/usr/bin/python3
"""gen_maillog.py BYTES OUT [--iso]: a Postfix log of about BYTES bytes, in the line forms that Postfix 3.7 writes.

Made of message histories: of the messages 82 % sent, 8 % deferred and then sent, 4 % bounced, 6 % rejected.
"""
import random
import sys

SIZE, OUT, ISO = int(float(sys.argv[1])), sys.argv[2], "--iso" in sys.argv
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
TLS = (
    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits)"
    " server-digest SHA256"
)
DEFERRED = [
    "connect to {d}[{ip}]:25: Connection refused",
    "connect to {d}[{ip}]:25: Connection timed out",
    "host {d}[{ip}] said: 450 4.2.0 <{to}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/{d}.html"
    " (in reply to RCPT TO command)",
    "host {d}[{ip}] refused to talk to me: 421 4.7.0 Too many connections from your IP",
    "Host or domain name not found. Name service error for name={d} type=MX: Host not found, try again",
    "lost connection with {d}[{ip}] while sending RCPT TO",
]
BOUNCED = [
    "host {d}[{ip}] said: 550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table"
    " (in reply to RCPT TO command)",
    "host {d}[{ip}] said: 554 5.7.1 Service unavailable; Client host [127.0.66.1] blocked using b000.dnsbl.test;"
    " https://b000.dnsbl.test/ (in reply to RCPT TO command)",
    "host {d}[{ip}] said: 552 5.2.2 Mailbox full (in reply to end of DATA command)",
    "Host or domain name not found. Name service error for name={d} type=A: Host not found",
    "host {d}[{ip}] said: 550 5.7.26 This message does not pass authentication checks (SPF and DKIM both do not pass)"
    " (in reply to end of DATA command)",
]
chance = random.Random(42)


class Log:
    def __init__(self, file):
        self.file = file
        self.seconds = 20 * 86400.0
        self.written = 0
        self.queue_number = 0x3A00000000
        self.domains = [f"d{min(int(chance.paretovariate(0.6)), 99999):06d}.bulk.test" for _ in range(20000)]

    def timestamp(self):
        days, seconds = divmod(int(self.seconds), 86400)
        month, day = min(days // 28, 11), days % 28 + 1
        hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
        if ISO:
            micro = chance.randrange(10**6)
            return f"2026-{month + 1:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}.{micro:06d}+00:00"
        return f"{MONTHS[month]} {day:2d} {hour:02d}:{minute:02d}:{second:02d}"

    def line(self, program, text):
        pid = {"smtpd": 1000, "cleanup": 1200, "smtp": 1300, "bounce": 1600, "qmgr": 919}[program]
        line = f"{self.timestamp()} lab postfix/{program}[{pid}]: {text}\n"
        self.file.write(line)
        self.written += len(line)

    def rejected(self, client, sender, recipient):
        self.line("smtpd", f"connect from unknown[{client}]")
        self.line(
            "smtpd",
            f"NOQUEUE: reject: RCPT from unknown[{client}]: 554 5.7.1 Service unavailable; Client host [{client}] blocked using"
            f" b000.dnsbl.test; from=<{sender}> to=<{recipient}> proto=ESMTP helo=<h{chance.randrange(99)}.test>",
        )
        self.line("smtpd", f"disconnect from unknown[{client}] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")

    def queued(self, client, sender, recipient, domain, fate):
        self.queue_number += chance.randrange(1, 4000)
        queue_id, host = f"{self.queue_number:X}", f"mx{chance.randrange(50)}.bulk.test"
        active = f"{queue_id}: from=<{sender}>, size={int(chance.lognormvariate(9, 1.2)) + 600}, nrcpt=1 (queue active)"
        self.line("smtpd", f"connect from {host}[{client}]")
        if chance.random() < 0.7:
            self.line("smtpd", f"Anonymous TLS connection established from {host}[{client}]: {TLS}")
        self.line("smtpd", f"{queue_id}: client={host}[{client}]")
        self.line("cleanup", f"{queue_id}: message-id=<{int(self.seconds)}.{queue_id}@{host}>")
        self.line("qmgr", active)
        self.line("smtpd", f"disconnect from {host}[{client}] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7")
        server, delay = address(), chance.expovariate(1)

        def delivery(relay, dsn, status, text):
            delays = f"delay={delay + 0.04:.2g}, delays=0.03/0.01/{delay / 2:.2g}/{delay / 2:.2g}"
            text = text.format(d=domain, ip=server, to=recipient)
            self.line("smtp", f"{queue_id}: to=<{recipient}>, relay={relay}, {delays}, dsn={dsn}, status={status} ({text})")

        relay = f"{domain}[{server}]:25"
        if fate == "bounced":
            delivery(relay, "5.1.1", "bounced", chance.choice(BOUNCED))
            self.line("bounce", f"{queue_id}: sender non-delivery notification: {self.queue_number + 1:X}")
        else:
            for _ in range(chance.randrange(1, 4) if fate == "deferred" else 0):
                delivery(chance.choice(["none", relay]), "4.4.1", "deferred", chance.choice(DEFERRED))
                self.seconds += 0.01
                self.line("qmgr", active)
            delivery(relay, "2.0.0", "sent", f"250 2.0.0 Ok: queued as {chance.getrandbits(40):X}")
        self.line("qmgr", f"{queue_id}: removed")

    def message(self):
        self.seconds += chance.expovariate(40)
        domain = chance.choice(self.domains)
        sender = f"user{chance.randrange(5000)}@{self.domains[chance.randrange(200)]}"
        recipient = f"rcpt{chance.randrange(100000)}@{domain}"
        fate = chance.choices(["rejected", "bounced", "deferred", "sent"], [6, 4, 8, 82])[0]
        if fate == "rejected":
            self.rejected(address(), sender, recipient)
        else:
            self.queued(address(), sender, recipient, domain, fate)


def address():
    return f"127.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"


with open(OUT, "w", buffering=1 << 20) as out:
    log = Log(out)
    while log.written < SIZE:
        log.message()
print(log.written, "bytes")
