/*
 * Web addresses that stand in a text as they are, with nothing around them to say where they end.
 */
#ifndef SEKISHO_POLICY_BARE_URL_H
#define SEKISHO_POLICY_BARE_URL_H

#include "base/slice.h"

/*
 * The first "http://..." or "https://..." in `text` that does not follow an ASCII letter or digit;
 * empty, at the end of `text`, where there is none. It is ASCII, so that text in other scripts may
 * stand right before and behind it, and ends before the marks that close a sentence or a bracket
 * around it. Borrowed from `text`.
 */
struct slice bare_url_find(struct slice text);

#endif
