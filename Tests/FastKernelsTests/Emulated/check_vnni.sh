#!/bin/sh
# Checks Sources/CFastKernels/dots_avx512.c without AVX-512: compiled against SIMDe (Debian package
# libsimde-dev) and compared with plain loops. Any directory will do as the current one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sources=$here/../../../Sources/CFastKernels
program=$(mktemp)
trap 'rm -f "$program"' EXIT
clang -O2 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fuse-ld=lld -Wno-psabi -DFK_EMULATED -DSIMDE_NO_NATIVE \
  -I"$sources" -I"$sources/include" \
  "$here/check_vnni.c" "$sources/dots_avx512.c" -o "$program"
ASAN_OPTIONS=detect_leaks=0 "$program"
