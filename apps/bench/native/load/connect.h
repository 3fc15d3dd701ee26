// Connections to the server, which is on this machine.
#ifndef CONNECT_H
#define CONNECT_H

#include <stddef.h>
#include <stdint.h>

/**
 * Connects to a port of 127.0.0.1, where the system does the handshake at once whether or not the server
 * accepts; waits up to `timeout` nanoseconds where its queue is full. The descriptor blocks.
 *
 * @param receive_buffer - bytes, or 0 for what the system thinks best
 */
int connect_to(int port, int64_t timeout, int receive_buffer);

/** Sends all of it, or fails the measurement. */
void send_all(int descriptor, const char *bytes, size_t length);

#endif
