#include "process.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clocks.h"
#include "fail.h"

typedef int64_t measure(pid_t pid);

static int64_t cpu_of(pid_t pid) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
    fail("the server's process %d is gone", (int)pid);
  return (int64_t)time.tv_sec * 1000 * MILLISECOND + time.tv_nsec;
}

// Not statm: its count is allowed to lag behind by some pages for each processor.
static int64_t rss_of(pid_t pid) {
  char path[64], line[256];
  long kilobytes = -1;
  snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("cannot read %s: is the server still there?", path);
  while (kilobytes < 0 && fgets(line, sizeof line, file) != NULL)
    sscanf(line, "Rss: %ld kB", &kilobytes);
  fclose(file);
  if (kilobytes < 0) fail("%s has no Rss", path);
  return kilobytes * 1024;
}

static int64_t sum(pid_t pid, bool children, measure *of) {
  int64_t total = of(pid);
  if (!children) return total;
  // The main thread's: those of nginx, and of every server that starts its workers from there.
  char path[64];
  int child;
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("cannot read %s: this kernel does not list children", path);
  while (fscanf(file, "%d", &child) == 1) total += sum(child, true, of);
  fclose(file);
  return total;
}

int64_t process_cpu(const struct process *process) {
  return sum(process->pid, process->children, cpu_of);
}

int64_t process_rss(const struct process *process) {
  return sum(process->pid, process->children, rss_of);
}
