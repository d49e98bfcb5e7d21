/*
 * What a pretended player sees: packets of texts, read into the client's. Layouts of 1.12.2,
 * without the number in front.
 */
#ifndef SEKISHO_CLI_PRETEND_SCREEN_H
#define SEKISHO_CLI_PRETEND_SCREEN_H

#include "cli/pretend.h"
#include "protocol/wire.h"

void pretend_see_chat(struct pretend_client *client, struct reader *reader);
void pretend_see_title(struct pretend_client *client, struct reader *reader);
void pretend_see_boss_bar(struct pretend_client *client, struct reader *reader);
void pretend_see_tab_list(struct pretend_client *client, struct reader *reader);
void pretend_see_goodbye(struct pretend_client *client, struct reader *reader); /* and is gone */

/* A string of JSON. Returns owned; NULL: it is none. */
json_t *pretend_read_component(struct reader *reader);

#endif
