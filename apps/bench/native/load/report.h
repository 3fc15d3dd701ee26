// The one line of JSON that a scenario prints.
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

#include "process.h"
#include "streams.h"

/** The clocks over the time that is measured, in nanoseconds. */
struct clocks {
  int64_t server, client, elapsed;
};

void clocks_start(struct clocks *clocks, const struct process *server);
void clocks_stop(struct clocks *clocks, const struct process *server);

/** Begins with what every scenario prints. */
void report_begin(const struct streams *streams, int64_t connections, const struct clocks *clocks);

void report_number(const char *name, int64_t value);

/** A number, or null where it is negative. */
void report_known(const char *name, int64_t value);

void report_numbers(const char *name, const int64_t *values, int64_t count);

/** `latency`, of all that latency_take has taken. */
void report_latency(void);

void report_end(void);

#endif
