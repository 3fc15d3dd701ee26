#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clocks.h"
#include "connect.h"
#include "fail.h"
#include "limits.h"

#define BUFFER_SIZE (1 << 18)
#define READY_AT_ONCE 1024
#define UNDER_WAY 64
#define HEAD_PATIENCE (50 * MILLISECOND)
#define HEADS_PATIENCE (1000 * MILLISECOND)
#define LATE_PATIENCE (500 * MILLISECOND)

static void *room(size_t count, size_t size) {
  void *memory = calloc(count > 0 ? count : 1, size);
  if (memory == NULL) fail("out of memory");
  return memory;
}

void streams_init(struct streams *streams, int64_t count) {
  allow_connections(count);
  streams->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (streams->epoll < 0) fail("epoll_create1: %s", strerror(errno));
  streams->count = count;
  streams->all = room((size_t)count, sizeof *streams->all);
  streams->carries = room((size_t)count, LINE_KEPT);
  streams->buffer = room(BUFFER_SIZE, 1);
  for (int64_t i = 0; i < count; i++) streams->all[i].descriptor = -1;
}

static void request(const struct streams *streams, int descriptor, int64_t index) {
  char text[2048], channel[24] = "";
  if (streams->channels > 1)
    snprintf(channel, sizeof channel, "/%lld", (long long)(index % streams->channels));
  const char *id = streams->last_event_id;
  int length = snprintf(text, sizeof text,
                        "GET %s%s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        "Cache-Control: no-store\r\n%s%s%s\r\n",
                        streams->path, channel, id == NULL ? "" : "Last-Event-ID: ",
                        id == NULL ? "" : id, id == NULL ? "" : "\r\n");
  if (length >= (int)sizeof text) fail("the path of a stream is too long");
  send_all(descriptor, text, (size_t)length);
}

void stream_open(struct streams *streams, int64_t index) {
  struct stream *stream = &streams->all[index];
  int64_t started = now();
  int descriptor = connect_to(streams->port, streams->timeout, streams->receive_buffer);
  *stream = (struct stream){.descriptor = descriptor, .started = started};
  order_begin(&stream->order, streams->first);
  request(streams, descriptor, index);
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};
  if (epoll_ctl(streams->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
    fail("epoll_ctl: %s", strerror(errno));
}

void stream_stop(struct streams *streams, struct stream *stream) {
  epoll_ctl(streams->epoll, EPOLL_CTL_DEL, stream->descriptor, NULL);
}

void stream_close(struct stream *stream) {
  if (stream->descriptor < 0) return;
  close(stream->descriptor);
  stream->descriptor = -1;
}

void streams_free(struct streams *streams) {
  for (int64_t i = 0; i < streams->count; i++) stream_close(&streams->all[i]);
  close(streams->epoll);
  free(streams->all);
  free(streams->carries);
  free(streams->buffer);
}

static void end(struct streams *streams, struct stream *stream) {
  if (!http_has_head(&stream->http)) fail("GET %s: closed before the head", streams->path);
  stream->ended = true;
  streams->ended++;
  if (stream->events < streams->expect) streams->finished++;
  stream_close(stream);
}

static void take_event(struct streams *streams, struct stream *stream, int64_t at) {
  streams->events++;
  streams->id = NULL;
  if (streams->first == 0) {
    streams->first = stream->sse.n;
    order_begin(&stream->order, streams->first);
  }
  if (!order_take(&stream->order, stream->sse.n, &streams->order)) return;
  if (++stream->events == streams->expect) streams->finished++;
  if (streams->on_event != NULL) streams->on_event(streams, stream, at);
}

static void take_body(struct streams *streams, struct stream *stream, char *carry,
                      const char *from, const char *end, int64_t at) {
  const char *text;
  size_t length;
  while (line_next(&stream->line, carry, &from, end, &text, &length)) {
    switch (sse_line(&stream->sse, text, length, streams->id)) {
      case SSE_TICK: take_event(streams, stream, at); break;
      case SSE_COMMENT: streams->comments++; break;
      case SSE_NOTHING: break;
    }
  }
}

static void take(struct streams *streams, struct stream *stream, const char *from,
                 const char *end, int64_t at) {
  char *carry = streams->carries + (stream - streams->all) * LINE_KEPT;
  const char *piece;
  size_t length;
  while (!http_has_head(&stream->http)) {
    if (!line_next(&stream->line, carry, &from, end, &piece, &length)) return;
    http_head_line(&stream->http, piece, length);
    if (!http_has_head(&stream->http)) continue;
    if (stream->http.status != 200) fail("GET %s: status %d", streams->path, stream->http.status);
    streams->heads++;
    streams->head_at = at;
  }
  while (http_body(&stream->http, &from, end, &piece, &length))
    take_body(streams, stream, carry, piece, piece + length, at);
}

static void receive(struct streams *streams, struct stream *stream) {
  ssize_t got = read(stream->descriptor, streams->buffer, BUFFER_SIZE);
  int64_t at = now();
  streams->reads++;
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    end(streams, stream);
    return;
  }
  streams->bytes += got;
  take(streams, stream, streams->buffer, streams->buffer + got, at);
  if (stream->http.state == HTTP_END && stream->descriptor >= 0) end(streams, stream);
}

