#include "http.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "fail.h"

static bool is_chunked(const char *text, size_t length) {
  static const char name[] = "transfer-encoding:", value[] = "chunked";
  if (length < sizeof name - 1 || strncasecmp(text, name, sizeof name - 1) != 0) return false;
  while (length > 0 && isspace((unsigned char)text[length - 1])) length--;
  size_t size = sizeof value - 1;
  return length >= size && strncasecmp(text + length - size, value, size) == 0;
}

static void status_line(struct http *http, const char *text, size_t length) {
  // "HTTP/1.1 200 OK"
  if (length < 12 || memcmp(text, "HTTP/1.", 7) != 0 || text[8] != ' ')
    fail("the server's answer is no HTTP/1.1: %.*s", (int)length, text);
  for (int i = 9; i < 12; i++) {
    if (!isdigit((unsigned char)text[i])) fail("the server's answer has no status");
    http->status = (uint16_t)(http->status * 10 + text[i] - '0');
  }
  http->state = HTTP_FIELDS;
}

void http_head_line(struct http *http, const char *text, size_t length) {
  if (http->state == HTTP_STATUS) {
    status_line(http, text, length);
  } else if (length == 0) {
    http->state = http->chunked ? HTTP_CHUNK : HTTP_UNTIL_CLOSE;
  } else if (is_chunked(text, length)) {
    http->chunked = true;
  }
}

// Reads framing up to the first byte of data.
static void framing(struct http *http, const char **from, const char *end) {
  const char *at = *from;
  while (at < end && http->state != HTTP_DATA && http->state != HTTP_END) {
    char byte = *at++;
    switch (http->state) {
      case HTTP_CHUNK:
      case HTTP_SIZE:
        if (isxdigit((unsigned char)byte)) {
          http->state = HTTP_SIZE;
          int digit = isdigit((unsigned char)byte) ? byte - '0' : (byte | 32) - 'a' + 10;
          if (http->left >> 56 != 0) fail("a chunk is too long");
          http->left = http->left << 4 | (uint64_t)digit;
          break;
        }
        if (http->state == HTTP_CHUNK) fail("a chunk has no length");
        if (byte != '\r' && byte != '\n' && byte != ';' && byte != ' ' && byte != '\t')
          fail("a chunk's length is no number");
        http->state = HTTP_EXTENSION;
        // fall through
      case HTTP_EXTENSION:
        if (byte == '\n') http->state = http->left > 0 ? HTTP_DATA : HTTP_TRAILERS;
        break;
      case HTTP_DATA_END:
        if (byte == '\n')
          http->state = HTTP_CHUNK;
        else if (byte != '\r')
          fail("a chunk is longer than it says");
        break;
      case HTTP_TRAILERS:
        if (byte == '\n')
          http->state = HTTP_END;
        else if (byte != '\r')
          http->state = HTTP_TRAILER;
        break;
      default:
        if (byte == '\n') http->state = HTTP_TRAILERS;
    }
  }
  *from = at;
}

bool http_body(struct http *http, const char **from, const char *end, const char **piece,
               size_t *length) {
  if (http->state == HTTP_UNTIL_CLOSE) {
    *piece = *from;
    *length = (size_t)(end - *from);
    *from = end;
    return *length > 0;
  }
  if (http->state != HTTP_DATA) framing(http, from, end);
  size_t there = (size_t)(end - *from);
  if (http->state != HTTP_DATA || there == 0) return false;
  *piece = *from;
  *length = there < http->left ? there : (size_t)http->left;
  *from += *length;
  http->left -= *length;
  if (http->left == 0) http->state = HTTP_DATA_END;
  return true;
}
