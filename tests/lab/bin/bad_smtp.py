#!/usr/bin/python3
"""bad_smtp.py KEYS HOSTS: SMTP servers that misbehave, each in its own way.

HOSTS is the lab's table of hosts: every name in 127.0.26.0/24 is a server here, and its name is what it does wrong.
Plain sockets and threads; at most 200 connections at once, each closed after LIFE seconds.
"""
import socket
import ssl
import struct
import sys
import threading
import time

KEYS, HOSTS = sys.argv[1:3]
LIFE = 60
free_places = threading.BoundedSemaphore(200)

# Answers to RCPT of rcpt5xxmany, chosen by number: c0@, c1@ ... Worded as real receivers word them.
MANY_REFUSALS = [
    "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in virtual mailbox table",
    "550 No such user here",
    "551 5.1.6 User has moved; please try <new@good.test>",
    "552 5.2.2 Mailbox full",
    "553 5.1.3 Invalid address syntax",
    "554 5.7.1 Service unavailable; Client host [{client}] blocked using b000.dnsbl.test; https://b000.dnsbl.test/?ip={client}",
    "550 5.7.26 This message does not pass authentication checks (SPF and DKIM both do not pass)",
    "550 5.7.1 Unauthenticated email from good.test is not accepted due to domain's DMARC policy",
    "550-5.7.25 The IP address sending this message does not have a PTR record\r\n550 5.7.25 [{client}]",
    "554 5.7.9 Message not accepted for policy reasons",
    "521 5.2.1 host does not accept mail",
    "556 5.1.10 Recipient address has null MX",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 5.2.1 The account is disabled",
    "450 4.2.0 Greylisted, please come back in 300 seconds",
    "451 4.7.1 Try again later",
    "452 4.2.2 Over quota",
    "421 4.7.0 Too many connections from your IP",
    "550 5.7.509 Access denied, sending domain does not pass DMARC verification",
    "454 4.7.5 TLS required but not available",
    "530 5.7.0 Must issue a STARTTLS command first",
    "535 5.7.8 Authentication credentials invalid",
    "500 unrecognised",
    "599 strange code",
]

# What a server says instead of its greeting; those of GREETS_AND_CLOSES say no more.
GREETINGS = {
    "banner5": "554 5.3.2 {host} no SMTP service here",
    "banner4": "421 4.3.2 {host} busy, try again later",
    "garbage": b"\x16\x03\x01\x00\x02\x02\x28HTTP/1.1 400 Bad Request\r\n\r\n",
    "longline": "220 " + "x" * 5000,
    "multiline": "220-{host} ESMTP\r\n220-first line\r\n220-second line\r\n220 last",
    "lflines": b"220 lf.lab.test ESMTP\n",
    "nullreply": b"220 nul\x00byte ESMTP\r\n",
    "megaline": b"220 " + b"x" * 1_000_000 + b"\r\n",
    "code000": "000 {host} ESMTP",
    "code999": "999 {host} ESMTP",
    "shortcode": "22 {host} ESMTP",
    "escapes": b"220 \x1b[2J\x1b]0;owned\x07\xe2\x80\xae ESMTP\r\n",
}
GREETS_AND_CLOSES = {"banner4", "garbage"}
# Said instead of the greeting again and again, as fast as the client takes it.
FLOODS = {"endless": b"220-{host} and a line more\r\n" * 100, "nulflood": bytes(4096)}

EHLO_ANSWERS = {
    "mixedcodes": "250-{host}\r\n550-8BITMIME\r\n450-SIZE 1000\r\n250 HELP",
    "manyehlo": "250-{host}\r\n" + "".join(f"250-XEXTENSION{i} {i}\r\n" for i in range(10_000)) + "250 HELP",
    "wrong354": "354 go ahead",
    "escapes": "250-\x1b[31m{host}\r\n250 X\x9b31m\x00",
}
# Bytes instead of a TLS handshake, after the client's hello was read.
INSTEAD_OF_TLS = {
    "starttlsplain": b"500 5.5.1 what is this\r\n" * 3,
    "starttlscut": b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(9),
    "starttlsalert": b"\x15\x03\x03\x00\x02\x02\x28",
    # A handshake message of 16 MB is promised.
    "starttlsbig": b"\x16\x03\x03\x40\x00\x02\xff\xff\xff" + bytes(16380),
    # Warnings without end are no answer either.
    "starttlsflood": b"\x15\x03\x03\x00\x02\x01\x5a" * 1000,
}
TLS_CERTIFICATES = {"starttlschain": "longchain", "starttlsnames": "manynames"}

