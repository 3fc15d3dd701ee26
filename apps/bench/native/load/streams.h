// The streams that are open: many connections in one thread, read as their bytes come.
#ifndef STREAMS_H
#define STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"
#include "line.h"
#include "order.h"
#include "sse.h"

/** One connection, kept small: thousands are gone through again and again. */
struct stream {
  int descriptor; // -1 when closed
  bool ended;     // by the server
  struct http http;
  struct line line;
  struct sse sse;
  struct order order;
  uint64_t events; // that had not come before
  int64_t started; // when it was opened
};

struct streams {
  int port;
  int64_t timeout;
  const char *path;
  const char *last_event_id; // sent where it is set
  int64_t channels;          // above 1: stream i joins /path/(i % channels)
  int receive_buffer;        // bytes, or 0 for the system's choice
  uint64_t first;            // the number of a stream's first event; 0: that of the first that comes
  uint64_t expect;           // events that a stream is to bring, or 0
  struct sse_id *id;         // where the id of the first event is put, or NULL
  /** Called when a stream has brought an event that had not come before. */
  void (*on_event)(struct streams *streams, struct stream *stream, int64_t at);

  int epoll;
  int64_t count;
  struct stream *all;
  char *carries; // LINE_KEPT bytes for each stream
  char *buffer;

  struct order_totals order;
  int64_t head_at; // when the latest head came
  int64_t heads, events, comments, bytes, reads;
  int64_t ended;    // by the server
  int64_t finished; // have brought all, or were ended before

};

/** Makes room for so many; the settings at the top are the caller's to make, before and after. */
void streams_init(struct streams *streams, int64_t count);

/** Opens the stream `index` anew. */
void stream_open(struct streams *streams, int64_t index);

/** Reads it no more; it stays open. */
void stream_stop(struct streams *streams, struct stream *stream);

/** Closes it from here. */
void stream_close(struct stream *stream);

/**
 * Opens all that are not open, 64 under way at a time so that no queue overflows, and waits for their heads.
 * Some servers send no head before the first event: where none comes for a second, it waits no longer.
 */
void streams_open(struct streams *streams);

/** Waits up to `until` for something to read, and reads it. */
void streams_read(struct streams *streams, int64_t until);

/** Reads whatever comes until then. */
void streams_read_for(struct streams *streams, int64_t nanoseconds);

/** Whether each stream has brought what it was to bring, or has been ended by the server. */
static inline bool streams_are_done(const struct streams *streams) {
  return streams->finished >= streams->count;
}

/**
 * Reads until that is so, or time is over. Where later events have come and earlier ones have not, it
 * waits half a second for them.
 */
void streams_read_all(struct streams *streams);

/** Counts as lost what the stream was to bring and has not. */
void stream_missing(struct streams *streams, const struct stream *stream);

/** Closes all, and gives back what streams_init took. The numbers stay. */
void streams_free(struct streams *streams);

#endif
