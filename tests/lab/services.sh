#!/bin/bash
# The services of the lab. Runs inside the namespaces: services.sh start|stop|status [SERVICE...]
set -u
umask 022

# In the order of starting: service, and the program that must have been unpacked for it.
TABLE="
rsyslog    usr/sbin/rsyslogd
nsd        usr/sbin/nsd
unbound    usr/sbin/unbound
dnsdist    usr/bin/dnsdist
knot       usr/sbin/knotd
dovecot    usr/sbin/dovecot
postgrey   usr/sbin/postgrey
opendkim   usr/sbin/opendkim
opendmarc  usr/sbin/opendmarc
postfix    usr/sbin/postfix
sender     usr/sbin/postfix
exim       opt/exim/usr/sbin/exim4
opensmtpd  opt/opensmtpd/usr/sbin/smtpd
sink       usr/sbin/smtp-sink
lmtpsink   usr/sbin/smtp-sink
tlsonly    usr/bin/openssl
badsmtp    usr/bin/python3
aiosmtp    usr/lib/python3/dist-packages/aiosmtpd
delay      usr/bin/python3
nginx      usr/sbin/nginx
rspamd     usr/bin/rspamd
spamd      usr/sbin/spamd
"
declare -A program_of
order=()
while read -r name path; do
  [ -z "$name" ] || { program_of[$name]=$path; order+=("$name"); }
done <<< "$TABLE"
is_installed() { [ -n "${program_of[$1]:-}" ] && [ -e "$LAB_ROOT/${program_of[$1]}" ]; }
is_up() { [ -s "$LAB_DIR/pid/$1" ] && kill -0 "$(cat "$LAB_DIR/pid/$1")" 2> /dev/null; }

# ---- what the start functions use

# conf/NAME with our folders filled in, as $LAB_DIR/conf/NAME or where the second argument says.
configure() { sed -e "s#@LAB@#$LAB_DIR#g; s#@HERE@#$HERE#g" "$HERE/conf/$1" > "${2:-$LAB_DIR/conf/$1}"; }

# spawn NAME CMD...: a daemon that stays in the foreground. Its pid is recorded by itself before it becomes the command.
spawn() {
  local name=$1
  shift
  setsid bash -c 'echo $$ > "$0"; exec "$@"' "$LAB_DIR/pid/$name" "$@" >> "$LAB_DIR/log/$name.out" 2>&1 < /dev/null 9>&- &
}

# until_true SECONDS CMD...: waits for a service to answer.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2> /dev/null; do
    [ $SECONDS -le $end ] || return 1
    sleep 0.04
  done
}
accepts() { (exec 3<> "/dev/tcp/$1/$2"); }
answers() { dig +tries=1 +time=1 +short -t "$3" "@$1" "$2" | grep -q '^[^;]'; }

# ---- one function a service

start_rsyslog() {
  configure rsyslog.conf
  spawn rsyslog rsyslogd -n -f "$LAB_DIR/conf/rsyslog.conf" -i "$LAB_DIR/pid/rsyslog.own"
  until_true 5 test -S /dev/log
}

start_nsd() {
  configure nsd.conf
  spawn nsd nsd -d -c "$LAB_DIR/conf/nsd.conf"
  until_true 60 answers 127.0.53.2 test SOA
}

start_unbound() {
  configure unbound.conf
  cp "$LAB_DIR/zones/trust-anchor.ds" "$LAB_DIR/conf/"
  spawn unbound unbound -d -c "$LAB_DIR/conf/unbound.conf"
  until_true 15 answers 127.0.53.1 good.test MX
}

start_dnsdist() {
  configure dnsdist.conf
  spawn dnsdist dnsdist --supervised --disable-syslog -C "$LAB_DIR/conf/dnsdist.conf"
  until_true 15 answers 127.0.53.4 test SOA
}

start_knot() {
  configure knot.conf
  mkdir -p "$LAB_DIR/knot"
  rm -f "$LAB_DIR/knot/"*.pid  # of a run that was killed: its number may be another process's now
  chown root: "$LAB_DIR/knot"
  spawn knot knotd -c "$LAB_DIR/conf/knot.conf"
  until_true 60 answers 127.0.53.3 test SOA
}

