// What is asked for, and what is answered at once.
#ifndef REQUESTS_H
#define REQUESTS_H

#include <stdbool.h>

#include "client.h"
#include "publishing.h"

/** The server, as far as requests matter to it. */
struct site {
  int epoll;
  struct audience audience;
  struct publishing publishing;
};

/** Reads what has come; answers when that is a whole head. False when the client is gone, or answered for good. */
bool request_read(struct site *site, struct client *client);

#endif
