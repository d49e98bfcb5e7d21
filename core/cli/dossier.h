/*
 * Everything that is held of one player, gathered for people and for machines.
 */
#ifndef SEKISHO_CLI_DOSSIER_H
#define SEKISHO_CLI_DOSSIER_H

#include "cli/desk.h"

/* Who it is, consents, values, requests. Returns owned; NULL with an entry in the desk's diag. */
json_t *dossier_new(struct desk *desk, const struct store_person *person);

/*
 * The export that a player gets: the same, with the texts that the consents cite, the entries of
 * the ledger, and how consent records map to ISO/IEC TS 27560. Returns owned, or NULL likewise.
 */
json_t *dossier_export(struct desk *desk, const struct store_person *person);

void dossier_print(const json_t *dossier, FILE *out);

/* One request on a line, from its object. */
void dossier_print_request(const json_t *request, FILE *out);

#endif