start_dovecot() { # SASL for Postfix, nothing else
  configure dovecot.conf
  configure dovecot.oauth2
  printf 'user:{PLAIN}secret\nalice:{PLAIN}secret\n' > "$LAB_DIR/conf/dovecot.passwd"
  postfix_queue /var/spool/postfix
  spawn dovecot dovecot -F -c "$LAB_DIR/conf/dovecot.conf"
  until_true 15 test -S /var/spool/postfix/private/auth
}

start_postgrey() {
  install -d -o postgrey -g postgrey /var/lib/postgrey
  spawn postgrey postgrey --inet=127.0.25.12:10023 --delay=30 --dbdir=/var/lib/postgrey --user=postgrey --group=postgrey \
    --whitelist-clients=/dev/null --whitelist-recipients=/dev/null --lookup-by-host
  until_true 15 accepts 127.0.25.12 10023
}

start_opendkim() {
  configure opendkim.conf
  install -m 600 "$LAB_DIR/keys/rsa2048.key" "$LAB_DIR/conf/dkim.key"
  spawn opendkim opendkim -f -x "$LAB_DIR/conf/opendkim.conf"
  until_true 15 accepts 127.0.25.19 8891
}

start_opendmarc() {
  configure opendmarc.conf
  printf 'test\ncom\norg\nnet\n' > "$LAB_DIR/conf/public-suffixes" # without a list it judges nothing
  spawn opendmarc opendmarc -f -c "$LAB_DIR/conf/opendmarc.conf"
  until_true 15 accepts 127.0.25.19 8893
}

# The queue folders as Postfix's own scripts would make them. Those scripts take two seconds; master alone takes 0.1.
postfix_queue() { # FOLDER
  install -d "$1" "$1/pid"
  install -d -o postfix -m 700 "$1"/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,private,saved,trace}
  install -d -o postfix -g postdrop -m 730 "$1/maildrop"
  install -d -o postfix -g postdrop -m 710 "$1/public"
}

