# Sekisho. `make run`, `make test` and `make demo` set up what they need; see README.md.
#
#   make            build build/sekisho
#   make unit       build and run the unit tests (arguments: ONLY=name)
#   make test       everything: unit and end-to-end tests
#   make SAN=address,undefined ...   the same with sanitizers, in a build folder of its own

CC ?= cc
SAN ?=
BUILD := build$(if $(SAN),-san)
PACKAGES := libuv lua5.4 sqlite3 jansson libutf8proc libdeflate zlib libcrypto
# md4c of Debian 12 has its pkg-config file in the development package, like the others.
PACKAGES += md4c

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef -Wvla \
    -Wcast-qual -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wswitch-enum \
    -Wimplicit-fallthrough -Werror
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Icore $(WARNINGS) $(CFLAGS) -MMD -MP \
    $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PACKAGES))) \
    $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all) \
    -fstack-protector-strong $(if $(SAN),,-D_FORTIFY_SOURCE=2)
ALL_LDFLAGS = $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN)) -Wl,-z,relro,-z,now
LIBS = $(shell pkg-config --libs $(PACKAGES)) -lpthread -lm

SOURCES ?= $(wildcard core/*/*.c)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*_test.c))

all: $(BUILD)/sekisho

$(BUILD)/sekisho: $(BUILD)/core/main.o $(BUILD)/libsekisho.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libsekisho.a: $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libsekisho.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

$(BUILD)/limbo_dump: $(BUILD)/tests/tools/limbo_dump.o $(BUILD)/libsekisho.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

unit: $(UNITS)
	@set -e; for test in $(if $(ONLY),$(BUILD)/tests/unit/$(ONLY)_test,$(UNITS)); do $$test; done

clean:
	rm -rf build build-san

.PHONY: all unit clean
.SECONDARY:
-include $(OBJECTS:.o=.d)
