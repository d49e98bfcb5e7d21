/*
 * `sekisho reload` and `sekisho shadow`: questions to the Sekisho that runs with this
 * configuration.
 */
#include "cli/cli.h"
#include "cli/control.h"

#include <stdlib.h>

static int ask(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    int status = EXIT_FAILURE;

    if (cli_options(argc, argv, 0, &options) < 0)
        return EXIT_FAILURE;
    /* A mistake elsewhere in it is the other side's to tell. */
    (void)!conf_load(options.conf_path, &diag, &conf);
    if (conf)
        status = control_ask(conf->control, argv[0]);
    else
        diag_print(&diag, stderr);
    diag_free(&diag);
    conf_free(conf);
    return status;
}

int cli_reload(int argc, char **argv)
{
    return ask(argc, argv);
}

int cli_shadow(int argc, char **argv)
{
    return ask(argc, argv);
}
