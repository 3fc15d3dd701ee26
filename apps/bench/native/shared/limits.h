// How many connections the system lets a process have.
#ifndef LIMITS_H
#define LIMITS_H

#include <stdint.h>

/** Allows as many open files as the system lets; fails where that is not enough for so many connections. */
void allow_connections(int64_t wanted);

#endif
