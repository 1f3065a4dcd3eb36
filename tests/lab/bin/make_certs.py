#!/usr/bin/python3
"""make_certs.py OUT: the lab's CA, server certificates good and bad, and DKIM keys."""
import base64
import concurrent.futures
import datetime
import gzip
import hashlib
import os
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

OUT = sys.argv[1]
NOW = datetime.datetime.utcnow()
DAY = datetime.timedelta(days=1)
PEM, DER, RAW = serialization.Encoding.PEM, serialization.Encoding.DER, serialization.Encoding.Raw
NO_PASSWORD = serialization.NoEncryption()


def put(name, data):
    with open(os.path.join(OUT, name), "wb") as file:
        file.write(data)


def new_rsa(bits):
    return rsa.generate_private_key(65537, bits)


def new_ec():
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key):
    return key.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, NO_PASSWORD)


def public_der(key):
    return key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def subject(name):
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "lab"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def certificate(name, key, issuer, issuer_key, names=(), days=(-1, 825), is_ca=False, more=()):
    """`days`: validity, from and to, counted from today. `more`: further extensions, not critical."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(name))
        .issuer_name(subject(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + days[0] * DAY)
        .not_valid_after(NOW + days[1] * DAY)
        .add_extension(x509.BasicConstraints(is_ca, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
    for extension in more:
        builder = builder.add_extension(extension, False)
    return builder.sign(issuer_key, hashes.SHA256())


ca_key = new_ec()
ca = certificate("lab CA", ca_key, "lab CA", ca_key, days=(-1, 3650), is_ca=True)


def server(file, names, new_key=lambda: new_rsa(2048), self_signed=False, days=(-1, 825), more=()):
    """FILE.pem (with its chain), FILE.key and FILE.tlsa311, the digest of a DANE record 3 1 1. The own certificate is returned."""
    key = new_key()
    if self_signed:
        chain = [certificate(names[0], key, names[0], key, names, days)]
    else:
        chain = [certificate(names[0], key, "lab CA", ca_key, names, days, more=more), ca]
    put(file + ".pem", b"".join(c.public_bytes(PEM) for c in chain))
    put(file + ".key", private_pem(key))
    put(file + ".tlsa311", tlsa311(key))
    return chain[0]


def tlsa311(key):
    return hashlib.sha256(public_der(key)).hexdigest().encode()


def half_chain(file, names):
    """FILE.pem, which leaves out the certificate between it and the CA; between.tlsa311 is of that one's key."""
    key, between_key = new_rsa(2048), new_ec()
    put(file + ".pem", certificate(names[0], key, "lab intermediate", between_key, names).public_bytes(PEM))
    put(file + ".key", private_pem(key))
    put("between.pem", certificate("lab intermediate", between_key, "lab CA", ca_key, is_ca=True).public_bytes(PEM))
    put("between.tlsa311", tlsa311(between_key))


def long_chain(file, names, length):
    """FILE.pem, below so many authorities."""
    name, key, chain = "lab CA", ca_key, [ca]
    for i in range(length - 2):
        above, above_key, name, key = name, key, f"lab CA {i}", new_ec()
        chain.insert(0, certificate(name, key, above, above_key, is_ca=True))
    own = new_ec()
    chain.insert(0, certificate(names[0], own, name, key, names))
    put(file + ".pem", b"".join(c.public_bytes(PEM) for c in chain))
    put(file + ".key", private_pem(own))


def with_staple(file, names, status, days=(-1, 800), must=False):
    """A server and FILE.ocsp, the CA's word on its certificate: `days` are its first and last, counted from today."""
    more = [x509.TLSFeature([x509.TLSFeatureType.status_request])] if must else []
    own = server(file, names, more=more)
    revoked = status == ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        own, ca, hashes.SHA1(), status, NOW + days[0] * DAY, NOW + days[1] * DAY,
        NOW - 2 * DAY if revoked else None, x509.ReasonFlags.key_compromise if revoked else None)
    put(file + ".ocsp", builder.responder_id(ocsp.OCSPResponderEncoding.HASH, ca).sign(ca_key, hashes.SHA256()).public_bytes(DER))


def der(tag, content):
    size = bytes([len(content)]) if len(content) < 128 else b"\x82" + len(content).to_bytes(2, "big")
    return bytes([tag]) + size + content