void streams_read(struct streams *streams, int64_t until) {
  struct epoll_event events[READY_AT_ONCE];
  int64_t left = until - now();
  // Rounded up, or it would turn without waiting in the last millisecond.
  int wait = left <= 0 ? 0 : (int)((left + MILLISECOND - 1) / MILLISECOND);
  int ready = epoll_wait(streams->epoll, events, READY_AT_ONCE, wait);
  if (ready < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
  for (int i = 0; i < ready; i++) {
    struct stream *stream = events[i].data.ptr;
    if (stream->descriptor >= 0) receive(streams, stream);
  }
}

void streams_read_for(struct streams *streams, int64_t nanoseconds) {
  int64_t until = now() + nanoseconds;
  while (now() < until) streams_read(streams, until);
}

// How many from `first` on are without a head. Where no head has come for a while, these are not waited for:
// it may be sent only later.
static int64_t under_way(const struct streams *streams, int64_t *first, int64_t opened) {
  int64_t since = now() - HEAD_PATIENCE, waiting = 0;
  bool heads_come = streams->head_at > since;
  for (int64_t i = *first; i < opened; i++) {
    const struct stream *stream = &streams->all[i];
    bool waits = !http_has_head(&stream->http) && (heads_come || stream->started > since);
    if (waits) waiting++;
    if (!waits && i == *first) ++*first;
  }
  return waiting;
}

void streams_open(struct streams *streams) {
  int64_t deadline = now() + streams->timeout, first = 0;
  for (int64_t i = 0; i < streams->count; i++) {
    while (under_way(streams, &first, i) >= UNDER_WAY) streams_read(streams, now() + MILLISECOND);
    stream_open(streams, i);
    if (now() > deadline) fail("opening %s: time over", streams->path);
  }
  int64_t patience = now() + HEADS_PATIENCE;
  while (streams->heads < streams->count && now() < patience) {
    streams_read(streams, patience);
    if (streams->head_at + HEADS_PATIENCE > patience) patience = streams->head_at + HEADS_PATIENCE;
  }
}

// Whether all that is missing is older than something that has come.
static bool only_late_ones_missing(const struct streams *streams) {
  for (int64_t i = 0; i < streams->count; i++) {
    const struct stream *stream = &streams->all[i];
    if (stream->events >= streams->expect || stream->ended) continue;
    if (stream->order.next < streams->first + streams->expect) return false;
  }
  return true;
}

void streams_read_all(struct streams *streams) {
  int64_t deadline = now() + streams->timeout;
  while (!streams_are_done(streams) && now() < deadline) {
    int64_t reads = streams->reads, patience = now() + LATE_PATIENCE;
    streams_read(streams, patience < deadline ? patience : deadline);
    if (streams->reads == reads && only_late_ones_missing(streams)) break;
  }
}

void stream_missing(struct streams *streams, const struct stream *stream) {
  order_end(&stream->order, streams->first + streams->expect - 1, &streams->order);
}
