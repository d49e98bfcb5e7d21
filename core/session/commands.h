/*
 * The commands that Sekisho answers itself: what a player types of them never reaches a server. A
 * worker has a list of them; its own, /server and /privacy, are always there, others come and go
 * while players play.
 *
 * What they take is declared, so that it is checked, completed, and shown by the client before any
 * of them runs.
 */
#ifndef SEKISHO_SESSION_COMMANDS_H
#define SEKISHO_SESSION_COMMANDS_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct session;

enum {
    COMMAND_NAME_BYTES_MAX = 64,
    COMMAND_ALIASES_MAX = 16,
    COMMAND_ARGUMENTS_MAX = 16,
};

enum argument_kind {
    ARGUMENT_NONE = 0,
    ARGUMENT_WORD,
    ARGUMENT_INTEGER,
    ARGUMENT_PLAYER, /* who plays, by the name under which the asker's server knows them */
    ARGUMENT_PERSON, /* the same, or any word: somebody who is away, a UUID */
    ARGUMENT_SERVER, /* a configured one */
    ARGUMENT_CHOICE, /* one of some words, in any case */
    ARGUMENT_TEXT,   /* all the rest of the line; the last one */
};

struct argument {
    const char *name;
    enum argument_kind kind;
    bool optional;            /* and so are all behind it */
    bool completes;           /* WORD, first one of a TEXT: the command knows words for it */
    int32_t min, max;         /* INTEGER, both included */
    const char *const *words; /* CHOICE */
    size_t word_count;
};

struct argument_value {
    bool given;
    struct slice text;      /* as typed; borrowed for the call */
    int32_t number;         /* INTEGER */
    size_t index;           /* SERVER: in conf->servers; CHOICE: in its words */
    struct session *player; /* PLAYER; PERSON, or NULL; borrowed for the call */
};

/* Where the player has to be for it. */
enum command_place {
    COMMAND_AT_GATE = 1, /* also on the way to a server */
    COMMAND_WAITING = 2, /* in the waiting room, having accepted */
    COMMAND_IN_GAME = 4,
};

struct completion;

struct command {
    const char *name; /* without its slash */
    const char *const *aliases;
    size_t alias_count;
    unsigned places;         /* bits of enum command_place */
    const char *description; /* for who typed it wrongly; NULL: none */
    const char *permission;  /* NULL: everybody may */
    const struct argument *arguments;
    size_t argument_count;
    const char *owner; /* "the plugin greeter": for who wants its name */
    void *context;     /* the owner's */

    /* One of the two. `values` has an entry for each argument. */
    void (*run)(const struct command *command, struct session *session,
                const struct argument_value *values);
    /* Reads what stands behind the name itself; a space is at neither end of it. */
    void (*run_line)(struct session *session, struct slice rest);

    /*
     * Names words for the argument of this number, which `completes`, by completion_add. True: it
     * takes `into`, and calls completion_end when it has named them, now or later.
     */
    bool (*complete)(const struct command *command, struct session *session, size_t argument,
                     struct completion *into);
};

struct commands;

/* Returns owned, with Sekisho's own. */
struct commands *commands_new(void);
void commands_free(struct commands *commands);

/*
 * Keeps `command` until commands_remove. Returns 0, or ERR_INVALID with `*why`: what is wrong with
 * it and what to do about it, owned. Names that are taken are never taken over.
 */
int commands_add(struct commands *commands, const struct command *command, char **why)
    __attribute__((warn_unused_result));

/* What commands_add would say if the commands of `passed` (as `owner`) were not there. */
int commands_check(const struct commands *commands, const struct command *command,
                   const char *passed, char **why) __attribute__((warn_unused_result));

/* Also while it runs. One that is not there is passed over. */
void commands_remove(struct commands *commands, const struct command *command);

/* By its name or another one for it, in any case; NULL: there is none. */
const struct command *commands_find(const struct commands *commands, struct slice name);

/* Whether the line, without its slash, answers Sekisho in the player's name: "/accept", "/privacy".
 */
bool command_answers(struct slice line);

/* NULL behind the last. */
const struct command *commands_at(const struct commands *commands, size_t index);

/* Its words of this number: SERVER's are the configured names. NULL behind the last. */
const char *argument_word(const struct conf *conf, const struct argument *argument, size_t index);

/* completion.c: offers a word, if it begins as what was typed. */
void completion_add(struct completion *completion, struct slice word);
/* What was typed of the argument of this number, up to the one that is completed. */
struct slice completion_word(const struct completion *completion, size_t argument);
/* Answers, unless the player asked for another one since or is somewhere else. Takes it. */
void completion_end(struct completion *completion);

extern const struct command servers_command; /* servers.c: /server */
extern const struct command privacy_says;    /* privacy.c: /privacy */

#endif
