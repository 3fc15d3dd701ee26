// What the kernel knows of a connection.
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdbool.h>

/**
 * Whether the server still holds its end of a connection. Only its side can tell: a client that does not
 * read never gets to the end of the stream.
 *
 * @param port - that the server listens on, at 127.0.0.1
 */
bool is_established(int port, int descriptor);

#endif
