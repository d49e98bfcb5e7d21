/*
 * The state of the operation as Markdown, for those who review it: numbers, and nobody's values.
 */
#ifndef SEKISHO_CLI_REPORT_H
#define SEKISHO_CLI_REPORT_H

#include "base/diag.h"
#include "conf/conf.h"
#include "policy/policies.h"

#include <stdio.h>

/*
 * Reads rules and store, asks a running Sekisho what only that knows, and writes the report.
 * Returns 0, or an error with entries in `diag`.
 */
int report_write(const struct conf *conf, const struct policies *policies, struct diag *diag,
                 FILE *out) __attribute__((warn_unused_result));

/*
 * When the next review is due, a wall time; INT64_MAX: nothing is recorded yet. Returns 0, or an
 * error with an entry in `diag`.
 */
int report_due(const struct conf *conf, struct diag *diag, int64_t *out_ms)
    __attribute__((warn_unused_result));

/* "the review was due on 2026-11-28: ..." for who has to be told, owned; NULL: it is not overdue.
 */
char *report_overdue(int64_t due_ms);

#endif
