// The lines of an event stream (WHATWG HTML, "Parsing an event stream"), as far as they matter here.
#ifndef SSE_H
#define SSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a line has brought. */
enum sse_kind {
  SSE_NOTHING,
  SSE_COMMENT,
  SSE_TICK, // an event whose data has the members "n" and "t", at the empty line that ends it
};

/** The event that is being read. Zeros are none. */
struct sse {
  uint64_t n;
  int64_t t;
  bool pending;
};

#define SSE_ID_KEPT 256

/** The last id; only a connection that asks for it has one. */
struct sse_id {
  char text[SSE_ID_KEPT];
};

/**
 * Takes a line. Of the data the first LINE_KEPT bytes are searched: a peer may wrap the payload, but what
 * makes an event long comes last.
 *
 * @param id - where an id is kept, or NULL
 */
enum sse_kind sse_line(struct sse *sse, const char *text, size_t length, struct sse_id *id);

#endif
