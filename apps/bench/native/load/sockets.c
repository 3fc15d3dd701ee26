#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "fail.h"

// As /proc/net/tcp has it.
#define ESTABLISHED 1

bool is_established(int port, int descriptor) {
  struct sockaddr_in own;
  socklen_t size = sizeof own;
  if (descriptor < 0 || getsockname(descriptor, (struct sockaddr *)&own, &size) != 0) return false;
  FILE *file = fopen("/proc/net/tcp", "r");
  if (file == NULL) fail("cannot read /proc/net/tcp");
  char line[256];
  unsigned local, remote, state;
  bool found = false;
  while (!found && fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, " %*d: %*x:%x %*x:%x %x", &local, &remote, &state) != 3) continue;
    found = state == ESTABLISHED && local == (unsigned)port && remote == ntohs(own.sin_port);
  }
  fclose(file);
  return found;
}
