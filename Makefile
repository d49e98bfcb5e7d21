# Sekisho. `make run`, `make test` and `make demo` set up what they need; see README.md.
#
#   make            build build/sekisho
#   make run        install what is missing, build, and serve with config/sekisho.lua
#   make test       install what is missing, build, and run all unit and end-to-end tests
#   make demo       a game server, Sekisho and a scripted player, told step by step
#   make bench      throughput and latency beside HAProxy and a direct connection
#   make unit       only the unit tests                    (ONLY=name for one)
#   make e2e        only the end-to-end tests              (ONLY=name for one)
#   make fuzz       every fuzz target for FUZZ_SECONDS over its corpus
#   make style      format, sizes, room directions, headers alone, clang, clang-tidy
#   make install    into PREFIX (default /usr/local), under DESTDIR
#   make SAN=address,undefined ...   the same with sanitizers, in a build folder of its own
#   V=1 shows whole commands; SETUP=no leaves packages alone.

# A compiler a core. Where another make called this one, it has said how many.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS := $(MAKEFLAGS) -j$(shell nproc)
endif

CC ?= cc
SAN ?=
BUILD ?= build$(if $(SAN),-san)
PREFIX ?= /usr/local
PACKAGES := libuv lua5.4 sqlite3 libmicrohttpd jansson libutf8proc libdeflate zlib libcrypto libcurl
PACKAGES += libpcre2-8
# md4c of Debian 12 has its pkg-config file in the development package, like the others.
PACKAGES += md4c

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef -Wvla \
    -Wcast-qual -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wswitch-enum \
    -Wimplicit-fallthrough -Werror
CFLAGS ?= -O2 -g
# Asked for when the first file is compiled, once: set-up may only just have installed them.
PACKAGE_CFLAGS = $(eval PACKAGE_CFLAGS := $$(patsubst -I%,-isystem %,$$(shell pkg-config --cflags \
    $(PACKAGES))))$(PACKAGE_CFLAGS)
LIBS = $(eval LIBS := $$(shell pkg-config --libs $(PACKAGES)) -lpthread -lm)$(LIBS)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Icore $(WARNINGS) $(CFLAGS) -MMD -MP $(PACKAGE_CFLAGS) \
    $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all) \
    -fstack-protector-strong $(if $(SAN),,-D_FORTIFY_SOURCE=2)
ALL_LDFLAGS = $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN)) -Wl,-z,relro,-z,now

SOURCES := $(wildcard core/*/*.c)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*_test.c))
FUZZERS := $(patsubst tests/fuzz/%.c,build-fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_SECONDS ?= 60
FUZZ_SAN := -fno-sanitize-recover=all -fsanitize=address,undefined
FUZZ_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Icore -g -O1 $(PACKAGE_CFLAGS)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))
setup = $(if $(filter no,$(SETUP)),@true,@tests/tools/setup-debian $(1))

all: $(BUILD)/sekisho
	@:

$(BUILD)/sekisho: $(BUILD)/core/main.o $(BUILD)/libsekisho.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libsekisho.a: $(OBJECTS)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libsekisho.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

# What the tests in tests/tools ask for the packets of a version.
$(BUILD)/%_dump: $(BUILD)/tests/tools/%_dump.o $(BUILD)/libsekisho.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

build-units: $(UNITS)

run:
	$(call setup,build)
	@$(MAKE) --no-print-directory all
	@exec ./build/sekisho run -c config/sekisho.lua

# Everything is run even when something failed; the last line counts all of it.
test:
	$(call setup,build test)
	@BUILD=$(BUILD) MAKE="$(MAKE)" ONLY="$(ONLY)" tests/tools/run-tests unit e2e

unit:
	@BUILD=$(BUILD) MAKE="$(MAKE)" ONLY="$(ONLY)" tests/tools/run-tests unit

e2e:
	@BUILD=$(BUILD) MAKE="$(MAKE)" ONLY="$(ONLY)" tests/tools/run-tests e2e

demo:
	$(call setup,build test)
	@$(MAKE) --no-print-directory all
	@tests/tools/setup-node
	@SEKISHO=$(CURDIR)/$(BUILD)/sekisho node tests/e2e/demo.mjs

bench:
	$(call setup,build test bench)
	@$(MAKE) --no-print-directory all build/tests/bench/load build/tests/bench/store \
		build/tests/bench/logins build/tests/bench/rules build/tests/bench/plugins
	@tests/tools/setup-node
	@node tests/bench/bench.mjs
	@SEKISHO=$(CURDIR)/$(BUILD)/sekisho node tests/bench/gate.mjs
	@SEKISHO=$(CURDIR)/$(BUILD)/sekisho node tests/bench/login.mjs
	@build/tests/bench/store build/tests/bench
	@build/tests/bench/rules build/tests/bench
	@build/tests/bench/plugins build/tests/bench 2>build/tests/bench/plugins.log

build/tests/bench/store build/tests/bench/rules build/tests/bench/plugins: %: %.o build/libsekisho.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

build/tests/bench/load: tests/bench/load.c $(wildcard tests/bench/peers.*)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -o $@ $(filter %.c,$^)

build/tests/bench/logins: $(wildcard tests/bench/logins/*.c)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -o $@ $^ -lcrypto

fuzz:
	$(call setup,build style)
	@MAKE="$(MAKE)" FUZZ_SECONDS=$(FUZZ_SECONDS) tests/tools/run-fuzz $(notdir $(FUZZERS))

FUZZ_OBJECTS := $(SOURCES:%.c=build-fuzz/%.o)

build-fuzz/core/%.o: core/%.c
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) $(FUZZ_SAN),fuzzer-no-link -MMD -MP -c -o $@ $<

build-fuzz/libsekisho.a: $(FUZZ_OBJECTS)
	@rm -f $@
	$(Q)ar rcs $@ $^

build-fuzz/%_fuzz: tests/fuzz/%_fuzz.c build-fuzz/libsekisho.a
	$(call say,FUZZ,$@)
	$(Q)clang $(FUZZ_CFLAGS) $(FUZZ_SAN),fuzzer -o $@ $^ $(LIBS)

style:
	$(call setup,build style)
	@MAKE="$(MAKE)" tests/tools/check-style

compile_commands.json: $(SOURCES) Makefile
	@tests/tools/compile-commands '$(ALL_CFLAGS)' $(SOURCES) > $@

print-cflags:
	@echo '$(filter-out -MMD -MP,$(ALL_CFLAGS))'

install: all
	install -D -m 755 $(BUILD)/sekisho $(DESTDIR)$(PREFIX)/bin/sekisho

clean:
	rm -rf build build-san build-clang build-fuzz compile_commands.json

.PHONY: all print-cflags run test unit e2e build-units demo bench fuzz style install clean
.SECONDARY:
-include $(FUZZ_OBJECTS:.o=.d)
-include $(OBJECTS:.o=.d) $(BUILD)/core/main.d $(UNITS:=.d) $(wildcard $(BUILD)/tests/tools/*.d build/tests/bench/*.d)
