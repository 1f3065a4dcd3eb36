#!/bin/bash
# direction.sh COMPILER ROOMS: what lib/dns may include compiles, what lies above it does not (docs/architecture.md).
set -u
compiler=$1 rooms=$2
include() { # HEADER: from within lib/dns, with the doors that it has
  echo "#include \"$1\"" | "$compiler" -std=c++20 -fsyntax-only -x c++ -I"$rooms/lib_dns" -I"$rooms/lib_text" -I"$rooms/lib_net" - 2>&1
}
fail=0
include lib/text/ascii.hpp || { echo "lib/dns cannot include lib/text/ascii.hpp"; fail=1; }
for header in checks/finding.hpp checks/spf/record.hpp reports/report.hpp tools/cli/output.hpp; do
  [ -e "$(dirname "$0")/../../$header" ] || { echo "$header is gone: name another"; fail=1; }
  include "$header" > /dev/null && { echo "lib/dns can include $header"; fail=1; }
done
exit $fail
