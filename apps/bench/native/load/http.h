// HTTP/1.1 answers (RFC 9112): the head, and the bytes of the body out of its chunks.
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_state {
  HTTP_STATUS,      // the first line is awaited
  HTTP_FIELDS,      // further lines of the head
  HTTP_UNTIL_CLOSE, // a body without chunks
  HTTP_CHUNK,       // before the first digit of a chunk's length
  HTTP_SIZE,        // behind a digit of it
  HTTP_EXTENSION,   // behind the length, up to the line's end
  HTTP_DATA,        // within a chunk
  HTTP_DATA_END,    // the line end behind a chunk
  HTTP_TRAILERS,    // behind the last chunk, at the beginning of a line
  HTTP_TRAILER,     // within a trailer
  HTTP_END,
};

/** How far an answer has come. Zeros are one that begins. */
struct http {
  uint8_t state;
  bool chunked;
  uint16_t status;
  uint64_t left; // bytes of the chunk
};

static inline bool http_has_head(const struct http *http) { return http->state > HTTP_FIELDS; }

/** Takes a line of the head; fails the measurement when it is no HTTP. */
void http_head_line(struct http *http, const char *text, size_t length);

/** Moves `*from` behind the next piece of the body, which it gives; false when there is none. */
bool http_body(struct http *http, const char **from, const char *end, const char **piece,
               size_t *length);

#endif