MAIL_ANSWERS = {
    "busymail": "421 4.3.2 going down",
    "utf8reply": "550 5.7.1 Nachricht abgelehnt: Absender gesperrt \u2014 \u00fcberpr\u00fcfen"}
RCPT_ANSWERS = {
    "busyrcpt": "421 4.3.2 going down",
    "rcpt450": "450 4.2.0 <{rcpt}>: Recipient address rejected: Greylisted, see http://greylist.lab.test/",
    "rcpt550": "550 5.1.1 <{rcpt}>: user unknown",
    "enhancedonly": "550 mailbox unavailable",
}
DATA_ANSWERS = {"data4xx": "451 4.3.0 queue file write error", "datarefused": "554 5.7.1 no data today", "busydata": "421 4.3.2 going down"}
DOT_ANSWERS = {
    "dot4xx": "451 4.7.1 Message temporarily deferred",
    "dot5xx": "554 5.7.1 Message rejected as spam: score 12.3",
    "size552": "552 5.3.4 Message size exceeds fixed limit",
}


class Closed(Exception):
    """The conversation is over."""


class Session:
    def __init__(self, connection, client, name):
        self.connection = connection
        self.client = client
        self.name = name
        self.host = name + ".lab.test"
        self.unread = b""
        self.encrypted = False
        self.recipients = 0

    def send(self, answer):
        self.connection.sendall(answer if isinstance(answer, bytes) else answer.encode() + b"\r\n")

    def line(self):
        while b"\n" not in self.unread:
            more = self.connection.recv(65536)
            if not more:
                raise Closed
            self.unread += more
        line, self.unread = self.unread.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Closed

    def drip(self, text):
        """Byte by byte, and never to the end of the line."""
        for i in range(LIFE * 5):
            self.send(text[i % len(text)].encode())
            time.sleep(0.2)
        raise Closed

    def flood(self, what):
        while True:
            self.connection.sendall(what)

    def hang(self):
        time.sleep(LIFE)
        raise Closed

    def close_if(self, *names):
        if self.name in names:
            raise Closed

    def run(self):
        self.greet()
        commands = {"EHLO": self.ehlo, "HELO": self.helo, "STARTTLS": self.starttls, "AUTH": self.auth, "MAIL": self.mail}
        commands.update({"RCPT": self.rcpt, "DATA": self.data, "RSET": self.ok, "NOOP": self.ok, "QUIT": self.quit})
        while True:
            line = self.line()
            if self.name == "tarpit":
                time.sleep(2)
            commands.get(line.split(" ")[0].upper(), self.unknown)(line)

    def greet(self):
        self.close_if("closebanner")
        if self.name == "resetbanner":
            time.sleep(0.2)  # sooner, a client may see it while it connects
            self.reset()
        if self.name in FLOODS:
            self.flood(FLOODS[self.name].replace(b"{host}", self.host.encode()))
        if self.name == "bannerhang":
            self.hang()
        if self.name == "slowbanner":
            for character in f"220 {self.host} ESMTP slow":
                self.send(character.encode())
                time.sleep(0.2)
            self.send(b"\r\n")
            return
        greeting = GREETINGS.get(self.name, "220 {host} ESMTP lab")
        self.send(greeting if isinstance(greeting, bytes) else greeting.format(host=self.host))
        self.close_if(*GREETS_AND_CLOSES)
        if self.name == "banner5":
            self.line()
            raise Closed

    def ehlo(self, _):
        if self.name == "noehlo":
            self.send("502 5.5.2 command not recognized")
            return
        self.close_if("closeehlo")
        if self.name == "mute":
            self.hang()
        if self.name == "drip":
            self.drip("250-drip and drop ")
        if self.name == "busytls" and self.encrypted:
            self.send("421 4.3.2 going down")
            raise Closed
        if self.name == "starttlsleaves" and self.encrypted:
            raise Closed
        if self.name == "starttlsmute" and self.encrypted:
            self.hang()
        if self.name in EHLO_ANSWERS:
            self.send(EHLO_ANSWERS[self.name].replace("{host}", self.host))
            return
        if self.name == "disconnect421":
            self.send(f"421 4.7.0 {self.host} closing connection")
            raise Closed
        size = 1000 if self.name == "size552" else 10485760
        lines = [self.host, f"SIZE {size}", "8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING"]
        if self.offers_tls() and not self.encrypted:
            lines.append("STARTTLS")
        if self.name == "authloop":
            lines.append("AUTH PLAIN LOGIN")
        if self.name == "auth535":
            lines.append("AUTH PLAIN LOGIN CRAM-MD5")
        end = b"\n" if self.name == "lflines" else b"\r\n"
        answer = ["250-" + line for line in lines[:-1]] + ["250 " + lines[-1]]
        self.send(b"".join(line.encode() + end for line in answer))

    def helo(self, _):
        self.send("250 " + self.host)

    def offers_tls(self):
        return self.name.startswith("starttls") or self.name in ("busystarttls", "busytls", "closestarttls")

    def starttls(self, _):
        if not self.offers_tls():
            self.unknown(_)
            return
        self.close_if("closestarttls")
        if self.name == "busystarttls":
            self.send("421 4.3.2 going down")
            raise Closed
        if self.name == "starttlsfail":
            self.send("454 4.7.0 TLS not available due to local problem")
            return
        if self.name == "starttlsinject":
            self.send(b"220 ready\r\n250 injected reply before TLS\r\n")
        else:
            self.send("220 ready")
        if self.name == "starttlshang":
            self.hang()
        self.close_if("starttlsclose")
        if self.name == "starttlsdrip":
            self.connection.recv(65536)
            self.drip("\x16\x03\x03\x01\x00" + "\x02" * 100)
        if self.name in INSTEAD_OF_TLS:
            self.connection.recv(65536)
            self.send(INSTEAD_OF_TLS[self.name])
            if self.name == "starttlsflood":
                self.flood(INSTEAD_OF_TLS[self.name])
            raise Closed
        certificate = TLS_CERTIFICATES.get(self.name, "selfsigned")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{KEYS}/{certificate}.pem", f"{KEYS}/{certificate}.key")
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.unread = b""
        self.encrypted = True

    def auth(self, _):
        while self.name == "authloop":
            self.send("334 VXNlcm5hbWU6")
            self.line()
        self.send("535 5.7.8 Error: authentication failed")

    def mail(self, _):
        self.close_if("closemail")
        if self.name == "pipelinebreak":  # offers PIPELINING, but loses what came together with MAIL
            self.unread = b""
        self.send(MAIL_ANSWERS.get(self.name, "250 2.1.0 ok"))

    def rcpt(self, line):
        self.close_if("closercpt")
        rcpt = line[line.find("<") + 1 : line.rfind(">")]
        answer = RCPT_ANSWERS.get(self.name, "250 2.1.5 ok")
        if self.name == "rcpt5xxmany":
            number = rcpt[1 : rcpt.find("@")]
            answer = MANY_REFUSALS[int(number) % len(MANY_REFUSALS) if number.isdigit() else 0]
        if answer.startswith("250"):
            self.recipients += 1
        self.send(answer.replace("{rcpt}", rcpt).replace("{client}", self.client))

    def data(self, _):
        if not self.recipients:
            self.send("503 5.5.1 no recipients")
            return
        self.close_if("closedata")
        if self.name in DATA_ANSWERS:
            self.send(DATA_ANSWERS[self.name])
            return
        self.send("354 go ahead")
        while self.line() != ".":
            pass
        self.close_if("closedot")
        self.send(DOT_ANSWERS.get(self.name, f"250 2.0.0 queued as LAB{time.time_ns() % 10**9}"))

    def ok(self, _):
        self.send("250 2.0.0 ok")

    def quit(self, _):
        self.send("221 2.0.0 bye")
        raise Closed

    def unknown(self, _):
        self.send("500 5.5.2 unknown command")


def converse(connection, client, name):
    connection.settimeout(LIFE)
    session = Session(connection, client, name)
    try:
        session.run()
    except (Closed, OSError):
        pass
    finally:
        session.connection.close()
        free_places.release()


def serve(name, address):
    listener = socket.create_server((address, 25), backlog=64)
    while True:
        connection, (client, _) = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if free_places.acquire(timeout=5):
            threading.Thread(target=converse, args=(connection, client, name), daemon=True).start()
        else:
            connection.close()


with open(HOSTS) as file:
    for fields in (line.split() for line in file):
        if len(fields) > 1 and fields[1].startswith("127.0.26."):
            threading.Thread(target=serve, args=fields[:2], daemon=True).start()
threading.Event().wait()
