# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# The front door. `make help` lists what there is; everything lands in build/.

JOBS ?= $(shell nproc)
# Of the simulation: how many sessions.
SEEDS ?= 10000
# Of the echo load on a board: how many hours' messages.
HOURS ?= 1
# Of the bench: how many rounds its medians are of, and which parts (all, unless some are named:
# BENCH=timers,posts).
ROUNDS ?= 5
BENCH ?=
# Of the demonstration: its port here, 8080 unless it only checks itself; and whether it does.
PORT ?= $(if $(CHECK),0,8080)
CHECK ?=
# Where `make install` puts things.
PREFIX ?= /usr/local
# Of the fuzzers: how long each runs.
FUZZ_SECONDS ?= 60
LWIP := build/lwip
HOST := build/host
GCC := build/gcc
BOARDS := mps2-an385 mps2-an386 mps2-an500 mps2-an521
BOARD ?= mps2-an385
# What a board's processor can break, in the least time: on one board there is all.
OTHER_BOARDS := $(filter-out mps2-an385,$(BOARDS))
BOARD_IMAGES := contract contract_control echo coroutines quiz timers heartbeat
# Other Linux machines that the host's tests run on, emulated: 32 bits; most significant byte first.
MACHINES := armhf s390x
toolchain_of_armhf := arm-linux-gnueabihf
toolchain_of_s390x := s390x-linux-gnu
# What a machine's word, byte order and system calls can break, in the least time.
PORTABLE := unit_core unit_coroutine unit_net contract_posix sessions
FIRMWARE := build/$(BOARD)

# Many tests wait for real time and need no core for it.
AT_ONCE := $(shell expr 2 '*' $(JOBS))

configure = cmake -G Ninja -S . --log-level=WARNING
# Sooner, and not as the libraries are installed.
together = -DBOBBIN_UNITY=ON
with_tests = -DBOBBIN_TESTS=ON -DBOBBIN_LWIP_SOURCE=$(CURDIR)/$(LWIP)
build = cmake --build $(1) -j $(JOBS) -- --quiet
# The ThreadSanitizer of clang 14 and GCC 12 does not start where a newer kernel puts things at
# addresses too random.
same_addresses = $(shell setarch -R true 2>/dev/null && echo setarch -R)
demo_options = --port $(PORT) $(if $(CHECK),--check)
FUZZERS := lines netstrings prefixed records json endpoints line_server requests responses \
    field_values amp_boxes amp_peer amp_values feeds
# Without calls of functions, which clang 14 cannot watch beside coroutines.
sanitize := -fsanitize=address,undefined -fno-sanitize=function -fno-sanitize-recover=all \
    -fno-omit-frame-pointer
# What a sanitizer watches is compiled for it: optimised no more than is quick, as the optimiser may
# remove what it looks for; of symbols the functions and lines that its reports name.
watched = -DCMAKE_BUILD_TYPE=RelWithDebInfo $(foreach language,C CXX,\
    -DCMAKE_$(language)_FLAGS_RELWITHDEBINFO="-Og -g1 -DNDEBUG" \
    -DCMAKE_$(language)_FLAGS="$(1)")

.DEFAULT_GOAL := all
.PHONY: all help install demo demo-host demo-echo firmware size size-update test test-host test-clang \
    test-sanitized test-threads test-machines $(MACHINES:%=test-%-briefly) test-portable $(MACHINES:%=test-%) \
    test-firmware $(BOARDS:%=test-%) $(OTHER_BOARDS:%=test-%-briefly) test-context test-browser soak sim fuzz \
    bench bench-update bench-firmware docs format tidy clean

all: $(HOST)/build.ninja ## the host libraries and examples, in build/host
	@$(call build,$(HOST))

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: all ## the host libraries for find_package, below PREFIX=/usr/local (and DESTDIR)
	@cmake --install $(HOST) --prefix $(PREFIX) >/dev/null

