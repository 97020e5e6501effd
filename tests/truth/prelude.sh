# What a case's repository.sh is written with. It runs in an empty folder that becomes the repository.
#
#   put PATH            a file, its text on standard input
#   edit PATH OLD NEW   the one place where OLD stands becomes NEW
#   base [MESSAGE [BRANCH]]  a commit of main, or of BRANCH; the change starts from the last one
#   main_moves          what stands now is main's tip later on; the change does not have it
#   branch NAME MESSAGE what stands now is one commit on a branch of that name
#   lines N TEXT        TEXT N times, with @ counted up
#   gate COMMAND        the repository's gate: this is its test
#   builds              the repository's gate: it builds, and has no tests that could be run
set -eu
snapshot() { mkdir -p "$STATES"; cp -a . "$STATES/$1"; printf '%s' "$2" > "$STATES/$1.message"; }
count=0
put() { mkdir -p "$(dirname "$1")"; cat > "$1"; }
edit() {
    local text
    text=$(cat "$1"; printf x); text=${text%x}
    case $text in *"$2"*) ;; *) echo "edit $1: '$2' is not there" >&2; exit 1;; esac
    printf '%s' "${text/"$2"/"$3"}" > "$1"
}
base() {
    count=$((count + 1)); snapshot "base$count" "${1:-Start}"
    printf '%s' "${2:-main}" > "$STATES/base$count.branch"
}
back() { find . -mindepth 1 -delete; cp -a "$STATES/base$count/." .; }
main_moves() { snapshot main "Go on"; back; }
branch() { snapshot "branch=${1//\//%}" "$2"; back; }
lines() { local n; for ((n = 1; n <= $1; n++)); do printf '%s\n' "${2//@/$n}"; done; }
builds() { put .foreman/verify.yaml <<< "language: generic
commands:
  build: 'true'"; }
gate() { put .foreman/verify.yaml <<< "language: generic
commands:
  test: '$1'"; }
