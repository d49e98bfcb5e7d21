/*
 * The plugins of a configuration that does not run: read and checked, with nothing done.
 */
#ifndef SEKISHO_CLI_PLUGIN_LOOK_H
#define SEKISHO_CLI_PLUGIN_LOOK_H

#include "conf/conf.h"
#include "plugin/folder.h"
#include "policy/policies.h"

/* Prints by `print`, which is told of all that loads; what does not is told in `diag`. */
void plugin_look(const struct conf *conf, struct policies *policies,
                 void (*print)(const struct plugins *host, FILE *out), struct diag *diag);

#endif
