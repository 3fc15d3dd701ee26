// Those who are connected, and what has not fitted into their sockets.
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_SIZE 4096

struct client {
  int descriptor;
  bool commands;     // came in on the control port
  bool last;         // is closed when all is sent
  bool writes;       // is waited for until its socket takes more
  int64_t channel;   // of `/fan/:channel`; NO_CHANNEL, FAN or IDLE
  size_t place;      // among the streams
  size_t requested;  // bytes of `request`, which is NULL when the head is read
  char *request;
  char *queue;
  size_t queued, sent, room;
};

enum { NO_CHANNEL = -3, IDLE = -2, FAN = -1 };

/** Those who have a stream, in no order. */
struct audience {
  struct client **all;
  size_t count, room;
};

void client_accept(int epoll, int listener, bool commands);

/** Makes it one of the audience. */
void client_join(struct audience *audience, struct client *client, int64_t channel);

/** Sends at once what the socket takes, and keeps the rest. False when the client is gone. */
bool client_send(int epoll, struct client *client, const char *bytes, size_t length);

/** Sends on, when the socket takes more. False when the client is gone. */
bool client_flush(int epoll, struct client *client);

/** Closes and frees it. */
void client_leave(struct audience *audience, struct client *client);

#endif
