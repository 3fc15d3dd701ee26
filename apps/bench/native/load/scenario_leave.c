// Clients that stall and then leave: does the server end what it was producing for them?
#include "clocks.h"
#include "fail.h"
#include "report.h"
#include "scenarios.h"

#define STALL (500 * MILLISECOND)
#define PATIENCE (10000 * MILLISECOND)
#define INTERVAL (1000 * MILLISECOND)

static void read_a_little(struct streams *streams, struct stream *stream, int64_t at) {
  (void)at;
  stream_stop(streams, stream);
}

void scenario_leave(const struct options *options) {
  struct commands commands = commands_of(options);
  struct streams streams = streams_of(options, "/endless?pad=10000");
  struct clocks clocks;
  streams.expect = 1;
  streams.receive_buffer = 1;
  streams.on_event = read_a_little;
  streams_init(&streams, options->connections);

  clocks_start(&clocks, &options->server);
  streams_open(&streams);
  streams_read_all(&streams);
  if (streams.events < streams.count) fail("GET %s: not everyone got an event", streams.path);
  pause_for(STALL);
  streams_free(&streams);

  // A server that is busy with producing for nobody may not answer at all.
  int64_t left_at = now(), live;
  do {
    pause_for(INTERVAL);
    commands.timeout = left_at + PATIENCE - now();
    if (commands.timeout < INTERVAL) commands.timeout = INTERVAL;
    live = stats_member(&commands, "live");
  } while (live != 0 && now() - left_at < PATIENCE);
  clocks_stop(&clocks, &options->server);

  report_begin(&streams, options->connections, &clocks);
  report_known("live", live);
  report_end();
}
