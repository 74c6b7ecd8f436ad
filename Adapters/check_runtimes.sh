#!/bin/sh
# Judges every runtime of qverify.yaml that can be started here, each by itself, and writes the report. What cannot be
# started is named ('skipped: …'). Exit status 1 if one does not conform.
#
#   CASES       for each profile of a runtime on this processor (20000: more than a million outputs)
#   EMULATED    for one on an emulated processor (1000)
set -u
cd "$(dirname "$0")/.."
qverify=${QVERIFY:-.build/release/qverify}
cases=${CASES:-20000}
emulated=${EMULATED:-1000}
status=0
for name in ${RUNTIMES:-$(sed -n 's/^  \([a-z0-9-]*\):$/\1/p' qverify.yaml)}; do
  case $name in
    *-haswell | *-nehalem | *-neoverse-n1 | *-cortex-a53) count=$emulated ;;
    # Two profiles, between which the cases are divided.
    onnxruntime | litert-default | tflite-micro) count=$((2 * cases)) ;;
    *) count=$cases ;;
  esac
  echo
  log=$("$qverify" check --impl "$name" --count "$count" --cases all --label "runtimes=$(date -u +%F)" 2>&1)
  case $? in
    0) echo "$log" ;;
    3) echo "skipped: $log" ;;
    *) echo "$log"; status=1 ;;
  esac
done
echo
"$qverify" report || status=1
exit $status
