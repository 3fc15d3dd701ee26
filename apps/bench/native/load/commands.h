// The commands that the server takes on its control port.
#ifndef COMMANDS_H
#define COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

/** Where they go, and how long an answer may take in nanoseconds. */
struct commands {
  int port;
  int64_t timeout;
};

/** Posts, waits for the answer, and fails the measurement if that is no 2xx. */
void command(const struct commands *commands, const char *path);

/** The same, but a server that does not know the command is let off. */
void command_if_known(const struct commands *commands, const char *path);

/** A post whose connection is made, so that sending it costs no more than that. */
int command_prepare(const struct commands *commands);
void command_send(int descriptor, const char *path);

/** A whole number of `/stats`; -1 where it has none, or does not answer within the time. */
int64_t stats_member(const struct commands *commands, const char *name);

#endif
