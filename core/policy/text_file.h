/*
 * One language's Markdown file: read, checked, hashed, taken apart.
 */
#ifndef SEKISHO_POLICY_TEXT_FILE_H
#define SEKISHO_POLICY_TEXT_FILE_H

#include "base/diag.h"
#include "policy/policy.h"

/*
 * Fills title, Markdown, hash and document of `text`, whose language is set. YAML front matter may
 * give the title; else it is the first heading, else NULL. What is wrong becomes an entry in
 * `diag`.
 */
void text_file_load(const char *path, struct diag *diag, struct policy_text *text);

#endif
