# shellcheck shell=bash
# The lab's namespaces, seen from outside: can there be one, start it, enter it, end it.
# They are its own mounts, network, host name, IPC and processes. When the first process ends, so do all the others,
# and with the last of them every mount.

FIRST_PROCESS=(unshare --mount --net --uts --ipc --pid --fork --propagation unchanged -- "$HERE/first-process.sh")

can_run() {
  local folder said
  [ "$(id -u)" = 0 ] || { echo "no lab: not root"; return 77; }
  [ -L /lib ] || { echo "no lab: /lib is not part of /usr here"; return 77; }
  set_is_installed core || { echo "no lab: packages not installed, run tests/lab/lab install core"; return 77; }
  folder=$(mktemp -d) || { echo "no lab: no temporary folder"; return 77; }
  said=$("${FIRST_PROCESS[@]}" try "$folder" 2>&1) && said=
  rmdir "$folder"
  [ -z "$said" ] || { echo "no lab: $(tail -1 <<< "$said")"; return 77; }
}

# A recorded pid counts only while it is that process: after a restart of the machine another may have its number.
namespace_is_up() {
  local pid
  pid=$(cat "$LAB_DIR/pid/namespace" 2> /dev/null) && [ -n "$pid" ] && grep -qs first-process.sh "/proc/$pid/cmdline"
}

namespace_up() {
  namespace_is_up && return
  rm -rf "$LAB_DIR/pid"
  mkdir -p "$LAB_DIR"/{log,pid,zones,mail,keys,conf,www,private}
  chmod 755 "$LAB_DIR"
  setsid "${FIRST_PROCESS[@]}" stay "$LAB_DIR/private" > "$LAB_DIR/log/namespace" 2>&1 < /dev/null 9>&- &
  disown
  for _ in {1..500}; do
    [ -e "$LAB_DIR/pid/namespace" ] && return
    kill -0 $! 2> /dev/null || return 1
    sleep 0.01
  done
  return 1
}

namespace_down() {
  local pid
  if namespace_is_up; then
    pid=$(cat "$LAB_DIR/pid/namespace")
    kill -9 "$pid"
    while [ -e "/proc/$pid" ]; do sleep 0.01; done
  fi
  rm -rf "$LAB_DIR/pid"
}

# A command inside, in the same working directory if that exists there. -r: in a chroot, the namespace's root is not ours.
in_namespace() {
  nsenter -t "$(cat "$LAB_DIR/pid/namespace")" -m -n -u -i -p -r --wd=/ -- \
    env -u http_proxy -u https_proxy -u all_proxy -u SSL_CERT_FILE -u SSL_CERT_DIR PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH" \
    bash -c 'cd "$0" 2> /dev/null; exec "$@"' "$PWD" "$@" 9>&-
}
