#include "cli/plugin_look.h"

#include "plugin/folder.h"
#include "plugin/host.h"
#include "session/worker.h"

/* The loop has no turn: no timer is due, and nobody comes. */
void plugin_look(const struct conf *conf, struct policies *policies,
                 void (*print)(const struct plugins *host, FILE *out), struct diag *diag)
{
    static const uint8_t no_key[RULES_KEY_BYTES]; /* pseudonyms are not made */
    struct diag told_elsewhere = {0};
    struct worker *worker;
    uv_loop_t loop;

    uv_loop_init(&loop);
    worker = worker_new(&loop, conf, policies);
    (void)!ruleset_load(conf, policies, no_key, &told_elsewhere, &worker->ruleset);
    diag_free(&told_elsewhere);
    worker->plugins = plugins_new(worker, conf->plugins);
    worker->plugins->only_looks = true;
    folder_refresh(worker->plugins, NULL, diag, NULL);
    print(worker->plugins, stdout);
    plugins_close(worker->plugins);
    uv_run(&loop, UV_RUN_DEFAULT);
    worker->policies = NULL;
    worker_free(worker);
    uv_loop_close(&loop);
}
