#!/bin/sh
# Sets up the real runtimes in .runtimes: two virtual environments, and Debian's qemu-user for emulated
# processors. Done again, it does nothing. What cannot be had is named ('skipped: …') and left out: exit status 0.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
folder=$root/.runtimes
log=$folder/set-up.log

skipped() { echo "skipped: $1"; }

sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"

# apt_install PACKAGE…
apt_install() {
  command -v apt-get >/dev/null 2>&1 || { echo "no apt-get on this machine" >>"$log"; return 1; }
  { $sudo apt-get update -qq; $sudo apt-get install -y -qq --no-install-recommends "$@"; } >>"$log" 2>&1
}

reason() { grep -E '^(ERROR|E:|error)' "$log" | grep -v 'No matching distribution' | tail -n 1 | cut -c1-160; }

# A wheel is for one version of Python; Debian's comes first, since its emulated twin is the same.
find_python() {
  for candidate in /usr/bin/python3 python3; do
    command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' &&
      { echo "$candidate"; return 0; }
  done
  return 1
}

# environment FOLDER REQUIREMENTS: a virtual environment with these packages
environment() {
  stamp=$1/.set-up
  wanted=$(cat "$2")
  [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
  rm -f "$stamp"
  if ! "$python" -m venv "$1" >>"$log" 2>&1; then
    apt_install python3-venv
    "$python" -m venv --clear "$1" >>"$log" 2>&1 || { skipped "$(basename "$2"): no virtual environment: $(tail -n 1 "$log")"; return 0; }
  fi
  pip="$1/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all:"
  if $pip -r "$2" >>"$log" 2>&1; then
    printf '%s' "$wanted" >"$stamp"
    return 0
  fi
  # Not all can be had: take each by itself.
  grep -v '^ *#' "$2" | while read -r package; do
    [ -n "$package" ] || continue
    $pip "$package" >>"$log" 2>&1 || skipped "$package: $(reason)"
  done
}

mkdir -p "$folder"
: >"$log"
if ! python=$(find_python); then
  apt_install python3 python3-venv
  python=$(find_python) || { skipped "all runtimes: no Python of version 3.11 or later"; exit 0; }
fi
environment "$folder" "$here/requirements.txt"
environment "$folder/tosa" "$here/requirements-tosa.txt"
if ! command -v qemu-x86_64 >/dev/null 2>&1; then
  [ "$(uname -m)" = x86_64 ] && { apt_install qemu-user || skipped "emulated processors: qemu-user: $(reason)"; }
fi
for program in onnx_runtime litert tflm; do
  "$folder/bin/python" "$here/$program.py" --version 2>/dev/null || skipped "$program: $("$folder/bin/python" "$here/$program.py" --version 2>&1 | tail -n 1)"
done
"$folder/tosa/bin/python" "$here/tosa_model.py" --version 2>/dev/null || skipped "tosa_model: it does not start"
