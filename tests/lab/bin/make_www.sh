#!/bin/sh
# make_www.sh FOLDER: the MTA-STS policies, one file for each case (see conf/nginx.conf), and the logos for BIMI.
logos=$(cd "$(dirname "$0")/../www" && pwd)
mkdir -p "$1" && cd "$1" || exit 1

policy() { printf 'version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: 604800\r\n' "$2" "$3" > "$1.txt"; }
policy good enforce postfix.lab.test
policy ok enforce postfix.lab.test
policy testing testing '*.lab.test'
policy none none postfix.lab.test
policy mismatch enforce other.example.test
policy pattern enforce '*.test'
policy selfsigned enforce selfsigned.lab.test
policy halfchain testing halfchain.lab.test
policy html enforce postfix.lab.test
policy bulk enforce '*.bulk.test'
printf 'version: STSv2\nmode: always\n' > badpolicy.txt
{
  printf 'version: STSv1\nmode: enforce\nmax_age: 604800\n'
  seq -f 'mx: host%.0f.lab.test' 0 7999
} > huge.txt
cp "$logos"/*.svg .
