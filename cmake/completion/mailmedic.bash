# bash completion of mailmedic. Tools and options are those that --help names.
_mailmedic() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} program=${COMP_WORDS[0]} tool=
  COMPREPLY=()
  case ${program##*/} in
    mailmedic-*) tool=${program##*/mailmedic-} program=${program%-*} ;;
    *) [ "$COMP_CWORD" -gt 1 ] && tool=${COMP_WORDS[1]} ;;
  esac
  if [ -z "$tool" ]; then
    mapfile -t COMPREPLY < <(compgen -W "--help --version $("$program" --help 2> /dev/null | awk '/^Tools:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')" -- "$word")
    return
  fi
  case $before in
    --format) mapfile -t COMPREPLY < <(compgen -W "text json ndjson csv html nagios" -- "$word") ;;
    --lang) mapfile -t COMPREPLY < <(compgen -W "en zh" -- "$word") ;;
    --color) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$word") ;;
    --tier) mapfile -t COMPREPLY < <(compgen -W "high medium low" -- "$word") ;;
    --profile) mapfile -t COMPREPLY < <(compgen -W "all gmail yahoo microsoft apple china" -- "$word") ;;
    --ca-file | --config | -o | --output | --input | --accept | --lists-file | --list-keys | --trust-anchor | --key | --message | --new-certificate | --suppression | --mbox) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    *)
      case $word in
        -*) mapfile -t COMPREPLY < <(compgen -W "$("$program" "$tool" --help 2> /dev/null | grep -oE '(^|[ [])--?[a-z0-9][a-z0-9-]*' | tr -d ' [' | sort -u)" -- "$word") ;;
      esac ;;
  esac
}
complete -F _mailmedic mailmedic
