/*
 * Identity in offline mode: a name that was claimed, and the UUID that vanilla derives from it.
 * It proves nothing.
 */
#ifndef SEKISHO_IDENTITY_OFFLINE_H
#define SEKISHO_IDENTITY_OFFLINE_H

#include "base/slice.h"
#include "base/uuid.h"

#include <stdbool.h>

/*
 * 1 to 16 printable ASCII characters other than space, quotes and slashes: more than vanilla's
 * letters, digits and underscore, since bridges from other editions prefix names with a sign.
 */
bool identity_name_valid(struct slice name);

/* The version 3 UUID of "OfflinePlayer:" and the name, case and all. */
void identity_offline_uuid(struct slice name, struct uuid *out);

#endif
