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

    if (cli_options(argc, argv, 0, &options) < 0)
        return EXIT_FAILURE;
    return control_ask(options.conf_path, argv[0]);
}

int cli_reload(int argc, char **argv)
{
    return ask(argc, argv);
}

int cli_shadow(int argc, char **argv)
{
    return ask(argc, argv);
}
