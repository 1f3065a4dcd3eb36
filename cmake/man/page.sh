#!/bin/bash
# page.sh DISPATCHER TOOL VERSION OUT: the manual page of mailmedic-TOOL, or with TOOL empty that of mailmedic itself.
# The tools beside it name each other at the end.
set -euo pipefail
here=$(dirname "$0") dispatcher=$1 tool=$2 version=$3 out=$4
tools=$("$dispatcher" --help | awk '/^Tools:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')
short="tells why mail is bounced, refused or filed as spam, and what to change"
if [ -n "$tool" ]; then short=$("$dispatcher" --help | sed -n "s/^  $tool  *//p" | head -1); fi
see=
for other in "" $tools; do
  if [ "$other" != "$tool" ]; then see="$see${see:+, }.BR mailmedic${other:+\\-$other} (1)"; fi
done
see=$(sed 's/, \./,\n./g' <<< "$see")
"$dispatcher" ${tool:+"$tool"} --help | awk -v name="mailmedic${tool:+-$tool}" -v version="$version" -v short="$short" \
  -v see="${see//\\/\\\\}" -f "$here/page.awk" > "$out.new"
mv "$out.new" "$out"
