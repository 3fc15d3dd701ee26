#include "options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "clocks.h"
#include "fail.h"

static const char usage[] =
    "usage: load fan|idle|open|replay|stall|leave --port N --pid N [--control N] [--children]\n"
    "  [--path P] [--post P] [--connections N] [--channels N] [--concurrency N] [--expect N]\n"
    "  [--times N] [--last-event-id ID] [--stalled N] [--readers N] [--settle MS] [--hold MS]\n"
    "  [--timeout MS]";

enum kind { TEXT, NUMBER, MILLISECONDS, PORT, PID };

static const struct {
  const char *name;
  enum kind kind;
  size_t offset;
} known[] = {
    {"--port", PORT, offsetof(struct options, port)},
    {"--control", PORT, offsetof(struct options, control)},
    {"--pid", PID, offsetof(struct options, server.pid)},
    {"--path", TEXT, offsetof(struct options, path)},
    {"--post", TEXT, offsetof(struct options, post)},
    {"--last-event-id", TEXT, offsetof(struct options, last_event_id)},
    {"--connections", NUMBER, offsetof(struct options, connections)},
    {"--channels", NUMBER, offsetof(struct options, channels)},
    {"--concurrency", NUMBER, offsetof(struct options, concurrency)},
    {"--expect", NUMBER, offsetof(struct options, expect)},
    {"--times", NUMBER, offsetof(struct options, times)},
    {"--stalled", NUMBER, offsetof(struct options, stalled)},
    {"--readers", NUMBER, offsetof(struct options, readers)},
    {"--timeout", MILLISECONDS, offsetof(struct options, timeout)},
    {"--settle", MILLISECONDS, offsetof(struct options, settle)},
    {"--hold", MILLISECONDS, offsetof(struct options, hold)},
};

static int64_t number(const char *name, const char *text, int64_t highest) {
  char *end;
  long long value = strtoll(text, &end, 10);
  if (end == text || *end != '\0' || value < 0 || value > highest)
    fail("%s %s: not a whole number between 0 and %lld", name, text, (long long)highest);
  return value;
}

static void set(struct options *options, const char *name, const char *text) {
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(known[i].name, name) != 0) continue;
    if (text == NULL) fail("%s lacks its value\n%s", name, usage);
    void *field = (char *)options + known[i].offset;
    switch (known[i].kind) {
      case TEXT: *(const char **)field = text; return;
      case NUMBER: *(int64_t *)field = number(name, text, 1000000000); return;
      case MILLISECONDS: *(int64_t *)field = number(name, text, 86400000) * MILLISECOND; return;
      case PORT: *(int *)field = (int)number(name, text, 65535); return;
      case PID: *(pid_t *)field = (pid_t)number(name, text, INT32_MAX); return;
    }
  }
  fail("%s is no option\n%s", name, usage);
}

void options_read(struct options *options, int count, char **words) {
  *options = (struct options){
      .connections = 1,
      .channels = 1,
      .concurrency = 16,
      .expect = 1,
      .times = 1,
      .stalled = 1,
      .readers = 1,
      .timeout = 60000 * MILLISECOND,
      .settle = 200 * MILLISECOND,
      .hold = 1000 * MILLISECOND,
  };
  if (count < 2) fail("%s", usage);
  options->scenario = words[1];
  for (int i = 2; i < count; i++) {
    if (strcmp(words[i], "--children") == 0) {
      options->server.children = true;
      continue;
    }
    set(options, words[i], i + 1 < count ? words[i + 1] : NULL);
    i++;
  }
  if (options->port == 0 || options->server.pid == 0)
    fail("--port and --pid are needed\n%s", usage);
}
