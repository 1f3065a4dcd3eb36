"""pydnsbl_many.py ADDRESS: pydnsbl (its source in PYDNSBL_SRC) over the lab's numbered lists."""
import os
import sys

sys.path.insert(0, os.environ["PYDNSBL_SRC"])
import pydnsbl  # noqa: E402
from pydnsbl import providers  # noqa: E402

with open(os.environ["LAB_DIR"] + "/zones/dnsbl.zones") as file:
    lists = [providers.Provider(zone) for zone in file.read().split()]
result = pydnsbl.DNSBLIpChecker(providers=lists).check(sys.argv[1])
print(result, len(result.detected_by), len(result.failed_providers))
