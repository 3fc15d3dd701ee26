#include "publishing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocks.h"
#include "fail.h"

// The longest frame without its pad.
#define FRAME_SIZE 128
// The line with a chunk's length, in digits enough for all, and what ends a chunk.
#define CHUNK_SIZE 18
#define CHUNK_END "\r\n"

struct chunk {
  char *bytes;
  size_t length;
};

static int64_t number(const char *query, const char *name, int64_t lowest,
                      int64_t otherwise) {
  size_t length = strlen(name);
  for (const char *at = query; at != NULL && *at != '\0'; at = strchr(at, '&')) {
    if (*at == '&') at++;
    if (strncmp(at, name, length) != 0 || at[length] != '=') continue;
    int64_t value = atoll(at + length + 1);
    return value < lowest ? lowest : value;
  }
  return otherwise;
}

void publishing_begin(struct publishing *publishing, const char *query) {
  *publishing = (struct publishing){
      .turns = number(query, "turns", 0, 200),
      .burst = number(query, "burst", 0, 1),
      .gap = number(query, "gap", 0, 10) * MILLISECOND,
      .pad = number(query, "pad", 0, 0),
      .channels = number(query, "channels", 1, 1),
      .next = now(),
  };
}

int publishing_wait(const struct publishing *publishing) {
  if (publishing->done == publishing->turns) return -1;
  int64_t left = publishing->next - now();
  return left <= 0 ? 0 : (int)((left + MILLISECOND - 1) / MILLISECOND);
}

static size_t put_frame(char *to, int64_t n, int64_t pad) {
  int length = sprintf(to, "event: tick\ndata: {\"n\":%lld,\"t\":%lld", (long long)n,
                       (long long)now());
  char *at = to + length;
  if (pad > 0) {
    at += sprintf(at, ",\"pad\":\"");
    memset(at, 'x', (size_t)pad);
    at += pad;
    *at++ = '"';
  }
  memcpy(at, "}\n\n", 3);
  return (size_t)(at + 3 - to);
}

// The events of this turn that go to a channel.
static struct chunk chunk_of(const struct publishing *publishing, int64_t channel) {
  size_t most = (size_t)(publishing->burst * (publishing->pad + FRAME_SIZE));
  struct chunk chunk = {.bytes = malloc(CHUNK_SIZE + most + sizeof CHUNK_END)};
  if (chunk.bytes == NULL) fail("out of memory");
  size_t length = 0;
  for (int64_t i = 0; i < publishing->burst; i++) {
    int64_t event = publishing->published + i;
    if (event % publishing->channels != channel) continue;
    int64_t n = event / publishing->channels + 1;
    length += put_frame(chunk.bytes + CHUNK_SIZE + length, n, publishing->pad);
  }
  if (length == 0) return chunk;
  char size[CHUNK_SIZE + 1];
  snprintf(size, sizeof size, "%016zx\r\n", length);
  memcpy(chunk.bytes, size, CHUNK_SIZE);
  memcpy(chunk.bytes + CHUNK_SIZE + length, CHUNK_END, strlen(CHUNK_END));
  chunk.length = CHUNK_SIZE + length + strlen(CHUNK_END);
  return chunk;
}

void publishing_turn(struct publishing *publishing, int epoll, struct audience *audience) {
  if (publishing->done == publishing->turns || now() < publishing->next) return;
  int64_t channels = publishing->channels;
  struct chunk *chunks = malloc((size_t)channels * sizeof *chunks);
  if (chunks == NULL) fail("out of memory");
  for (int64_t i = 0; i < channels; i++) chunks[i] = chunk_of(publishing, i);
  // From the end on: the place of one that is gone is taken by the last.
  for (size_t i = audience->count; i-- > 0;) {
    struct client *client = audience->all[i];
    // With one channel it goes to /fan, with several to /fan/:channel.
    int64_t channel = channels == 1 ? client->channel - FAN : client->channel;
    if (channel < 0 || channel >= channels || chunks[channel].length == 0) continue;
    if (!client_send(epoll, client, chunks[channel].bytes, chunks[channel].length))
      client_leave(audience, client);
  }
  for (int64_t i = 0; i < channels; i++) free(chunks[i].bytes);
  free(chunks);
  publishing->published += publishing->burst;
  publishing->done++;
  // As a timer of Node: at least a millisecond.
  publishing->next = now() + (publishing->gap > MILLISECOND ? publishing->gap : MILLISECOND);
}
