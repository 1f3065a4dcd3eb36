# shellcheck shell=bash disable=SC2086,SC2046  # names of packages and their files have no spaces
# Packages: fetched by apt, unpacked by hand into LAB_ROOT. dpkg's database is never written and no maintainer
# script runs, so a mail server of the user's stays what it is.

# What the file `packages` says of one set: `section SET` its lines without comments.
section() { sed 's/[[:space:]]*#.*//' "$HERE/packages" | awk -v want="[$1]" '/^\[/ { on = $1 == want; next } on && NF'; }
set_packages() { section "$1" | grep -vE '^(apart|without) '; }
set_apart() { section "$1" | sed -n 's/^apart //p'; }
all_sets() { sed -n 's/^\[\(.*\)\].*/\1/p' "$HERE/packages"; }
left_out() { sed -n 's/^without //p' "$HERE/packages"; }

# A set is there when it was unpacked as the file describes it now.
set_mark() { echo "$1 $(section "$1" | cksum | cut -d' ' -f1)"; }
set_is_installed() { [ -e "$LAB_ROOT/.sets" ] && grep -qxF "$(set_mark "$1")" "$LAB_ROOT/.sets"; }

# The status file of a minimal system: of the packages here, those that are required, with their dependencies.
# apt resolves against it instead of the real one. So neither the outcome depends on what else is installed, nor
# can a conflict with it (Exim against Postfix) matter.
minimal_status() {
  awk -v native="$(dpkg --print-architecture)" '
    BEGIN { RS = ""; FS = "\n" }
    {
      name = depends = arch = ""; wanted = installed = 0
      for (i = 1; i <= NF; i++) {
        value = $i; sub(/^[^:]*: */, "", value)
        if ($i ~ /^Package:/) name = value
        else if ($i ~ /^Architecture:/) arch = value
        else if ($i ~ /^(Pre-)?Depends:/) depends = depends "," value
        else if ($i ~ /^Status:/) installed = value ~ / installed$/
        else if ($i ~ /^(Priority: required|Essential: yes)$/) wanted = 1
      }
      if (!installed || (arch != native && arch != "all")) next
      if (name == "apt") wanted = 1
      text[name] = $0; needs[name] = depends
      if (wanted) todo[++last] = name
    }
    END {
      for (n = 1; n <= last; n++) {
        name = todo[n]
        if (!(name in text) || done[name]++) continue
        print text[name] "\n"
        count = split(needs[name], words, /[,|]/)
        for (i = 1; i <= count; i++) { sub(/^ +/, "", words[i]); sub(/[ :(].*/, "", words[i]); todo[++last] = words[i] }
      }
    }' /var/lib/dpkg/status
}

# apt-get with its own status, cache and, once the system's package lists proved too old, lists.
# Root downloads for itself: the user _apt may not enter a private folder.
private_apt() {
  apt-get -qq -y --no-install-recommends -o APT::Sandbox::User=root -o Debug::NoLocking=1 \
    -o Dir::State::status="$WORK/status" -o Dir::State::extended_states="$WORK/extended" -o Dir::Cache="$WORK/cache" \
    ${LISTS:+-o Dir::State::lists="$LISTS"} "$@"
}

# What to fetch for the given packages: file names as apt-get download writes them, with the versions in them.
closure() { private_apt --print-uris install "$@" | sed "s/^'[^']*' //; s/ .*//" | grep '\.deb$'; }

fetch() { # FOLDER FILE...: those of the files that were not unpacked before
  local folder=$1 file name version wanted=()
  shift
  for file in "$@"; do
    name=${file%%_*} version=${file#*_}
    version=${version%_*}
    version=${version//%3a/:}
    case " $(left_out | tr '\n' ' ') " in *" $name "*) continue ;; esac
    grep -qsxF "$file" "$LAB_ROOT/.unpacked" || wanted+=("$name=$version")
  done
  [ ${#wanted[@]} = 0 ] && return
  echo "lab: fetching ${#wanted[@]} packages" >&7
  mkdir -p "$folder" && (cd "$folder" && private_apt download "${wanted[@]}")
}

unpack() { # FOLDER OF PACKAGES, WHERE TO
  local deb
  mkdir -p "$2"/{usr/{bin,sbin,lib,lib64},etc,var}
  # the layout of a merged system, so that a package's /lib lands in /usr/lib
  for deb in bin sbin lib lib64; do ln -sfn "usr/$deb" "$2/$deb"; done
  for deb in "$1"/*.deb; do
    [ -e "$deb" ] || continue
    dpkg-deb --fsys-tarfile "$deb" | tar -x -p --keep-directory-symlink --exclude='./usr/share/doc/*' \
      --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./var/run' -C "$2" || return
    basename "$deb" >> "$LAB_ROOT/.unpacked"
    rm "$deb"
  done
}

fetch_and_unpack() { # SET...
  local s line files packages=()
  for s in "$@"; do mapfile -t -O ${#packages[@]} packages < <(set_packages "$s" | tr -s ' ' '\n'); done
  files=$(closure "${packages[@]}") || return
  fetch "$WORK/together" $files && unpack "$WORK/together" "$LAB_ROOT" || return
  for s in "$@"; do
    while read -r line; do
      files=$(closure ${line#* }) || return
      # of its closure only the packages named: the rest is in the set
      for name in ${line#* }; do fetch "$WORK/${line%% *}" $(grep "^${name}_" <<< "$files") || return; done
      unpack "$WORK/${line%% *}" "$LAB_ROOT/opt/${line%% *}" || return
    done < <(set_apart "$s")
  done
}

install_sets() {
  local s missing=
  for s in "$@"; do
    all_sets | grep -qxF "$s" || fail "no package set $s (there are: $(all_sets | tr '\n' ' '))"
    set_is_installed "$s" || missing=1
  done
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || fail "not root: the unpacked files must be root's"
  mkdir -p "$LAB_ROOT"
  chmod 755 "$LAB_ROOT"
  exec 7>&2 8>"$LAB_ROOT/.lock" # 7: what is said to the user, while errors are collected
  flock 8
  WORK=$LAB_ROOT/.work LISTS=
  rm -rf "$WORK"
  mkdir -p "$WORK"/cache/archives/partial
  minimal_status > "$WORK/status"
  if ! fetch_and_unpack "$@" 2> "$WORK/errors"; then
    echo "lab: the system's package lists do not serve, fetching current ones" >&2
    LISTS=$WORK/lists
    mkdir -p "$LISTS/partial"
    private_apt update 2>> "$WORK/errors"
    fetch_and_unpack "$@" 2>> "$WORK/errors" || fail "packages not reachable: $(grep '^E:' "$WORK/errors" | tail -1)"
  fi
  rm -rf "$WORK"
  for s in "$@"; do
    sed -i "/^$s /d" "$LAB_ROOT/.sets" 2> /dev/null
    set_mark "$s" >> "$LAB_ROOT/.sets"
  done
}
