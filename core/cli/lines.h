/*
 * Two texts compared line by line, for people: what went and what came, and where.
 */
#ifndef SEKISHO_CLI_LINES_H
#define SEKISHO_CLI_LINES_H

#include <stdio.h>

/*
 * Prints "@@ line N" (of `after`) before each run of differing lines, then those that went with a
 * "-" and those that came with a "+" in front. Prints nothing for equal texts. Texts that differ in
 * thousands of lines are told as one run, rather than by the fewest lines.
 */
void lines_diff(const char *before, const char *after, FILE *out);

#endif
