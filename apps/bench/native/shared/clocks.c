#include "clocks.h"

#include <time.h>

static int64_t read_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000 * MILLISECOND + time.tv_nsec;
}

int64_t now(void) { return read_clock(CLOCK_MONOTONIC); }

int64_t own_cpu(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

void pause_for(int64_t nanoseconds) {
  int64_t until = now() + nanoseconds;
  struct timespec time = {.tv_sec = until / (1000 * MILLISECOND),
                          .tv_nsec = until % (1000 * MILLISECOND)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) continue;
}