def mark(file, names, logo):
    """FILE.pem, a certificate for a logo of ../www: its picture is in it, compressed (RFC 3709, RFC 6170)."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "www", logo), "rb") as picture:
        url = b"data:image/svg+xml;base64," + base64.b64encode(gzip.compress(picture.read(), mtime=0))
    more = [
        x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.31")]),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.12"), der(0x30, der(0xA2, der(0x16, url)))),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), der(0x04, b"\0\0")),
    ]
    own = certificate(names[0], new_ec(), "lab CA", ca_key, names, more=more)
    put(file + ".pem", own.public_bytes(PEM) + ca.public_bytes(PEM))


def dkim_rsa(bits):
    key = new_rsa(bits)
    put(f"rsa{bits}.key", private_pem(key))
    put(f"rsa{bits}.pub.b64", base64.b64encode(public_der(key)))


def dkim_ed25519():
    key = ed25519.Ed25519PrivateKey.generate()
    put("ed25519.key", key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, NO_PASSWORD))
    put("ed25519.raw.b64", base64.b64encode(key.private_bytes(RAW, serialization.PrivateFormat.Raw, NO_PASSWORD)))
    public = key.public_key().public_bytes(RAW, serialization.PublicFormat.Raw)
    put("ed25519.pub.b64", base64.b64encode(public))


# Policy hosts with a good certificate; sts-wrongname and sts-two are left out on purpose, sts-expiredcert has its own.
POLICY_HOSTS = "good bogus expired insecure sts-ok sts-testing sts-none sts-mismatch sts-nopolicy sts-badpolicy sts-redirect sts-huge sts-pattern sts-html sts-selfsigned sts-halfchain"
web = ["www.lab.test", "*.lab.test", "www.good.test", "www.insecure.test"]
web += [f"mta-sts.{host}.test" for host in POLICY_HOSTS.split()]
# The bulk domains with MTA-STS among the first 1000, see domain_records() in gen_zones.py.
web_bulk = ["www.lab.test"]
for i in (i for i in range(1000) if i % 20 < 4):
    web_bulk += [f"mta-sts.z{i:05d}.zone.test", f"mta-sts.d{i:06d}.bulk.test"]

os.makedirs(OUT, exist_ok=True)
put("ca.pem", ca.public_bytes(PEM))
put("ca.key", private_pem(ca_key))
# Threads help: OpenSSL makes keys without holding Python's lock.
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    jobs = [pool.submit(dkim_rsa, bits) for bits in (4096, 2048, 1024, 512)]
    jobs += [
        pool.submit(server, "postfix", ["postfix.lab.test", "*.lab.test", "*.bulk.test"]),
        pool.submit(server, "ec", ["postfix.lab.test"], new_ec),
        pool.submit(server, "exim", ["exim.lab.test"]),
        pool.submit(server, "opensmtpd", ["opensmtpd.lab.test"]),
        pool.submit(server, "expired", ["badtls.lab.test"], days=(-400, -35)),
        pool.submit(server, "notyet", ["badtls.lab.test"], days=(35, 400)),
        pool.submit(server, "wrongname", ["other.example.test"]),
        pool.submit(server, "selfsigned", ["badtls.lab.test"], self_signed=True),
        pool.submit(server, "ownname", ["selfsigned.lab.test"], self_signed=True),
        pool.submit(long_chain, "longchain", ["starttlschain.lab.test"], 200),
        pool.submit(server, "manynames", ["starttlsnames.lab.test"] + [f"n{i:05d}.lab.test" for i in range(10_000)], new_ec),
        pool.submit(half_chain, "halfchain", ["halfchain.lab.test"]),
        pool.submit(with_staple, "stapled", ["stapled.lab.test"], ocsp.OCSPCertStatus.GOOD),
        pool.submit(with_staple, "muststaple", ["muststaple.lab.test"], ocsp.OCSPCertStatus.GOOD, must=True),
        pool.submit(with_staple, "revoked", ["revoked.lab.test"], ocsp.OCSPCertStatus.REVOKED),
        pool.submit(with_staple, "stalestaple", ["stalestaple.lab.test"], ocsp.OCSPCertStatus.GOOD, days=(-40, -33)),
        pool.submit(server, "twokeys", ["twokeys.lab.test"], new_ec),
        pool.submit(server, "oldkey", ["twokeys.lab.test"], days=(-400, -35)),
        pool.submit(server, "weak1024", ["badtls.lab.test"], lambda: new_rsa(1024)),
        pool.submit(server, "www", web),
        pool.submit(server, "stsexpired", ["mta-sts.sts-expiredcert.test"], days=(-400, -35)),
        pool.submit(server, "wwwbulk", web_bulk, new_ec),
        pool.submit(dkim_ed25519),
        pool.submit(mark, "mark", ["bimi-mark.test"], "logo.svg"),
    ]
    for job in jobs:
        job.result()