demo: $(FIRMWARE)/build.ninja ## the dashboard, as firmware in QEMU, on http://127.0.0.1:8080; PORT=N, CHECK=1
	@$(call build,$(FIRMWARE)) dashboard
	@BOBBIN_BOARD=$(BOARD) toolchains/demo $(FIRMWARE)/examples/dashboard.elf $(demo_options)

demo-host: $(HOST)/build.ninja ## the same as a program of this machine
	@$(call build,$(HOST)) dashboard
	@toolchains/demo $(HOST)/examples/dashboard $(demo_options)

demo-echo: $(FIRMWARE)/build.ninja ## the echo firmware in QEMU carries a file there and back
	@$(call build,$(FIRMWARE)) echo
	@BOBBIN_BOARD=$(BOARD) toolchains/demo-echo $(FIRMWARE)/examples/echo.elf

firmware: $(FIRMWARE)/build.ninja ## the firmware images, in build/BOARD; BOARD=mps2-an521 for another
	@$(call build,$(FIRMWARE))

test: test-host test-sanitized test-threads test-machines test-firmware test-browser docs ## what a change is to pass, the firmware's tests in QEMU included
	@echo "all tests passed"

test-host: $(GCC)/build.ninja ## the tests on this machine, g++
	@$(call build,$(GCC))
	@ctest --test-dir $(GCC) --output-on-failure --timeout 300 -j $(AT_ONCE)

test-clang: build/clang/build.ninja ## the same, clang++, without what the next one has
	@$(call build,build/clang)
	@ctest --test-dir build/clang --output-on-failure --timeout 300 -j $(AT_ONCE)

test-sanitized: build/sanitized/build.ninja ## the same, clang++, with AddressSanitizer and UBSan
	@$(call build,build/sanitized)
	@ctest --test-dir build/sanitized --output-on-failure --timeout 300 -j $(AT_ONCE)

test-threads: build/threads/build.ninja ## what threads share, with ThreadSanitizer
	@$(call build,build/threads) unit_core unit_posix unit_posix_resolver unit_threads unit_lwip_threads \
	    unit_lwip_tcpip unit_lwip_thread_pool contract_threads contract_tcpip
	@$(same_addresses) ctest --test-dir build/threads --output-on-failure --timeout 300 -R \
	    '^(unit_(core|posix(_resolver)?|threads|lwip_(threads|tcpip|thread_pool))|contract_(threads|tcpip))$$'

test-machines: $(MACHINES:%=test-%-briefly) ## a part of test-portable, the one that `make test` has

$(MACHINES:%=test-%-briefly): test-%-briefly: build/%/build.ninja
	@$(call build,build/$*) $(PORTABLE)
	@ctest --test-dir build/$* --output-on-failure --timeout 900 -j $(JOBS) \
	    -R '^(unit_(core|coroutine|net)|contract_posix|sim\.sessions)$$'

test-portable: $(MACHINES:%=test-%) ## the host's tests as other machines run them: 32 bits, big-endian

$(MACHINES:%=test-%): test-%: build/%/build.ninja
	@$(call build,build/$*)
	@ctest --test-dir build/$* --output-on-failure --timeout 900 -j $(JOBS)

test-firmware: test-mps2-an385 $(OTHER_BOARDS:%=test-%-briefly) test-context ## a board's images in QEMU, driven from this machine, and some of the other boards'

# Two at once, whatever JOBS says: the images keep time by the clock on the wall.
$(BOARDS:%=test-%): test-%: build/host.ready build/%/build.ninja
	@$(call build,build/$*)
	@ctest --test-dir build/$* --output-on-failure -j 2

$(OTHER_BOARDS:%=test-%-briefly): test-%-briefly: build/host.ready build/%/build.ninja
	@$(call build,build/$*) $(BOARD_IMAGES)
	@ctest --test-dir build/$* --output-on-failure -j 2 \
	    -R '^firmware\.(contract|echo|coroutines|timers)_test$$'

