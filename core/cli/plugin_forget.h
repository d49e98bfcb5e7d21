/*
 * `sekisho plugins forget NAME`: erases all that a plugin keeps, which does not run any more.
 */
#ifndef SEKISHO_CLI_PLUGIN_FORGET_H
#define SEKISHO_CLI_PLUGIN_FORGET_H

/* Says what was done, or on stderr why not. Returns the exit status. */
int plugin_forget(const char *conf_path, const char *name);

#endif
