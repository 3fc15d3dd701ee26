#include "requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process.h"

static bool respond(struct site *site, struct client *client, const char *status,
                    const char *body) {
  char text[512];
  int length = snprintf(text, sizeof text,
                        "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                        status, strlen(body), body);
  client->last = true;
  // Gone when all is sent: client_flush says so for what is kept.
  return client_send(site->epoll, client, text, (size_t)length) && client->writes;
}

static bool done(struct site *site, struct client *client) {
  static const char text[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
  client->last = true;
  return client_send(site->epoll, client, text, sizeof text - 1) && client->writes;
}

static bool stats(struct site *site, struct client *client) {
  char body[160];
  const struct process own = {.pid = getpid()};
  snprintf(body, sizeof body,
           "{\"rss\":%lld,\"heapUsed\":0,\"external\":0,\"live\":0,\"connections\":%zu}",
           (long long)process_rss(&own), site->audience.count);
  return respond(site, client, "200 OK", body);
}

static bool perform(struct site *site, struct client *client, const char *path,
                    const char *query) {
  if (strcmp(path, "/stats") == 0) return stats(site, client);
  if (strcmp(path, "/gc") == 0) return done(site, client);
  if (strcmp(path, "/publish") != 0) return respond(site, client, "404 Not Found", "");
  publishing_begin(&site->publishing, query);
  return done(site, client);
}

static bool stream(struct site *site, struct client *client, const char *path) {
  static const char head[] =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  if (strcmp(path, "/fan") == 0)
    client_join(&site->audience, client, FAN);
  else if (strncmp(path, "/fan/", 5) == 0)
    client_join(&site->audience, client, atoll(path + 5));
  else if (strcmp(path, "/idle") == 0)
    client_join(&site->audience, client, IDLE);
  else
    return respond(site, client, "404 Not Found", "");
  return client_send(site->epoll, client, head, sizeof head - 1);
}

static bool handle(struct site *site, struct client *client) {
  // "GET /path?query HTTP/1.1"
  char *save = NULL;
  const char *method = strtok_r(client->request, " ", &save);
  char *path = strtok_r(NULL, " \r\n", &save);
  if (method == NULL || path == NULL) return false;
  char *query = strchr(path, '?');
  if (query != NULL) *query++ = '\0';
  bool stays = client->commands ? perform(site, client, path, query == NULL ? "" : query)
                                : stream(site, client, path);
  free(client->request);
  client->request = NULL;
  return stays;
}

bool request_read(struct site *site, struct client *client) {
  char passed_over[256];
  bool awaited = client->request != NULL;
  char *to = awaited ? client->request + client->requested : passed_over;
  // One byte is left for the end of the text.
  size_t room = awaited ? REQUEST_SIZE - 1 - client->requested : sizeof passed_over;
  if (room == 0) return false;
  ssize_t got = recv(client->descriptor, to, room, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  if (!awaited) return true;
  client->requested += (size_t)got;
  client->request[client->requested] = '\0';
  return strstr(client->request, "\r\n\r\n") == NULL || handle(site, client);
}
