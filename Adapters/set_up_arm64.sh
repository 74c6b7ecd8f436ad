#!/bin/sh
# Sets up LiteRT and ONNX Runtime for arm64 in .runtimes/arm64: Debian's arm64 Python and its libraries, unpacked
# into a folder, and the arm64 wheels beside; run by qemu-aarch64 (Debian's qemu-user). The system stays as it is.
# Done again, it does nothing. What cannot be had is named ('skipped: …'): exit status 0.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$(dirname "$here")/.runtimes/arm64
log=$folder/set-up.log
mkdir -p "$folder"

skipped() { echo "skipped: arm64 runtimes: $1"; exit 0; }

wanted=$(cat "$here/requirements.txt" "$0")
[ -e "$folder/.set-up" ] && [ "$(cat "$folder/.set-up")" = "$wanted" ] && { echo "arm64 runtimes are ready"; exit 0; }
: >"$log"

sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
command -v apt-get >/dev/null 2>&1 || skipped "no apt-get on this machine"
if ! command -v qemu-aarch64 >/dev/null 2>&1; then
  { $sudo apt-get update -qq; $sudo apt-get install -y -qq --no-install-recommends qemu-user; } >>"$log" 2>&1 ||
    skipped "qemu-user: $(tail -n 1 "$log")"
fi

# A package manager of its own, which believes that nothing is installed: it fetches Python with all it needs.
apt=$folder/apt
foreign() {
  apt-get -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" \
    -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@" >>"$log" 2>&1
}
if [ ! -x "$folder/root/usr/bin/python3" ]; then
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  : >"$apt/status"
  foreign update || skipped "Debian's lists of packages: $(tail -n 1 "$log")"
  foreign install -y -qq --download-only --no-install-recommends python3 libstdc++6 libgomp1 zlib1g ||
    skipped "Debian's arm64 Python: $(tail -n 1 "$log")"
  mkdir -p "$folder/root"
  for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$folder/root" >>"$log" 2>&1 || skipped "$(basename "$package") does not unpack"
  done
  rm -rf "$apt"
fi
version=$(cd "$folder/root/usr/bin" && ls python3.?? | tail -n 1 | tr -d 'a-z')

# The wheels, by the Python of this machine.
if [ -x "$folder/../bin/python" ]; then python=$folder/../bin/python; else python=/usr/bin/python3; fi
platforms=""
for glibc in 2_17 2_24 2_26 2_27 2_28 2_31 2_34 2_35 2_36; do platforms="$platforms --platform manylinux_${glibc}_aarch64"; done
grep -E '^(onnxruntime|onnx|numpy|ai-edge-litert)=' "$here/requirements.txt" >"$folder/requirements.txt"
rm -rf "$folder/packages"
# shellcheck disable=SC2086
"$python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: --target "$folder/packages" \
  $platforms --platform manylinux2014_aarch64 --implementation cp --python-version "$version" --abi "cp$(echo "$version" | tr -d .)" --abi abi3 --abi none \
  -r "$folder/requirements.txt" >>"$log" 2>&1 || skipped "wheels: $(grep ERROR "$log" | tail -n 1)"

# Two processors: what Linux says of them, which the runtimes read, over the same files.
# processor NAME FEATURES VARIANT PART
processor() {
  mkdir -p "$folder/$1/proc" "$folder/$1/sys/devices/system/cpu"
  for entry in "$folder"/root/*; do ln -sfn "../root/$(basename "$entry")" "$folder/$1/$(basename "$entry")"; done
  printf 'processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: %s\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: %s\nCPU part\t: %s\nCPU revision\t: 1\n\n' \
    "$2" "$3" "$4" >"$folder/$1/proc/cpuinfo"
  for file in possible present online; do echo 0 >"$folder/$1/sys/devices/system/cpu/$file"; done
}
processor neoverse-n1 "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp" 0x3 0xd0c
processor cortex-a53 "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid" 0x0 0xd03
# The first import compiles what it reads; later ones are quicker.
PYTHONPATH=$folder/packages qemu-aarch64 -cpu neoverse-n1 -L "$folder/neoverse-n1" "$folder/root/usr/bin/python3" \
  -c 'import onnxruntime, onnx, ai_edge_litert.interpreter' >>"$log" 2>&1 || skipped "they do not start: $(tail -n 1 "$log")"
printf '%s' "$wanted" >"$folder/.set-up"
echo "arm64 runtimes are ready"
