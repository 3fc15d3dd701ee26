#include "line.h"

#include <string.h>

static void keep(struct line *line, char *carry, const char *from, size_t length) {
  size_t room = LINE_KEPT - line->carried;
  size_t kept = length < room ? length : room;
  memcpy(carry + line->carried, from, kept);
  line->carried += (uint32_t)kept;
}

bool line_next(struct line *line, char *carry, const char **from, const char *end,
               const char **text, size_t *length) {
  const char *begin = *from;
  if (begin == end) return false;
  const char *feed = memchr(begin, '\n', (size_t)(end - begin));
  if (feed == NULL) {
    keep(line, carry, begin, (size_t)(end - begin));
    *from = end;
    return false;
  }
  *from = feed + 1;
  if (line->carried == 0) {
    *text = begin;
    *length = (size_t)(feed - begin);
  } else {
    keep(line, carry, begin, (size_t)(feed - begin));
    *text = carry;
    *length = line->carried;
    line->carried = 0;
  }
  if (*length > 0 && (*text)[*length - 1] == '\r') --*length;
  return true;
}
