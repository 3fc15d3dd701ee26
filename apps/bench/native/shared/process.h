// What the server costs: processor time and memory, read from outside of it.
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** A server's process, with those that it has started where `children` says so (nginx's workers). */
struct process {
  pid_t pid;
  bool children;
};

/** Processor time, user and system, in nanoseconds. */
int64_t process_cpu(const struct process *process);

/** Resident memory in bytes; pages that processes share are counted for each. */
int64_t process_rss(const struct process *process);

#endif
