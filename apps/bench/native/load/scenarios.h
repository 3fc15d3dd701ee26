// What the load client can do; apps/bench/README.md says what each of them prints.
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "commands.h"
#include "options.h"
#include "streams.h"

void scenario_fan(const struct options *options);
void scenario_idle(const struct options *options);
void scenario_open(const struct options *options);
void scenario_replay(const struct options *options);
void scenario_stall(const struct options *options);
void scenario_leave(const struct options *options);

/** Streams as the options ask for them. */
static inline struct streams streams_of(const struct options *options, const char *path) {
  return (struct streams){.port = options->port,
                          .timeout = options->timeout,
                          .path = options->path != NULL ? options->path : path,
                          .channels = options->channels,
                          .first = 1};
}

static inline struct commands commands_of(const struct options *options) {
  return (struct commands){.port = options->control, .timeout = options->timeout};
}

#endif
