#include "plugin/reader.h"

#include "plugin/host.h"
#include "plugin/messages.h"

#include <stdlib.h>

/* Where plugins are only looked at, and the rules have mistakes, there are none. */
static size_t server_count(const struct plugin *plugin)
{
    const struct ruleset *set = plugin->host->worker->ruleset;

    return set ? set->count : 0;
}

bool reader_of_field(const struct plugin *plugin, size_t server, const struct plugin_read *read)
{
    const struct rules *rules = worker_rules(plugin->host->worker, server);
    char *name = act_reveal_name(read->field, plugin->name, read->purpose);
    bool is = acts_allow_name(rules_acts(rules), ACT_REVEAL, slice_str(name));

    free(name);
    return is;
}

static bool reads_itself(const struct plugin *plugin)
{
    for (size_t server = 0; server < server_count(plugin); server++)
        for (size_t i = 0; i < plugin->read_count; i++)
            if (reader_of_field(plugin, server, &plugin->reads[i]))
                return true;
    return false;
}

/* Each is looked at once: plugins may listen to each other in circles. */
static bool reads(struct plugin *plugin)
{
    plugin->looked_at = true;
    if (reads_itself(plugin))
        return true;
    for (struct plugin *each = plugin->host->first; each; each = each->next)
        if (!each->looked_at && message_listens(plugin, each) && reads(each))
            return true;
    return false;
}

bool reader_is(struct plugin *plugin)
{
    for (struct plugin *each = plugin->host->first; each; each = each->next)
        each->looked_at = false;
    return reads(plugin);
}

void reader_print_servers(const struct plugin *plugin, const struct plugin_read *read, FILE *out)
{
    const char *before = ", in plain on ";

    for (size_t server = 0; server < server_count(plugin); server++) {
        if (!reader_of_field(plugin, server, read))
            continue;
        fprintf(out, "%s%s", before, plugin->host->worker->conf->servers[server].name);
        before = ", ";
    }
}

void reader_print_host(struct plugin *plugin, const struct plugin_host *host, FILE *out)
{
    fprintf(out, "  talks to %s", host->pattern);
    if (host->purpose)
        fprintf(out, ", with data of players for %s", host->purpose);
    if (reader_is(plugin))
        fprintf(out, host->purpose
                         ? ": of one player at a time, through the ledger"
                         : ": nothing can be asked there, since the plugin reads players in plain");
    fputc('\n', out);
}

void readers_print(const struct plugins *host, FILE *out)
{
    for (struct plugin *plugin = host->first; plugin; plugin = plugin->next) {
        if (!reader_is(plugin))
            continue;
        fprintf(out, "plugin %s: reads players in plain%s\n", plugin->name,
                reads_itself(plugin) ? "" : ", as a plugin tells it that it listens to");
        for (size_t i = 0; i < plugin->host_count; i++)
            reader_print_host(plugin, &plugin->hosts[i], out);
        if (plugin->host_count == 0)
            fprintf(out, "  talks to no other machine\n");
    }
}