test-context: build/host.ready build/context/build.ninja ## a part of that: an image that asserts who calls
	@$(call build,build/context) contract contract_control context posting
	@ctest --test-dir build/context --output-on-failure -j 2 \
	    -R '^firmware\.(contract|context|posting)_test$$'

soak: build/host.ready build/mps2-an385/build.ninja ## HOURS=1 of echo load on a board in QEMU, in a minute or two each
	@$(call build,build/mps2-an385) soak
	@BOBBIN_SOAK_HOURS=$(HOURS) python3 -B tests/firmware/soak_test.py \
	    build/mps2-an385/tests/firmware/soak/soak.elf SoakTest

# The page as firmware serves it, and as a program does.
test-browser: build/browser.ready build/mps2-an385/build.ninja $(GCC)/build.ninja ## the dashboard's page in headless Chromium
	@$(call build,build/mps2-an385) dashboard
	@$(call build,$(GCC)) dashboard
	@python3 -B tests/browser/dashboard_test.py $(GCC)/examples/dashboard \
	    build/mps2-an385/examples/dashboard.elf build/browser

sim: $(GCC)/build.ninja ## simulated sessions, SEEDS=10000 of them; SEED=n replays one with its trace
	@cmake --build $(GCC) -j $(JOBS) --target sessions -- --quiet
	@$(GCC)/tests/sim/sessions $(if $(SEED),--trace $(SEED),1 $(SEEDS))

fuzz: build/fuzz/build.ninja ## each parser under libFuzzer, FUZZ_SECONDS=60 for each
	@cmake --build build/fuzz -j $(JOBS) --target $(FUZZERS:%=%_fuzz) -- --quiet
	@for name in $(FUZZERS); do \
	    mkdir -p build/fuzz/found/$$name; \
	    echo "fuzz: $$name for $(FUZZ_SECONDS) s"; \
	    build/fuzz/tests/fuzz/$${name}_fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=512 \
	        -print_final_stats=1 -artifact_prefix=build/fuzz/$$name- \
	        build/fuzz/found/$$name tests/fuzz/corpus/$$name >build/fuzz/$$name.log 2>&1 \
	        || { tail -n 40 build/fuzz/$$name.log; exit 1; }; \
	    grep -E 'number_of_executed_units|Done' build/fuzz/$$name.log; \
	done

size: build/host.ready build/mps2-an385/build.ninja ## what the images and each object take
	@$(call build,build/mps2-an385)
	@toolchains/size build/mps2-an385 $(LWIP)

size-update: size ## writes that down in tests/firmware/sizes/sizes.md, which a test holds it to
	@toolchains/size build/mps2-an385 $(LWIP) --update >/dev/null

bench: build/bench/build.ninja ## bobbin beside libuv, libevent, Asio and a bare epoll loop; its HTTP beside nginx
	@$(call build,build/bench)
	@python3 -B bench/run.py build/bench/bench --output build/bench --rounds $(ROUNDS) \
	    $(if $(BENCH),--only $(BENCH))

bench-update: ## the same, and its figures become those in docs/
	@$(if $(BENCH),echo "bench-update takes all parts and no BENCH=" >&2; exit 2)
	@$(MAKE) --no-print-directory bench
	@mkdir -p docs
	@cp build/bench/bench.json build/bench/bench.svg docs/

docs: build/docs.ready ## the reference, build/docs/html/index.html; fails with a warning
	@rm -rf build/docs
	@doxygen docs/Doxyfile

bench-firmware: build/$(BOARD)/build.ninja ## instructions for each echoed message, beside raw lwIP
	@$(call build,$(FIRMWARE)) cost
	@BOBBIN_BOARD=$(BOARD) toolchains/run-qemu $(FIRMWARE)/tests/firmware/cost/cost.elf \
	    -- -icount shift=0 </dev/null

