# SPDX-License-Identifier: Apache-2.0
# Thin over meson: the knowledge is in meson.build and tools/. HACKING.md says what each target is for.

BUILD ?= build
PYTHON ?= /usr/bin/python3
DIR ?= ./signet-data
HTTP ?= 127.0.0.1:8080
# The end-to-end tests of sanitize-e2e; check-long has more of them, the rest measures or is
# about the sandbox.
SANITIZED ?= protocol bad_input mutations http tls model attacks oracle_classes idempotency replay client \
	peers

.PHONY: all deps check-deps build demo run check check-fast check-long lint unit e2e sanitize \
	sanitize-e2e clang fuzz bench bench-oracle format clean

all: build

# Debian packages to build, run and show the demo; as root they are installed.
deps:
	@tools/deps build

# ... and those that the tests need: the real SCEP clients and servers among them.
check-deps:
	@tools/deps build check

build: deps
	@SIGNET_TARGETS=signet tools/build $(BUILD)

# Makes a CA, starts everything, enrols twice, shows the certificates and traces, and stops.
demo: build
	@SIGNET_BIN=$(BUILD)/signet tools/demo $(DIR) $(HTTP)

# The same set-up, in the foreground until Ctrl-C.
run: build
	@SIGNET_BIN=$(BUILD)/signet exec tools/demo --run $(DIR) $(HTTP)

# Everything, two at a time where that can be; the last line is "N passed, N failed, N skipped".
check: check-deps
	@tools/build $(BUILD) -Dtests=true
	@$(PYTHON) tools/check --build $(BUILD) lint unit e2e

# Under two minutes: lint, unit tests, fuzz corpora, the quick end-to-end tests.
check-fast: check-deps
	@tools/build $(BUILD) -Dtests=true
	@$(PYTHON) tools/check --build $(BUILD) --fast lint unit e2e

# Long runs: 2000 kills, every truncation of every message, more of everything random; what strangers
# send also under the sanitizers.
check-long: check-deps
	@SIGNET_LONG=1 $(MAKE) --no-print-directory sanitize-e2e SANITIZED="$(SANITIZED) faults kills restore trace"
	@tools/build $(BUILD) -Dtests=true
	@SIGNET_KILLS=$${SIGNET_KILLS:-2000} SIGNET_LONG=1 \
		$(PYTHON) tools/check --build $(BUILD) lint unit e2e

lint:
	@$(PYTHON) tools/lint

unit:
	@tools/build $(BUILD) -Dtests=true
	@$(PYTHON) tools/check --build $(BUILD) unit

e2e:
	@SIGNET_TARGETS=signet tools/build $(BUILD)
	@$(PYTHON) tools/check --build $(BUILD) e2e

# Unit tests and fuzz corpora under AddressSanitizer and UndefinedBehaviorSanitizer.
sanitize:
	@tools/build $(BUILD)-asan -Dtests=true -Db_sanitize=address,undefined -Db_lundef=false
	@$(PYTHON) tools/check --build $(BUILD)-asan --label sanitize unit

# What strangers and clients send to the running system, every mutant of it, with all processes under
# the sanitizers: a report of any of them fails the test. Such a build has no seccomp and no Landlock,
# and its roles do not look for leaks.
sanitize-e2e: check-deps
	@SIGNET_TARGETS=signet tools/build $(BUILD)-asan -Db_sanitize=address,undefined -Db_lundef=false
	@grep -q __asan_init $(BUILD)-asan/signet
	@SIGNET_SHARE=$${SIGNET_SHARE:-0/1} $(PYTHON) tools/check --build $(BUILD)-asan --label sanitize e2e -- \
		$(addprefix tests/e2e/test_,$(addsuffix .py,$(SANITIZED)))

# The second compiler, warnings as errors: compiled, not run.
clang:
	@CC=clang tools/build $(BUILD)-clang -Dtests=true

# libFuzzer binaries in build-fuzz; FUZZ_SECONDS=N runs each for N seconds on a copy of its corpus.
fuzz:
	@CC=clang tools/build $(BUILD)-fuzz -Dtests=true -Dfuzzer=libfuzzer \
		-Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link
	@tools/fuzz $(BUILD)-fuzz $${FUZZ_SECONDS:-60}

# Enrolments per CPU-second as a fraction of the limit, next to a peer; build/bench.json.
bench: check-deps build
	@bench/run $(BUILD) $(BENCH)

# Does the time of an answer tell whether the padding was right? Ten minutes; build/oracle.json.
bench-oracle: build
	@bench/oracle $(BUILD) $(ORACLE)

# Rewrites the C files that differ from HEAD, and only those.
format:
	@git diff --name-only --diff-filter=d HEAD -- '*.c' '*.h' | xargs -r clang-format -i

clean:
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-clang $(BUILD)-fuzz
