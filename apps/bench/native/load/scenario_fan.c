// Many listen, events are published, each is to reach everyone.
#include "clocks.h"
#include "fail.h"
#include "latency.h"
#include "report.h"
#include "scenarios.h"

// For what comes again after everything has come.
#define AFTERWARDS (50 * MILLISECOND)

static void take_latency(struct streams *streams, struct stream *stream, int64_t at) {
  (void)streams;
  latency_take(at - stream->sse.t);
}

void scenario_fan(const struct options *options) {
  struct commands commands = commands_of(options);
  struct streams streams = streams_of(options, "/fan");
  struct clocks clocks;
  if (options->post == NULL) fail("fan wants --post");
  streams.expect = (uint64_t)options->expect;
  streams.on_event = take_latency;
  streams_init(&streams, options->connections);
  streams_open(&streams);
  streams_read_for(&streams, options->settle);
  int64_t heads = streams.heads;

  int control = command_prepare(&commands);
  clocks_start(&clocks, &options->server);
  command_send(control, options->post);
  streams_read_all(&streams);
  clocks_stop(&clocks, &options->server);

  streams_read_for(&streams, AFTERWARDS);
  for (int64_t i = 0; i < streams.count; i++) stream_missing(&streams, &streams.all[i]);
  streams.heads = heads;
  report_begin(&streams, options->connections, &clocks);
  report_latency();
  report_end();
  streams_free(&streams);
}
