// How long something took, many times: a histogram whose cells are at most 0.4 % wide.
#ifndef LATENCY_H
#define LATENCY_H

#include <stdint.h>

/** Takes one, in nanoseconds. */
void latency_take(int64_t nanoseconds);

/** The value that `share` of all do not exceed, in nanoseconds; 0 without any. */
int64_t latency_at(double share);

int64_t latency_max(void);

#endif
