#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clocks.h"
#include "connect.h"
#include "fail.h"

#define ANSWER_SIZE 4096

static void request(int descriptor, const char *method, const char *path) {
  char text[1024];
  int length = snprintf(text, sizeof text,
                        "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                        "Connection: close\r\n\r\n",
                        method, path);
  if (length >= (int)sizeof text) fail("the path of a command is too long");
  send_all(descriptor, text, (size_t)length);
}

// Reads up to the end, as the connection is closed after the answer. False when time is over.
static bool answer(int descriptor, char *text) {
  size_t length = 0;
  for (;;) {
    ssize_t got = recv(descriptor, text + length, ANSWER_SIZE - 1 - length, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && length == 0) return false;
    if (got <= 0) break;
    length += (size_t)got;
    if (length == ANSWER_SIZE - 1) break;
  }
  text[length] = '\0';
  return true;
}

static int status_of(const char *text) {
  int status = 0;
  sscanf(text, "HTTP/1.%*d %d", &status);
  return status;
}

static int post(int descriptor, const char *path) {
  char text[ANSWER_SIZE];
  request(descriptor, "POST", path);
  if (!answer(descriptor, text)) fail("POST %s: time over", path);
  close(descriptor);
  return status_of(text);
}

static void expect_done(int status, const char *path) {
  if (status < 200 || status > 299) fail("POST %s: status %d", path, status);
}

int command_prepare(const struct commands *commands) {
  if (commands->port == 0) fail("--control is needed");
  return connect_to(commands->port, commands->timeout, 0);
}

void command_send(int descriptor, const char *path) { expect_done(post(descriptor, path), path); }

void command(const struct commands *commands, const char *path) {
  command_send(command_prepare(commands), path);
}

void command_if_known(const struct commands *commands, const char *path) {
  int status = post(command_prepare(commands), path);
  if (status != 404) expect_done(status, path);
}

int64_t stats_member(const struct commands *commands, const char *name) {
  char text[ANSWER_SIZE], quoted[64];
  int descriptor = command_prepare(commands);
  request(descriptor, "GET", "/stats");
  bool answered = answer(descriptor, text);
  close(descriptor);
  if (!answered || status_of(text) != 200) return -1;
  snprintf(quoted, sizeof quoted, "\"%s\":", name);
  const char *at = strstr(text, quoted);
  if (at == NULL) return -1;
  char *end;
  long long value = strtoll(at + strlen(quoted), &end, 10);
  return end == at + strlen(quoted) ? -1 : value;
}
