// Clients come, get their first event and leave, some at a time.
#include "clocks.h"
#include "fail.h"
#include "latency.h"
#include "report.h"
#include "scenarios.h"

static void leave(struct streams *streams, struct stream *stream, int64_t at) {
  (void)streams;
  latency_take(at - stream->started);
  stream_close(stream);
}

// Opens what is closed, as long as there are any to be opened.
static int64_t fill(struct streams *streams, int64_t left) {
  for (int64_t i = 0; i < streams->count && left > 0; i++) {
    if (streams->all[i].descriptor >= 0) continue;
    stream_open(streams, i);
    left--;
  }
  return left;
}

void scenario_open(const struct options *options) {
  struct streams streams = streams_of(options, "/open");
  struct clocks clocks;
  streams.expect = 1;
  streams.on_event = leave;
  int64_t slots = options->concurrency < options->connections ? options->concurrency
                                                              : options->connections;
  if (slots < 1) fail("open wants at least one connection");
  streams_init(&streams, slots);

  clocks_start(&clocks, &options->server);
  int64_t left = options->connections;
  while (streams.finished < options->connections) {
    int64_t finished = streams.finished, deadline = now() + options->timeout;
    left = fill(&streams, left);
    while (streams.finished == finished && now() < deadline) streams_read(&streams, deadline);
    if (streams.finished == finished) break;
  }
  // The server cleans up behind the last ones.
  streams_read_for(&streams, options->settle);
  clocks_stop(&clocks, &options->server);

  streams.order.lost += options->connections - (int64_t)streams.events;
  report_begin(&streams, options->connections, &clocks);
  report_latency();
  report_end();
  streams_free(&streams);
}
