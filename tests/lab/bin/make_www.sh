#!/bin/sh
# make_www.sh FOLDER: the MTA-STS policies, one file for each case (see conf/nginx.conf), and a logo for BIMI.
mkdir -p "$1" && cd "$1" || exit 1

policy() { printf 'version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: 604800\r\n' "$2" "$3" > "$1.txt"; }
policy good enforce postfix.lab.test
policy ok enforce postfix.lab.test
policy testing testing '*.lab.test'
policy none none postfix.lab.test
policy mismatch enforce other.example.test
policy bulk enforce '*.bulk.test'
printf 'version: STSv2\nmode: always\n' > badpolicy.txt
{
  printf 'version: STSv1\nmode: enforce\nmax_age: 604800\n'
  seq -f 'mx: host%.0f.lab.test' 0 7999
} > huge.txt

cat > logo.svg << 'SVG'
<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">
  <title>Good</title>
  <rect width="64" height="64" fill="#146"/>
  <circle cx="32" cy="32" r="20" fill="#fff"/>
</svg>
SVG
