/*
 * What a server may do to a client: send it to another server, keep cookies in it and ask for them,
 * talk to its mods over plugin channels, have it load resource packs; and what plugins may read in
 * plain of its players. Denied is what no rule names, but for channels.def. Where several rules
 * fit, the most exact one decides.
 */
#ifndef SEKISHO_RULES_ACTS_H
#define SEKISHO_RULES_ACTS_H

#include "base/diag.h"
#include "base/slice.h"
#include "policy/policy.h"
#include "rules/field.h"
#include "script/script.h"

#include <stdbool.h>
#include <stdio.h>

enum act {
    ACT_NONE = 0,
    ACT_TO_SERVER, /* a message on a plugin channel; the first two share their rules */
    ACT_TO_CLIENT,
    ACT_STORE_COOKIE, /* as do these */
    ACT_REQUEST_COOKIE,
    ACT_TRANSFER,
    ACT_RESOURCE_PACK,
    ACT_REVEAL, /* of a field to a plugin for a purpose, in the form of act_reveal_name */
    ACTS,
};

/* For a log line. Returns borrowed static text. */
const char *act_name(enum act act);

/* As rules and their tests write it: "channel.to_server". Returns borrowed static text. */
const char *act_word(enum act act);

/* ACT_NONE when it is no such word. */
enum act act_by_word(const char *word);

/* Whether it is about a channel, a cookie or a field, which has a name, and not a host. */
bool act_is_named(enum act act);

/* "chat.message:filter:service". Returns owned. */
char *act_reveal_name(enum field field, const char *plugin, const char *purpose);

/* The rules of one server. Life: acts_new, act_words_* fill it, then it is immutable; acts_free. */
struct acts;
struct acts *acts_new(void); /* returns owned */
void acts_free(struct acts *acts);

/*
 * Adds a rule: `acts` (bit ACT of each) of what `pattern` names are allowed if they are in
 * `allowed`. `port` is 0 for any. Returns NULL, or the rule that stands already.
 */
struct act_rule {
    unsigned acts, allowed;
    const char *pattern; /* borrowed for the call */
    int port;
    struct script_place place;
};
const struct act_rule *acts_add(struct acts *acts, const struct act_rule *rule);

/* All rules by their number; NULL behind the last. A line of 0: it stands on every server. */
const struct act_rule *acts_rule(const struct acts *acts, size_t index);

/* The rule that decides about something; borrowed until acts_free. NULL: there is none. */
const struct act_rule *acts_find_name(const struct acts *acts, enum act act, struct slice name);
const struct act_rule *acts_find_host(const struct acts *acts, enum act act, const char *host,
                                      int port);

/* Whether a channel is one of channels.def, where the game and mod loaders talk. */
bool acts_is_games_channel(struct slice name);

/* A channel or a cookie by the name that identifies it. */
bool acts_allow_name(const struct acts *acts, enum act act, struct slice name);

/* A server or a web site by its host in the form of host_normal. */
bool acts_allow_host(const struct acts *acts, enum act act, const char *host, int port);

/*
 * Whether all is allowed that a rule's pattern stands for, but for what a more exact one names:
 * that has its own turn.
 */
bool acts_cover(const struct acts *acts, enum act act, const struct act_rule *rule);

/*
 * The rule of `mine` about a cookie that one of the two servers may store and the other one
 * request; borrowed until acts_free. NULL: there is none.
 */
const struct act_rule *acts_share_cookie(const struct acts *mine, const struct acts *other);

/*
 * Calls `found` with each rule of either for what its pattern stands for and only one of them
 * allows: `more` when that is `after`.
 */
void acts_compare(const struct acts *before, const struct acts *after,
                  void (*found)(void *owner, enum act act, const struct act_rule *rule, bool more),
                  void *owner);

/* `sekisho check`: a line a rule. */
void acts_print(const struct acts *acts, FILE *out);

/* The words of a rule file: what their reading needs, while the script runs. */
struct act_words {
    struct acts *acts;
    struct diag *diag;
    const struct policy *policy;
    const char *pending; /* a word that has its name, and waits for its table */
    const char *pending_example;
    struct script_place pending_place;
};
void act_words_offer(struct act_words *words, lua_State *lua);
void act_words_end(struct act_words *words, lua_State *lua); /* the script has run */

#endif
