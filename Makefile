# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# The front door. `make help` lists what there is; everything lands in build/.

JOBS ?= $(shell nproc)
LWIP := build/lwip
HOST := build/host
GCC := build/gcc
FIRMWARE := build/mps2-an385

configure = cmake -G Ninja -S . --log-level=WARNING
with_tests = -DBOBBIN_TESTS=ON -DBOBBIN_LWIP_SOURCE=$(CURDIR)/$(LWIP)
build = cmake --build $(1) -j $(JOBS) -- --quiet
sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

.DEFAULT_GOAL := all
.PHONY: all help demo firmware size test test-host test-clang test-sanitized test-firmware format \
    tidy clean

all: $(HOST)/build.ninja ## the host libraries and examples, in build/host
	@$(call build,$(HOST))

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: firmware ## the echo firmware in QEMU carries a file there and back
	@toolchains/demo $(FIRMWARE)/examples/echo.elf

firmware: $(FIRMWARE)/build.ninja ## the firmware images, in build/mps2-an385
	@$(call build,$(FIRMWARE))

test: test-host test-clang test-sanitized test-firmware ## every test, the firmware's in QEMU included
	@echo "all tests passed"

test-host: $(GCC)/build.ninja ## the tests on this machine, g++
	@$(call build,$(GCC))
	@ctest --test-dir $(GCC) --output-on-failure --timeout 300 -j $(JOBS)

test-clang: build/clang/build.ninja ## the same, clang++
	@$(call build,build/clang)
	@ctest --test-dir build/clang --output-on-failure --timeout 300 -j $(JOBS)

test-sanitized: build/sanitized/build.ninja ## the same, with AddressSanitizer and UBSan
	@$(call build,build/sanitized)
	@ctest --test-dir build/sanitized --output-on-failure --timeout 300 -j $(JOBS)

test-firmware: firmware ## the firmware images in QEMU, driven from this machine
	@ctest --test-dir $(FIRMWARE) --output-on-failure

size: firmware ## what the images and each object take
	@toolchains/size $(FIRMWARE)

format: build/checks.ready ## lays out every source file
	@git ls-files '*.hpp' '*.cpp' '*.h' '*.c' | xargs clang-format -i

tidy: build/checks.ready $(HOST)/build.ninja ## clang-tidy over core and the host's ports
	@clang-tidy --quiet -p $(HOST) core/src/*.cpp port/memory/src/*.cpp port/posix/src/*.cpp

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
	@$(configure) -B build/sanitized $(with_tests) -DBOBBIN_CHECK_CONTEXT=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo \
	    -DCMAKE_CXX_COMPILER=g++ -DCMAKE_C_COMPILER=gcc \
	    -DCMAKE_CXX_FLAGS="$(sanitize)" -DCMAKE_C_FLAGS="$(sanitize)" >/dev/null

$(FIRMWARE)/build.ninja: build/firmware.ready $(LWIP)/src/core/tcp.c
	@$(configure) -B $(FIRMWARE) $(with_tests) \
	    -DCMAKE_TOOLCHAIN_FILE=$(CURDIR)/toolchains/arm-none-eabi.cmake >/dev/null
