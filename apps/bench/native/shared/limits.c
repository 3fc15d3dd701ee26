#include "limits.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "fail.h"

// For the commands, the clocks and the standard streams.
#define OTHER_FILES 16

void allow_connections(int64_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit: %s", strerror(errno));
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit: %s", strerror(errno));
  if (limit.rlim_cur != RLIM_INFINITY && (rlim_t)wanted + OTHER_FILES > limit.rlim_cur)
    fail("%lld connections are more than the system allows (ulimit -Hn: %llu)", (long long)wanted,
         (unsigned long long)limit.rlim_cur);
}
