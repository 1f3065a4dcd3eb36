"""checkdmarc_api.py DOMAINS WORKERS: checkdmarc as a library, SPF, DMARC and MX alone. NS: the resolver."""
import concurrent.futures
import os
import sys
import time

import checkdmarc
import checkdmarc.dmarc
import checkdmarc.smtp
import checkdmarc.spf

servers = [os.environ.get("NS", "127.0.53.1")]
with open(sys.argv[1]) as file:
    domains = file.read().split()


def check(domain):
    spf = checkdmarc.spf.check_spf(domain, nameservers=servers)
    dmarc = checkdmarc.dmarc.check_dmarc(domain, nameservers=servers)
    checkdmarc.smtp.check_mx(domain, skip_tls=True, nameservers=servers)
    return spf.get("valid") is True, dmarc.get("valid") is True


began = time.perf_counter()
with concurrent.futures.ThreadPoolExecutor(int(sys.argv[2])) as pool:
    results = list(pool.map(check, domains))
took = time.perf_counter() - began
spf_valid, dmarc_valid = (sum(column) for column in zip(*results))
print(f"{len(domains)} domains {took:.2f} s {len(domains) / took:.1f}/s spf-valid {spf_valid} dmarc-valid {dmarc_valid}")
