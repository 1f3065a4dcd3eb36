#!/bin/bash
# Keys, certificates and zones of the lab. Runs inside the namespaces: world.sh [again]
# Made once for a LAB_DIR; zones again when their sources or sizes change.
set -eu
umask 022
bulk=${LAB_BULK:-1000} zones=${LAB_ZONES:-100} dnsbl=${LAB_DNSBL:-100}
certificates() { cksum < "$HERE/bin/make_certs.py"; }
sources() { { cat "$HERE/world.sh" "$HERE/bin/gen_zones.py" "$HERE/zones/hosts" "$HERE"/zones/*.zone "$HERE"/zones/test/*.zone "$LAB_DIR/keys/made"; echo "$bulk $zones $dnsbl"; } | cksum; }

trust_our_ca() {
  cp "$LAB_DIR/keys/ca.pem" /etc/ssl/certs/ca-certificates.crt
  cp "$LAB_DIR/keys/ca.pem" "/etc/ssl/certs/$(openssl x509 -hash -noout -in "$LAB_DIR/keys/ca.pem").0"
}

# sign ZONE FILE INCEPTION EXPIRATION [OPTIONS]: FILE.zone becomes FILE.zone.signed, its DS goes to FILE.ds
sign() {
  local zone=$1 file=$2 keys
  if [ ! -s "$file.keys" ]; then
    { ldns-keygen -a ECDSAP256SHA256 -k "$zone"; ldns-keygen -a ECDSAP256SHA256 "$zone"; } > "$file.keys"
  fi
  mapfile -t keys < "$file.keys"
  ldns-signzone -o "$zone" -i "$3" -e "$4" "${@:5}" "$file.zone" "${keys[@]}"
  ldns-key2ds -n -2 "${keys[0]}.key" > "$file.ds"
}

# Parents are signed after their children: they hold the children's DS.
sign_all() {
  local from=20250101000000 to=20370101000000 zone
  for zone in good.test bogus.test 127.in-addr.arpa 5.2.d.f.ip6.arpa 6.6.d.f.ip6.arpa otherkey.test; do sign "$zone." "$zone" $from $to; done
  sign expired.test. expired.test 20240101000000 20240201000000
  "$HERE/bin/damage_signatures.py" bogus.test.zone.signed
  sign nsec3.test. nsec3.test $from $to -n -t 1 -s c0ffee
  sed 's/^good\.test/otherkey.test/' good.test.ds > otherkey.test.ds  # of a key that the zone does not have
  cat {good,bogus,expired,nsec3,otherkey}.test.ds >> test.zone
  sign test. test $from $to
  cat test.ds ./*.arpa.ds >> root.zone
  sign . root $from $to
  cp root.ds trust-anchor.ds
  printf '. 3600 IN NS ns1.test.\nns1.test. 3600 IN A 127.0.53.2\n' > root.hints
}

# The zone lists of both servers.
list_zones() {
  local file zone
  : > nsd.zones
  echo "zone:" > knot.zones
  for file in *.zone *.test/*.zone; do
    [ -e "$file" ] || continue
    zone=$(basename "$file" .zone)
    [ "$zone" != root ] || zone=.
    [ ! -e "$file.signed" ] || file=$file.signed
    printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' "$zone" "$LAB_DIR/zones/$file" >> nsd.zones
    printf '  - domain: "%s"\n    file: "%s"\n' "$zone" "$LAB_DIR/zones/$file" >> knot.zones
  done
}

if [ "${1:-}" = again ] || [ "$(certificates)" != "$(cat "$LAB_DIR/keys/made" 2> /dev/null)" ]; then
  rm -rf "$LAB_DIR/keys"
  mkdir "$LAB_DIR/keys"
  /usr/bin/python3 "$HERE/bin/make_certs.py" "$LAB_DIR/keys"
  certificates > "$LAB_DIR/keys/made"
fi
trust_our_ca
if [ "${1:-}" = again ] || [ "$(sources)" != "$(cat "$LAB_DIR/zones/made" 2> /dev/null)" ]; then
  cd "$LAB_DIR/zones"
  rm -rf -- *.zone *.signed *.test *.ds *.zones made
  "$HERE/bin/gen_zones.py" "$HERE/zones" . --keys "$LAB_DIR/keys" --bulk "$bulk" --zones "$zones" --dnsbl "$dnsbl"
  sign_all
  list_zones
  sources > made
fi