format: build/checks.ready ## lays out every source file
	@git ls-files '*.hpp' '*.cpp' '*.h' '*.c' | xargs clang-format -i

tidy: build/checks.ready $(HOST)/build.ninja ## clang-tidy over core, net and the host's ports
	@clang-tidy --quiet -p $(HOST) core/src/*.cpp net/src/*.cpp port/memory/src/*.cpp \
	    port/posix/src/*.cpp

clean: ## removes build/, but not lwIP's source in it
	@find build -mindepth 1 -maxdepth 1 ! -name lwip -exec rm -rf {} +

build/%.ready: toolchains/setup
	@mkdir -p build
	@toolchains/setup $*
	@touch $@

$(LWIP)/src/core/tcp.c: build/firmware.ready toolchains/fetch-lwip
	@toolchains/fetch-lwip $(LWIP)

$(HOST)/build.ninja: build/host.ready
	@$(configure) -B $(HOST) >/dev/null

$(GCC)/build.ninja: build/host.ready $(LWIP)/src/core/tcp.c
	@$(configure) -B $(GCC) $(with_tests) -DCMAKE_CXX_COMPILER=g++ -DCMAKE_C_COMPILER=gcc >/dev/null

build/clang/build.ninja: build/host.ready $(LWIP)/src/core/tcp.c
	@$(configure) -B build/clang $(with_tests) -DBOBBIN_CHECK_CONTEXT=ON -DCMAKE_CXX_COMPILER=clang++ \
	    -DCMAKE_C_COMPILER=clang >/dev/null

build/sanitized/build.ninja: build/host.ready $(LWIP)/src/core/tcp.c
	@$(configure) -B build/sanitized $(with_tests) $(together) -DBOBBIN_CHECK_CONTEXT=ON \
	    -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang $(call watched,$(sanitize)) >/dev/null

build/threads/build.ninja: build/host.ready $(LWIP)/src/core/tcp.c
	@$(configure) -B build/threads $(with_tests) $(together) -DBOBBIN_CHECK_CONTEXT=ON \
	    -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang $(call watched,-fsanitize=thread) >/dev/null

build/fuzz/build.ninja: build/host.ready
	@$(configure) -B build/fuzz -DBOBBIN_TESTS=ON -DBOBBIN_FUZZ=ON \
	    -DCMAKE_BUILD_TYPE=RelWithDebInfo \
	    -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang \
	    -DCMAKE_CXX_FLAGS="$(sanitize) -fsanitize=fuzzer-no-link" >/dev/null

build/bench/build.ninja: build/host.ready build/bench.ready
	@$(configure) -B build/bench -DBOBBIN_BENCH=ON >/dev/null

$(MACHINES:%=build/%/build.ninja): build/%/build.ninja: build/portable.ready \
    $(LWIP)/src/core/tcp.c
	@$(configure) -B build/$* $(with_tests) $(together) \
	    -DCMAKE_TOOLCHAIN_FILE=$(CURDIR)/toolchains/$(toolchain_of_$*).cmake >/dev/null

build/context/build.ninja: build/firmware.ready $(LWIP)/src/core/tcp.c
	@$(configure) -B build/context $(with_tests) $(together) -DBOBBIN_BOARD=mps2-an385 -DBOBBIN_CHECK_CONTEXT=ON \
	    -DCMAKE_TOOLCHAIN_FILE=$(CURDIR)/toolchains/arm-none-eabi.cmake >/dev/null

$(BOARDS:%=build/%/build.ninja): build/%/build.ninja: build/firmware.ready $(LWIP)/src/core/tcp.c
	@$(configure) -B build/$* $(with_tests) $(if $(filter $*,$(OTHER_BOARDS)),$(together)) \
	    -DBOBBIN_BOARD=$* \
	    -DCMAKE_TOOLCHAIN_FILE=$(CURDIR)/toolchains/arm-none-eabi.cmake >/dev/null
