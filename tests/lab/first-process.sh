#!/bin/bash
# The first process of the lab's namespaces: lays the private world over the system's, then stays and reaps.
#   first-process.sh try|stay EMPTY-FOLDER
# `try` ends once the overlays stand: what can be refused has been asked for by then.
set -eu
mode=$1 folder=$2

# Nothing mounted from here on may show outside. In a chroot / is no mount point and cannot be made private;
# entering our own mount namespace again leads mount(8) to its real root.
mount --make-rprivate / 2> /dev/null || mount --namespace /proc/self/ns/mnt --make-rprivate / ||
  { echo "private mounts refused"; exit 1; }

# Upper layers live in memory: they vanish with the namespace, and an overlay's upper layer may not be on an overlay,
# where a container's folders are.
mount -t tmpfs -o mode=755 tmpfs "$folder" || { echo "tmpfs refused"; exit 1; }
cd "$folder"
mkdir upper work keep
ln -s "$LAB_ROOT" root # so that no ':' or ',' of its path gets into mount options

# Our own folders must stay reachable if they are below one that is covered now.
kept=()
for path in "$LAB_DIR" "$LAB_ROOT" "$(readlink -f "$HERE/../..")" "$PWD"; do
  case $path in
    /usr/* | /etc/* | /var/* | /run/*) [ -d "$path" ] && mkdir "keep/${#kept[@]}" && mount --rbind "$path" "keep/${#kept[@]}" && kept+=("$path") ;;
  esac
done

for d in usr etc var; do
  mkdir "upper/$d" "work/$d"
  mount -t overlay overlay -o "lowerdir=root/$d:/$d,upperdir=upper/$d,workdir=work/$d" "/$d" || { echo "overlay refused"; exit 1; }
done
[ "$mode" = try ] && exit

# /run and /dev are the lab's own: sockets, pid files and /dev/log of the system must not be met.
mkdir device
mount --rbind /dev device
mount -t tmpfs -o mode=755 tmpfs /dev
for d in null zero full random urandom tty ptmx; do touch "/dev/$d"; mount --bind "device/$d" "/dev/$d"; done
mkdir /dev/pts /dev/shm
if [ -d device/pts ]; then mount --bind device/pts /dev/pts; fi
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
mkdir -p /run
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 1777 /run/lock
for i in "${!kept[@]}"; do
  mkdir -p "${kept[i]}"
  mount --rbind "keep/$i" "${kept[i]}"
done

# The process number as it is outside, from the old /proc; the lab's own /proc shows the lab's processes only.
read -r outside _ < /proc/self/stat
mount -t proc proc /proc

# What the system has of its own servers is hidden, and what packages bring is there as unpacked. Removing is safe on
# overlays alone.
[ "$(stat -f -c %T /etc /var)" = $'overlayfs\noverlayfs' ] || { echo "overlays are not in place"; exit 1; }
for d in etc/postfix etc/rspamd etc/spamassassin etc/exim4 var/spool/postfix var/lib/postfix var/lib/rspamd var/lib/spamassassin \
  var/lib/dovecot var/lib/postgrey var/spool/exim4 var/spool/smtpd; do
  rm -rf "/${d:?}"
  if [ -d "root/$d" ]; then cp -a "root/$d" "/$d"; fi
done

# Users and groups, as the packages' scripts would have made them. Their numbers matter in here only.
user() { # NAME NUMBER
  grep -q "^$1:" /etc/group || echo "$1:x:$2:" >> /etc/group
  grep -q "^$1:" /etc/passwd || echo "$1:x:$2:$2:lab:/var/lib/$1:/usr/sbin/nologin" >> /etc/passwd
}
number=60100
for name in postfix postdrop nsd unbound _dnsdist dovecot dovenull Debian-exim opensmtpd opensmtpq opendkim opendmarc postgrey \
  _rspamd debian-spamd knot user alice bob; do
  user $name $number
  number=$((number + 1))
done
for name in user alice bob; do install -d -o $name -g $name /var/lib/$name; done

# Names: our resolver alone. Trust: our CA alone, put there by world.sh once it exists.
rm -f /etc/resolv.conf /etc/hosts
printf 'nameserver 127.0.53.1\noptions timeout:5 attempts:1\n' > /etc/resolv.conf
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n' > /etc/hosts
echo lab.test > /etc/mailname
mkdir -p /etc/ssl/certs
mount -t tmpfs -o mode=755 tmpfs /etc/ssl/certs
hostname lab

# All of 127/8 is local, but Postfix refuses an inet_interfaces address that no interface has.
ip link set lo up
{
  for a in 127.0.25.{1..3} 127.0.25.{11..29} 127.0.66.{1..4}; do echo "addr add $a/32 dev lo"; done
  echo "addr add fd25::1/128 dev lo nodad"
  echo "addr add fd66::1/128 dev lo nodad"
} | ip -batch -
# Hosts that are silent, reset the connection, or have no route.
nft -f - << 'RULES' || echo "nftables refused: drop, reset and unreach.lab.test refuse connections instead"
table inet lab {
  chain in {
    type filter hook input priority 0
    ip daddr 127.0.25.201 drop
    ip daddr 127.0.25.202 tcp dport { 25, 465, 587 } reject with tcp reset
    ip daddr 127.0.25.203 reject with icmpx type host-unreachable
  }
}
RULES

echo "$outside" > "$LAB_DIR/pid/namespace.new"
mv "$LAB_DIR/pid/namespace.new" "$LAB_DIR/pid/namespace"
# bash reaps what is left to the first process; a sleep that execs would not.
while :; do sleep infinity & wait; done