postfix_instance() { # NAME, CONFIGURATION, QUEUE, DATA FOLDER
  local file
  mkdir -p "$2"
  cp -r /etc/postfix/{dynamicmaps.cf,dynamicmaps.cf.d,postfix-files} "$2/" 2> /dev/null
  configure "postfix-$1.main.cf" "$2/main.cf"
  configure "postfix-$1.master.cf" "$2/master.cf"
  touch -d '1 minute ago' "$2"/*.cf # Postfix waits, a second or more, while its configuration is newer than that
  postfix_queue "$3"
  install -d -o postfix "$4"
  for file in postdrop postqueue; do # a package carries no group of its own
    [ -g "/usr/sbin/$file" ] || { chgrp postdrop "/usr/sbin/$file" && chmod 2755 "/usr/sbin/$file"; }
  done
  install -d -o nobody "$LAB_DIR/mail/postfix"
  /usr/lib/postfix/sbin/master -w -c "$2" >> "$LAB_DIR/log/postfix-$1.out" 2>&1 < /dev/null 9>&- && tr -d ' ' < "$3/pid/master.pid"
}

start_postfix() {
  configure postfix.mailboxes
  configure postfix.mailboxes.regexp
  configure policyd-spf.conf
  touch -d '1 minute ago' "$LAB_DIR"/conf/postfix.mailboxes*
  postfix_instance receiver /etc/postfix /var/spool/postfix /var/lib/postfix > "$LAB_DIR/pid/postfix"
  until_true 15 accepts 127.0.25.1 25
}

start_sender() {
  postfix_instance sender /etc/postfix-sender /var/spool/postfix-sender /var/lib/postfix-sender > "$LAB_DIR/pid/sender"
  until_true 15 accepts 127.0.66.1 25
}

start_exim() {
  local face
  cp -a "$LAB_ROOT/opt/exim/usr/sbin/exim4" /usr/sbin/exim4  # a copy: it runs itself again as a user who may not see LAB_ROOT
  install -d -o Debian-exim -g Debian-exim /var/spool/exim4 "$LAB_DIR/log/exim" "$LAB_DIR/mail/exim"
  mkdir -p /etc/exim4
  configure exim.conf /etc/exim4/exim4.conf
  printf '127.0.25.31: stapled\n127.0.25.32: muststaple\n' > "$LAB_DIR/conf/exim.faces"
  printf '127.0.25.31: stapled\n' > "$LAB_DIR/conf/exim.staples"
  for face in exim stapled muststaple; do install -m 640 -g Debian-exim "$LAB_DIR/keys/$face.key" "$LAB_DIR/conf/$face.key"; done
  spawn exim /usr/sbin/exim4 -bdf -q20s
  until_true 15 accepts 127.0.25.2 25
}

start_opensmtpd() {
  local from=$LAB_ROOT/opt/opensmtpd/usr
  cp -a "$from/libexec/opensmtpd" /usr/libexec/ 2> /dev/null || { mkdir -p /usr/libexec && cp -a "$from/libexec/opensmtpd" /usr/libexec/; }
  install -m 755 "$from/sbin/smtpd" /usr/sbin/smtpd
  install -m 2755 -g opensmtpq "$from/sbin/smtpctl" /usr/sbin/smtpctl
  mkdir -p /var/lib/opensmtpd/empty /var/empty
  install -d -m 711 /var/spool/smtpd
  install -d -m 1777 "$LAB_DIR/mail/opensmtpd"
  configure opensmtpd.conf
  printf 'user\t%s\n' "$(openssl passwd -6 -salt lab secret)" > "$LAB_DIR/conf/opensmtpd.credentials"
  install -m 600 "$LAB_DIR/keys/opensmtpd.key" "$LAB_DIR/conf/opensmtpd.key"
  spawn opensmtpd /usr/sbin/smtpd -F -f "$LAB_DIR/conf/opensmtpd.conf"
  until_true 15 accepts 127.0.25.3 25
}

start_sink() {
  spawn sink smtp-sink -u nobody -h sink.lab.test 127.0.25.4:25 1024
  until_true 5 accepts 127.0.25.4 25
}

start_lmtpsink() { # LMTP, on the network and on a UNIX socket
  rm -f "$LAB_DIR/lmtp"
  spawn lmtpsink bash -c 'smtp-sink -L -u nobody -h sink.lab.test "unix:$LAB_DIR/lmtp" 64 & exec smtp-sink -L -u nobody -h sink.lab.test 127.0.25.4:24 64'
  until_true 5 accepts 127.0.25.4 24
}

start_tlsonly() { # what neither Postfix nor Exim does: openssl's own server, one address a conduct
  # tls_only FACE ADDRESS OPTION...: the certificate of FACE, the same for all but those with a staple of their own
  spawn tlsonly bash -c '
    tls_only() {
      local face=$1 address=$2
      shift 2
      tail -f /dev/null | openssl s_server -quiet -accept "$address:4433" -cert "$LAB_DIR/keys/$face.pem" -cert_chain "$LAB_DIR/keys/ca.pem" -key "$LAB_DIR/keys/$face.key" "$@" &
    }
    tls_only postfix 127.0.25.41 -tls1_2 -client_renegotiation
    tls_only postfix 127.0.25.42 -no_ticket -no_cache -num_tickets 0
    tls_only revoked 127.0.25.43 -status_file "$LAB_DIR/keys/revoked.ocsp"
    tls_only stalestaple 127.0.25.44 -status_file "$LAB_DIR/keys/stalestaple.ocsp"
    tls_only twokeys 127.0.25.45 -dcert "$LAB_DIR/keys/oldkey.pem" -dkey "$LAB_DIR/keys/oldkey.key" -dcert_chain "$LAB_DIR/keys/ca.pem"
    wait'
  until_true 5 accepts 127.0.25.45 4433
}

start_badsmtp() {
  spawn badsmtp /usr/bin/python3 "$HERE/bin/bad_smtp.py" "$LAB_DIR/keys" "$HERE/zones/hosts"
  until_true 10 accepts 127.0.26.64 25
}

start_aiosmtp() {
  spawn aiosmtp /usr/bin/python3 "$HERE/bin/aio_sink.py" "$LAB_DIR/keys"
  until_true 10 accepts 127.0.25.5 25
}

start_delay() { # 127.0.24.N is 127.0.25.N from 20 ms away
  local i port proxies=()
  for i in 1 2 3 4; do for port in 25 465 587; do proxies+=("127.0.24.$i:$port=127.0.25.$i:$port"); done; done
  spawn delay /usr/bin/python3 "$HERE/bin/delay_proxy.py" "${LAB_DELAY_MS:-20}" "${proxies[@]}"
  until_true 5 accepts 127.0.24.4 587
}

start_nginx() {
  mkdir -p /var/lib/nginx /var/log/nginx
  "$HERE/bin/make_www.sh" "$LAB_DIR/www"
  configure nginx.conf
  spawn nginx nginx -c "$LAB_DIR/conf/nginx.conf" -g 'daemon off;'
  until_true 10 accepts 127.0.44.3 443
}

start_rspamd() { # its data outlive the namespace: compiling them takes ten seconds
  mkdir -p "$LAB_DIR/rspamd" /var/lib/rspamd /etc/rspamd/local.d
  mountpoint -q /var/lib/rspamd || mount --bind "$LAB_DIR/rspamd" /var/lib/rspamd
  install -d -o _rspamd -g _rspamd /run/rspamd /var/log/rspamd
  chown _rspamd: /var/lib/rspamd
  cp "$HERE"/conf/rspamd/* /etc/rspamd/local.d/
  install -m 600 -o _rspamd "$LAB_DIR/keys/rsa2048.key" /etc/rspamd/dkim.key
  spawn rspamd rspamd -f -c /etc/rspamd/rspamd.conf -u _rspamd -g _rspamd
  until_true 60 accepts 127.0.11.1 11333
}

start_spamd() {
  install -d -o debian-spamd -g debian-spamd /var/lib/spamassassin
  spawn spamd spamd -L -i 127.0.78.3 -p 783 -m 2 --allowed-ips=127.0.0.0/8 -u debian-spamd -x --syslog=stderr
  until_true 60 accepts 127.0.78.3 783
}

# ---- commands

start_one() {
  local began=${EPOCHREALTIME/./} state=up
  is_up "$1" && return
  "start_$1" && is_up "$1" || state=FAILED
  printf '%-10s %s %5d ms\n' "$1" "$state" $(((${EPOCHREALTIME/./} - began) / 1000))
  [ $state = up ]
}

stop_one() {
  local pid
  if is_up "$1"; then
    pid=$(cat "$LAB_DIR/pid/$1")
    kill "$pid"
    until_true 5 bash -c '! kill -0 "$0"' "$pid" || kill -9 "$pid"
  fi
  rm -f "$LAB_DIR/pid/$1"
}

start() { # all that are installed, or the named ones
  local s pid absent='' failed=0 jobs=()
  [ $# = 0 ] || for s in "$@"; do is_installed "$s" || { echo "lab: $s is not installed" >&2; return 1; }; done
  [ $# -gt 0 ] || set -- "${order[@]}"
  for s in "$@"; do
    is_installed "$s" || { absent+=" $s"; continue; }
    case $s in
      rsyslog | nsd) start_one "$s" || failed=1 ;; # the others speak to them from their first moment
      *) start_one "$s" & jobs+=($!) ;;
    esac
  done
  for pid in "${jobs[@]}"; do wait "$pid" || failed=1; done
  [ -z "$absent" ] || echo "not installed, so not part of it:$absent"
  return $failed
}

status() {
  local s
  for s in "${order[@]}"; do
    if is_up "$s"; then echo "$s up $(cat "$LAB_DIR/pid/$s")"; elif is_installed "$s"; then echo "$s down"; else echo "$s not installed"; fi
  done
}

command=$1
shift
case $command in
  start) start "$@" ;;
  stop) for s in "$@"; do stop_one "$s"; done ;;
  status) status ;;
esac
