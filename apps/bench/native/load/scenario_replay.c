// A client comes back and gets what it has missed.
#include "clocks.h"
#include "fail.h"
#include "report.h"
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>

// Joins, has one event put into the history, and keeps its id and its number.
static uint64_t learn(const struct options *options, const struct commands *commands,
                      struct sse_id *id) {
  struct streams streams = streams_of(options, "/replay");
  streams.expect = 1;
  streams.first = 0;
  streams.id = id;
  streams_init(&streams, 1);
  streams_open(&streams);
  command(commands, "/fill?events=1");
  streams_read_all(&streams);
  if (streams.events != 1) fail("GET %s: the event of /fill did not come", streams.path);
  if (id->text[0] == '\0') fail("GET %s: the event has no id", streams.path);
  streams_free(&streams);
  return streams.first;
}

void scenario_replay(const struct options *options) {
  struct commands commands = commands_of(options);
  struct streams streams = streams_of(options, "/replay");
  struct sse_id id = {0};
  struct clocks clocks;
  char fill[64];
  streams.first = 0;
  streams.expect = (uint64_t)options->expect;
  streams.last_event_id = options->last_event_id;
  if (streams.last_event_id == NULL) {
    streams.first = learn(options, &commands, &id) + 1;
    streams.last_event_id = id.text;
    snprintf(fill, sizeof fill, "/fill?events=%lld", (long long)options->expect);
    command(&commands, fill);
  }
  int64_t *times = calloc((size_t)options->times + 1, sizeof *times), taken = 0;
  if (times == NULL) fail("out of memory");
  streams_init(&streams, 1);

  clocks_start(&clocks, &options->server);
  for (int64_t i = 0; i < options->times; i++) {
    streams.finished = 0;
    stream_open(&streams, 0);
    streams_read_all(&streams);
    struct stream *stream = &streams.all[0];
    if (stream->events >= streams.expect) times[taken++] = now() - stream->started;
    stream_missing(&streams, stream);
    stream_close(stream);
  }
  clocks_stop(&clocks, &options->server);

  report_begin(&streams, options->times, &clocks);
  report_numbers("times", times, taken);
  report_end();
  streams_free(&streams);
  free(times);
}
