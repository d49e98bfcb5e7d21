#include "cli/deed.h"

#include "base/mem.h"
#include "net/host.h"
#include "net/url.h"

#include <stdlib.h>

enum { GAME_PORT = 25565 };

static char *read_act(const char *word, enum act *out)
{
    const char *words[ACTS - 1];
    char advice[DIAG_ADVICE_BYTES];

    *out = act_by_word(word);
    if (*out)
        return NULL;
    for (int act = ACT_NONE + 1; act < ACTS; act++)
        words[act - 1] = act_word((enum act)act);
    return mem_format("there is no act \"%s\"; %s", word,
                      diag_advice(advice, diag_nearest(word, words, ACTS - 1),
                                  "it is transfer, resource_pack, channel.to_server, "
                                  "channel.to_client, cookie.store, cookie.request or reveal"));
}

static char *read_server(const char *text, struct deed *out)
{
    struct slice host;

    if (!host_split(slice_str(text), &host, &out->port))
        return mem_format("\"%s\" is no server; write it as \"play.example.net\" or "
                          "\"play.example.net:25565\"",
                          text);
    if (out->port == 0)
        out->port = GAME_PORT;
    out->name = host_normal(host);
    return NULL;
}

static char *read_pack(const char *text, struct deed *out)
{
    out->name = url_host(slice_str(text), &out->port);
    return out->name ? NULL
                     : mem_format("\"%s\" is no web address; write it as "
                                  "\"https://example.net/pack.zip\"",
                                  text);
}

char *deed_read(const char *word, const char *text, struct deed *out)
{
    char *mistake;

    *out = (struct deed){0};
    mistake = read_act(word, &out->act);
    if (mistake)
        return mistake;
    if (out->act == ACT_TRANSFER)
        return read_server(text, out);
    if (out->act == ACT_RESOURCE_PACK)
        return read_pack(text, out);
    out->name = mem_strdup(text);
    return NULL;
}

void deed_free(struct deed *deed)
{
    free(deed->name);
    *deed = (struct deed){0};
}

bool deed_is_allowed(const struct deed *deed, const struct acts *acts)
{
    return act_is_named(deed->act) ? acts_allow_name(acts, deed->act, slice_str(deed->name))
                                   : acts_allow_host(acts, deed->act, deed->name, deed->port);
}
