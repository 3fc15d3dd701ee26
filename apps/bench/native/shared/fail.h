// The one way out when something can't be measured.
#ifndef FAIL_H
#define FAIL_H

/** Prints the message to standard error and exits with 1. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
