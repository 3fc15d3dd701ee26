#include "sse.h"

#include <string.h>

#include "fail.h"
#include "line.h"

// The whole number behind a member's name, as "n": or "t": 12; false without that member.
static bool member(const char **from, const char *end, const char name[static 4], uint64_t *value) {
  const char *at = *from;
  if (end - at < 4) return false;
  if (memcmp(at, name, 4) != 0 && (at = memmem(at, (size_t)(end - at), name, 4)) == NULL)
    return false;
  at += 4;
  while (at < end && *at == ' ') at++;
  if (at == end || *at < '0' || *at > '9') return false;
  uint64_t number = 0;
  while (at < end && *at >= '0' && *at <= '9') number = number * 10 + (uint64_t)(*at++ - '0');
  *value = number;
  *from = at;
  return true;
}

static void data(struct sse *sse, const char *text, size_t length) {
  const char *end = text + (length < LINE_KEPT ? length : LINE_KEPT);
  const char *at = text;
  uint64_t n, t;
  // Mostly it begins with them: {"n":1,"t":2
  if (end - at > 1 && *at == '{') at++;
  if (!member(&at, end, "\"n\":", &n)) return;
  if (at < end && *at == ',') at++;
  if (!member(&at, end, "\"t\":", &t)) return;
  sse->n = n;
  sse->t = (int64_t)t;
  sse->pending = true;
}

static void keep(struct sse_id *id, const char *text, size_t length) {
  if (length >= SSE_ID_KEPT) fail("an id is longer than %d bytes", SSE_ID_KEPT - 1);
  memcpy(id->text, text, length);
  id->text[length] = '\0';
}

enum sse_kind sse_line(struct sse *sse, const char *text, size_t length, struct sse_id *id) {
  if (length == 0) {
    bool pending = sse->pending;
    sse->pending = false;
    return pending ? SSE_TICK : SSE_NOTHING;
  }
  if (*text == ':') return SSE_COMMENT;
  if (length >= 5 && memcmp(text, "data:", 5) == 0) {
    size_t skipped = length > 5 && text[5] == ' ' ? 6 : 5;
    data(sse, text + skipped, length - skipped);
  } else if (id != NULL && length >= 3 && memcmp(text, "id:", 3) == 0) {
    size_t skipped = length > 3 && text[3] == ' ' ? 4 : 3;
    keep(id, text + skipped, length - skipped);
  }
  return SSE_NOTHING;
}
