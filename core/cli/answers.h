/*
 * What comes back of a plugin's requests in a test, where nothing leaves this machine; and what was
 * asked.
 */
#ifndef SEKISHO_CLI_ANSWERS_H
#define SEKISHO_CLI_ANSWERS_H

#include "plugin/api.h"

#include <jansson.h>

struct plugins;

/* Of one test. {0}: no answers. */
struct answers {
    json_t *by_url; /* as http_answers was given them */
    json_t *asked;  /* a list: method, url, headers, body, json */
};

/* Answers what was asked since the last time. */
void answers_give(struct answers *answers, struct plugins *host);
void answers_clear(struct answers *answers);

int answers_word(lua_State *lua);       /* http_answers { ... } */
int answers_word_asked(lua_State *lua); /* http_asked() */

#endif
