/*
 * Who may do what: config/permissions.lua, as an admin wrote it. A permission is a name with dots,
 * as "hub.use"; groups of players have some, and may inherit those of other groups.
 *
 *   return {
 *     groups = { staff = { inherits = { "helper" }, permissions = { "staff.*", "-staff.op" },
 *                          members = { "069a79f4-44e9-4726-a5be-fca90e38aaf5", "Notch" } },
 *                helper = { permissions = { "staff.find" } } },
 *     default = { "hub.*" },
 *   }
 *
 * Of all entries of a player's groups that fit a permission the most specific one decides: the name
 * itself before "staff.*" before "*". Among equal ones, that of the nearer group, a group being
 * nearer than what it inherits, and everything nearer than `default`; then one that takes away.
 */
#ifndef SEKISHO_IDENTITY_PERMISSIONS_H
#define SEKISHO_IDENTITY_PERMISSIONS_H

#include "conf/conf.h"
#include "identity/profile.h"

#include <stdio.h>

struct permissions;

/*
 * Reads the file that the configuration names, or the usual one, which need not be there. Returns 0
 * and an owned snapshot, or ERR_INVALID with all that is wrong in `diag`, in which no member is
 * named; then `*out` is NULL.
 */
int permissions_load(const struct conf *conf, struct diag *diag, struct permissions **out)
    __attribute__((warn_unused_result));
void permissions_free(struct permissions *permissions);

/*
 * Whether the player has it; NULL: nobody has any. A member by name is one only with a proven
 * identity: an unproven one is known by the UUID alone that its name leads to.
 */
bool permission_allows(const struct permissions *permissions, const struct profile *profile,
                       const char *permission);

/* As permissions are written, without "-" and "*". */
bool permission_is_name(const char *text);

/* The file that was read; NULL: there is none. Borrowed. */
const char *permissions_path(const struct permissions *permissions);

bool permissions_same(const struct permissions *a, const struct permissions *b);

/* What an operator should know of it, or NULL. Returns borrowed static text. */
const char *permissions_warning(const struct permissions *permissions, enum conf_auth auth);

/* `sekisho check`: a line, and one for each group. */
void permissions_print(const struct permissions *permissions, FILE *out);

#endif
