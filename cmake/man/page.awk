# The manual page of a tool, from what it says with --help.
#   mailmedic-spf --help | awk -v name=mailmedic-spf -v version=0.1.0 -v short="what it does" -v see="..." -f page.awk
# Help is: "Usage: ..." paragraphs, "Examples:" with "  # what" and "  command", groups of options under a line that
# ends with a colon, each "  --option ARG   text" and its text's further lines, then "Exit status: ...".
function plain(text) { sub(/ +$/, "", text); gsub(/\\/, "\\\\(rs", text); gsub(/-/, "\\-", text); sub(/^[.']/, "\\\\\\&&", text); return text }
function begin(heading) { print ".SH " toupper(heading); at = heading; paragraph = "" }
BEGIN {
  printf ".TH %s 1 \"\" \"mailmedic %s\" \"User Commands\"\n", toupper(name), version
  begin("name"); print plain(name) " \\- " plain(short)
}
/^Usage: / {
  begin("synopsis")
  printf ".nf\n"
  sub(/^Usage: /, "")
  print ".B " plain($0)
  next
}
at == "synopsis" && /^ / { sub(/^ +/, ""); print ".B " plain($0); next }
at == "synopsis" && /^$/ { print ".fi"; begin("description"); next }
/^Examples:$/ { begin("examples"); next }
at == "examples" && /^  # / { sub(/^  # /, ""); print ".TP\n" plain(toupper(substr($0, 1, 1)) substr($0, 2)); next }
at == "examples" && /^  / { sub(/^ +/, ""); print ".nf\n.B " plain($0) "\n.fi"; next }
/^Tools:$/ { begin("tools"); next }
/^[A-Z].*:$/ { sub(/:$/, ""); if (options++) print ".SS " $0; else { begin("options"); print ".SS " $0 } at = "options"; next }
/^Exit status: / { begin("exit status"); sub(/^Exit status: /, ""); print plain($0); next }
(at == "options" && /^  -/) || (at == "tools" && /^  [a-z]/) {
  sub(/^ +/, "")
  left = $0; text = ""
  if (match($0, /   +/) || match($0, /  /)) { left = substr($0, 1, RSTART - 1); text = substr($0, RSTART + RLENGTH) }
  print ".TP\n.B " plain(at == "tools" ? "mailmedic " left : left)
  if (text != "") print plain(text)
  next
}
at == "options" || at == "tools" { sub(/^ +/, ""); if ($0 != "") print plain($0); next }
/^$/ { paragraph = ".PP\n"; next }
{ printf "%s", paragraph; paragraph = ""; print plain($0) }
END {
  if (see) { begin("see also"); print see }
}
