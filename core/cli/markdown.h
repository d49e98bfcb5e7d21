/*
 * Texts of others in what is printed as Markdown.
 */
#ifndef SEKISHO_CLI_MARKDOWN_H
#define SEKISHO_CLI_MARKDOWN_H

#include <stdio.h>

/* On one line, as it is: what Markdown, HTML or a terminal would take for a command is not one. */
void markdown_text(const char *text, FILE *out);

#endif
