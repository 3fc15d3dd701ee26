// The floor of the operating system: a server of streams that does nothing but send. What it costs is the
// kernel's.
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "fail.h"
#include "limits.h"
#include "publishing.h"
#include "requests.h"

#define READY_AT_ONCE 256
#define BACKLOG 4096

struct listener {
  int descriptor, port;
};

// Both ports' listeners are told from clients by these addresses.
static char streams_mark, commands_mark;

static struct listener listen_at(int epoll, void *mark) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};
  if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, size) != 0 ||
      listen(descriptor, BACKLOG) != 0 ||
      getsockname(descriptor, (struct sockaddr *)&address, &size) != 0 ||
      epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
    fail("listen: %s", strerror(errno));
  return (struct listener){.descriptor = descriptor, .port = ntohs(address.sin_port)};
}

static void serve(struct site *site, struct client *client, uint32_t ready) {
  bool stays = true;
  if ((ready & EPOLLOUT) != 0) stays = client_flush(site->epoll, client);
  if (stays && (ready & ~(uint32_t)EPOLLOUT) != 0) stays = request_read(site, client);
  if (!stays) client_leave(&site->audience, client);
}

int main(void) {
  struct site site = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
  if (site.epoll < 0) fail("epoll_create1: %s", strerror(errno));
  allow_connections(0);
  struct listener streams = listen_at(site.epoll, &streams_mark);
  struct listener commands = listen_at(site.epoll, &commands_mark);
  printf("{\"port\":%d,\"control\":%d,\"pid\":%d}\n", streams.port, commands.port, (int)getpid());
  fflush(stdout);

  for (;;) {
    struct epoll_event events[READY_AT_ONCE];
    int wait = publishing_wait(&site.publishing);
    int ready = epoll_wait(site.epoll, events, READY_AT_ONCE, wait);
    if (ready < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < ready; i++) {
      void *what = events[i].data.ptr;
      if (what == &streams_mark)
        client_accept(site.epoll, streams.descriptor, false);
      else if (what == &commands_mark)
        client_accept(site.epoll, commands.descriptor, true);
      else
        serve(&site, what, events[i].events);
    }
    publishing_turn(&site.publishing, site.epoll, &site.audience);
  }
}
