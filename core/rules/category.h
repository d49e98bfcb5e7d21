/*
 * The few kinds that the values of a field fall into: what statistics ask, and no more.
 */
#ifndef SEKISHO_RULES_CATEGORY_H
#define SEKISHO_RULES_CATEGORY_H

#include "base/buf.h"
#include "rules/field.h"

/* Appends the category of a value whose field has them. */
void category_put(const struct field_value *value, struct buf *out);

#endif
