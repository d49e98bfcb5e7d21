#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(size_t bytes)
{
    fprintf(stderr, "sekisho: out of memory (%zu bytes asked for)\n", bytes);
    abort();
}

void *mem_array(size_t count, size_t bytes_each)
{
    void *memory = calloc(count ? count : 1, bytes_each ? bytes_each : 1);

    if (!memory)
        out_of_memory(count * bytes_each);
    return memory;
}

void *mem_alloc(size_t bytes)
{
    return mem_array(1, bytes);
}

void *mem_resize(void *old, size_t bytes)
{
    void *memory = realloc(old, bytes ? bytes : 1);

    if (!memory)
        out_of_memory(bytes);
    return memory;
}

char *mem_strndup(const char *text, size_t len)
{
    char *copy = mem_alloc(len + 1);

    memcpy(copy, text, len);
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

char *mem_format(const char *format, ...)
{
    va_list args;
    char *text = NULL;
    int len;

    va_start(args, format);
    len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        out_of_memory(0);
    return text;
}

void mem_wipe(void *data, size_t bytes)
{
    explicit_bzero(data, bytes);
}
