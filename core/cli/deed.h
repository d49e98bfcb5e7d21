/*
 * Something that a server would do to a client, as an admin writes it: "transfer" with
 * "play.example.net:25566", "channel.to_server" with "voicechat:main".
 */
#ifndef SEKISHO_CLI_DEED_H
#define SEKISHO_CLI_DEED_H

#include "rules/acts.h"

struct deed {
    enum act act;
    char *name; /* of a channel or a cookie, or a host in the form of host_normal; owned */
    int port;
};

/* Returns NULL and an owned deed; or what is wrong with the words, owned. */
char *deed_read(const char *word, const char *text, struct deed *out);
void deed_free(struct deed *deed);

bool deed_is_allowed(const struct deed *deed, const struct acts *acts);

#endif
