// Clocks, all in nanoseconds.
#ifndef CLOCKS_H
#define CLOCKS_H

#include <stdint.h>

#define MILLISECOND INT64_C(1000000)

/** The monotonic clock, which is that of Node's `process.hrtime`. */
int64_t now(void);

/** Processor time of this process. */
int64_t own_cpu(void);

/** Waits so long without doing anything. */
void pause_for(int64_t nanoseconds);

#endif
