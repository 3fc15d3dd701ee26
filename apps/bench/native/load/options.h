// What the command line asks for.
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdint.h>

#include "process.h"

struct options {
  const char *scenario;
  int port, control;
  struct process server;
  const char *path;
  const char *post;
  const char *last_event_id;
  int64_t connections, channels, concurrency, expect, times, stalled, readers;
  int64_t timeout, settle, hold; // nanoseconds
};

/** Reads the command line, with the defaults that apps/bench/README.md tells; fails with the usage. */
void options_read(struct options *options, int count, char **words);

#endif
