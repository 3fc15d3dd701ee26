// Lines out of bytes that may break off anywhere.
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * How much of a line that comes in pieces is kept; what follows is passed over. All that is looked for
 * stands at the beginning: the names of heads, and the members of a tick before its pad.
 */
#define LINE_KEPT 512

/** How far a line has come. Zeros are a line that begins. */
struct line {
  uint32_t carried;
};

/**
 * Takes the next line that ends in `*from` up to `end`, without LF or CR LF, and moves `*from` behind it.
 * Where none ends, the beginning is put into `carry`, which holds LINE_KEPT bytes and belongs to the line.
 */
bool line_next(struct line *line, char *carry, const char **from, const char *end,
               const char **text, size_t *length);

#endif
