#include "client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"

// A client that is so far behind is given up.
#define MOST_QUEUED (64 << 20)

static void *grown(void *memory, size_t size) {
  void *larger = realloc(memory, size);
  if (larger == NULL) fail("out of memory");
  return larger;
}

static void watch(int epoll, int operation, struct client *client) {
  struct epoll_event event = {.events = client->writes ? EPOLLIN | EPOLLOUT : EPOLLIN,
                              .data.ptr = client};
  if (epoll_ctl(epoll, operation, client->descriptor, &event) != 0)
    fail("epoll_ctl: %s", strerror(errno));
}

void client_accept(int epoll, int listener, bool commands) {
  for (;;) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0 && (errno == EAGAIN || errno == ECONNABORTED)) return;
    if (descriptor < 0) fail("accept: %s", strerror(errno));
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct client *client = grown(NULL, sizeof *client);
    *client = (struct client){.descriptor = descriptor,
                              .commands = commands,
                              .channel = NO_CHANNEL,
                              .request = grown(NULL, REQUEST_SIZE)};
    watch(epoll, EPOLL_CTL_ADD, client);
  }
}

void client_join(struct audience *audience, struct client *client, int64_t channel) {
  if (audience->count == audience->room) {
    audience->room = audience->room * 2 + 64;
    audience->all = grown(audience->all, audience->room * sizeof *audience->all);
  }
  client->channel = channel;
  client->place = audience->count;
  audience->all[audience->count++] = client;
}

void client_leave(struct audience *audience, struct client *client) {
  if (client->channel != NO_CHANNEL) {
    struct client *other = audience->all[--audience->count];
    audience->all[client->place] = other;
    other->place = client->place;
  }
  close(client->descriptor);
  free(client->request);
  free(client->queue);
  free(client);
}

// How many bytes the socket has taken; -1 when it is broken.
static ssize_t put(const struct client *client, const char *bytes, size_t length) {
  ssize_t sent = send(client->descriptor, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

static void keep(int epoll, struct client *client, const char *bytes, size_t length) {
  size_t queued = client->queued + length;
  if (queued > client->room) {
    client->room = queued * 2;
    client->queue = grown(client->queue, client->room);
  }
  memcpy(client->queue + client->queued, bytes, length);
  client->queued = queued;
  if (client->writes) return;
  client->writes = true;
  watch(epoll, EPOLL_CTL_MOD, client);
}

bool client_send(int epoll, struct client *client, const char *bytes, size_t length) {
  ssize_t sent = client->writes ? 0 : put(client, bytes, length);
  if (sent < 0 || client->queued - client->sent > MOST_QUEUED) return false;
  if ((size_t)sent < length) keep(epoll, client, bytes + sent, length - (size_t)sent);
  return true;
}

bool client_flush(int epoll, struct client *client) {
  ssize_t sent = put(client, client->queue + client->sent, client->queued - client->sent);
  if (sent < 0) return false;
  client->sent += (size_t)sent;
  if (client->sent < client->queued) return true;
  client->queued = client->sent = 0;
  client->writes = false;
  watch(epoll, EPOLL_CTL_MOD, client);
  return !client->last;
}
