/* Prints the limbo's packets of one version, one in hexadecimal a line, after the phase. */
#include "gate/limbo.h"
#include "protocol/packet.h"

#include <stdio.h>
#include <stdlib.h>

static void print(const char *phase, struct slice list)
{
    struct slice packet;

    while (packet_next(&list, &packet)) {
        printf("%s ", phase);
        for (size_t i = 0; i < packet.len; i++)
            printf("%02x", packet.data[i]);
        printf("\n");
    }
}

static void print_switch(int protocol, struct slice join)
{
    struct buf packets = {0};
    struct slice first;

    if (!packet_next(&join, &first) || limbo_switch_join(protocol, false, first, &packets) != 0)
        exit(1);
    print("play", buf_slice(&packets));
    buf_free(&packets);
}

int main(int argc, char **argv)
{
    int protocol = argc == 2 ? atoi(argv[1]) : 0;
    struct limbo_cache *cache = limbo_cache_new();
    struct buf play = {0};

    print("configuration", limbo_known_packs(cache, protocol));
    print("configuration", limbo_registries(cache, protocol));
    limbo_join(cache, protocol, &play);
    print("play", buf_slice(&play));
    if (protocol < 764)
        print_switch(protocol, buf_slice(&play));
    buf_clear(&play);
    limbo_keep_alive(protocol, false, 7, &play);
    print("play", buf_slice(&play));
    buf_free(&play);
    limbo_cache_free(cache);
    return 0;
}
