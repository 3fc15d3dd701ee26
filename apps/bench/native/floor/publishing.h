// What `POST /publish` asks for, done turn by turn.
#ifndef PUBLISHING_H
#define PUBLISHING_H

#include <stdint.h>

#include "client.h"

struct publishing {
  int64_t turns, burst, gap, pad, channels;
  int64_t done;      // turns
  int64_t next;      // when the next turn is due, on the monotonic clock
  int64_t published; // events, of all channels
};

/**
 * Begins anew, with the values of the query.
 *
 * @param query - what stands behind the question mark; may be empty
 */
void publishing_begin(struct publishing *publishing, const char *query);

/** Milliseconds until a turn is due, as epoll_wait has it; -1 when there is none. */
int publishing_wait(const struct publishing *publishing);

/** Does the turn that is due, if there is one: the events of a channel in one chunk, one send a client. */
void publishing_turn(struct publishing *publishing, int epoll, struct audience *audience);

#endif
