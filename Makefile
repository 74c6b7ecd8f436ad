# Everything that the README promises: `make run` and `make test` do their own set-up.

SWIFT ?= swift
CASES ?= 10000
SEED ?= 1
PREFIX ?= /usr/local
PROGRAM = .build/release/qverify
# Clean shells, so that SwiftPM's own messages are the only ones.
MAKEFLAGS += --no-print-directory

.PHONY: run test build setup setup-tests lint format install clean benchmarks vnni-emulated runtimes runtimes-arm64 check-runtimes

# The main job: generate cases, check the built-in kernels on them, store, report.
run: build
	@mkdir -p Reports
	@$(PROGRAM) generate --impl kernels --seed $(SEED) --count $(CASES) --cases all --output Reports/cases.jsonl
	@status=0; $(PROGRAM) check --impl kernels --vectors Reports/cases.jsonl || status=$$?; \
	$(PROGRAM) report; exit $$status

build: setup
	@$(SWIFT) build -c release --product qverify

# Debug and release. What judges hundreds of thousands of cases, and what runs the built program, waits for
# the optimised code.
test: setup setup-tests runtimes
	@$(SWIFT) test --disable-xctest --skip DefectTests --skip CommandLineTests
	@$(SWIFT) test -c release --disable-xctest

# SQLite's header, only when it is missing.
setup:
	@if [ ! -e /usr/include/sqlite3.h ]; then \
	  if ! command -v apt-get >/dev/null 2>&1; then \
	    echo "qverify needs SQLite's development files (sqlite3.h, libsqlite3): install them with your package manager" >&2; exit 1; \
	  fi; \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	  echo "installing libsqlite3-dev"; \
	  { $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends libsqlite3-dev; } >/dev/null 2>&1 || \
	  { echo "libsqlite3-dev could not be installed; do it by hand: apt-get install libsqlite3-dev" >&2; exit 1; }; \
	fi

# What only tests use. A test whose tool is missing says skipped, so a failure here is a warning.
setup-tests:
	@missing=""; \
	[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || missing="$$missing python3 python3-jsonschema"; \
	command -v chromium >/dev/null 2>&1 || missing="$$missing chromium fonts-dejavu-core"; \
	if [ -n "$$missing" ] && command -v apt-get >/dev/null 2>&1; then \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	  echo "installing for the tests:$$missing"; \
	  { $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null 2>&1 || \
	  echo "not installed; tests that need them are skipped:$$missing" >&2; \
	fi

# The real runtimes that qverify.yaml names, in .runtimes; what cannot be had is said to be skipped.
runtimes:
	@sh Adapters/set_up.sh

# LiteRT and ONNX Runtime for arm64, run by qemu-aarch64.
runtimes-arm64:
	@sh Adapters/set_up_arm64.sh

# Judges every runtime that is set up, native and emulated, and writes the report.
check-runtimes: build runtimes
	@QVERIFY=$(PROGRAM) sh Adapters/check_runtimes.sh

lint:
	@$(SWIFT) format lint --strict --recursive --parallel Sources Tests Benchmarks/Sources Package.swift

format:
	@$(SWIFT) format --in-place --recursive --parallel Sources Tests Benchmarks/Sources Package.swift

# Ratios in one run; see Benchmarks/README.md.
benchmarks: setup
	@$(SWIFT) build -c release --product benchmarks
	@.build/release/benchmarks

# The AVX-512 VNNI kernels, compiled against portable stand-ins for their instructions.
vnni-emulated:
	@sh Tests/FastKernelsTests/Emulated/check_vnni.sh

# The Swift runtime is linked in, so that the program runs where no Swift is.
install: setup
	@$(SWIFT) build -c release --product qverify --static-swift-stdlib --scratch-path .build-install
	@install -d $(DESTDIR)$(PREFIX)/bin
	@install -m 755 .build-install/release/qverify $(DESTDIR)$(PREFIX)/bin/qverify
	@echo "installed $(DESTDIR)$(PREFIX)/bin/qverify"

clean:
	@rm -rf .build .build-install
