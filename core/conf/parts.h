/*
 * Between the files of this room: values that several tables of the configuration have.
 */
#ifndef SEKISHO_CONF_PARTS_H
#define SEKISHO_CONF_PARTS_H

#include "conf/conf.h"
#include "script/table_reader.h"

#define CONF_COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Reads the address on the top of the stack into a struct conf_address. */
void conf_read_address(struct table_reader *reader, void *into);

/* The same of an address of this machine, to listen on: a number. */
void conf_read_own_address(struct table_reader *reader, void *into);

/* An address that is mandatory got either a value or, since `complaints`, a complaint. */
void conf_want_address(struct table_reader *reader, const struct conf_address *address,
                       size_t complaints);

/* A web address in the form of url_normal, without a slash at its end, owned; NULL after a
 * complaint. */
char *conf_read_url(struct table_reader *reader, const char *expected);

struct conf_choice {
    const char *name;
    int value;
};

/* One of these words; `out` is left as it is when it is another one. */
void conf_read_choice(struct table_reader *reader, const struct conf_choice *choices, size_t count,
                      int *out);

/* The table of servers, into a struct conf. */
void conf_read_servers(struct table_reader *reader, void *into);
void conf_free_server(struct conf_server *server);

/* The file of a server that needs a secret and names none. */
void conf_fill_in_secret(struct conf_server *server, const char *path);

/* erasure.c: the table `on_erasure`, into a struct conf_server. */
void conf_read_on_erasure(struct table_reader *reader, void *into);
void conf_free_on_erasure(struct conf_on_erasure *on_erasure);

/* private.c: what the file names is added to the usual ones. */
void conf_read_private_commands(struct table_reader *reader, void *into);
void conf_add_usual_private_commands(struct conf *conf);
void conf_free_private_commands(struct conf *conf);

/* upkeep.c: what is published, and how often a person looks at it all. */
void conf_read_statistics(struct table_reader *reader, void *into);
void conf_read_review(struct table_reader *reader, void *into);
void conf_free_statistics(struct conf *conf);

#endif
