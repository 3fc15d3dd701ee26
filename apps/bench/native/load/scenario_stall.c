// A client that does not read, and what its server does about it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "clocks.h"
#include "fail.h"
#include "report.h"
#include "scenarios.h"
#include "sockets.h"

#define SAMPLE (50 * MILLISECOND)
// How long the server may take to notice that all have left.
#define FAREWELL (500 * MILLISECOND)

struct memory {
  const struct process *server;
  int64_t before, peak, next;
};

static void sample(struct memory *memory) {
  if (now() < memory->next) return;
  int64_t rss = process_rss(memory->server);
  if (rss > memory->peak) memory->peak = rss;
  memory->next = now() + SAMPLE;
}

// Until the readers have all, or time is over.
static void read_all(struct streams *readers, struct memory *memory) {
  int64_t deadline = now() + readers->timeout;
  while (!streams_are_done(readers) && now() < deadline) {
    streams_read(readers, memory->next < deadline ? memory->next : deadline);
    sample(memory);
  }
}

static int64_t closed_of(const struct streams *streams) {
  int64_t closed = 0;
  for (int64_t i = 0; i < streams->count; i++)
    if (!is_established(streams->port, streams->all[i].descriptor)) closed++;
  return closed;
}

void scenario_stall(const struct options *options) {
  struct commands commands = commands_of(options);
  struct streams stalled = streams_of(options, "/fan"), readers = stalled;
  struct memory memory = {.server = &options->server};
  struct clocks clocks;
  if (options->post == NULL) fail("stall wants --post");
  stalled.receive_buffer = 1;
  readers.expect = (uint64_t)options->expect;
  streams_init(&stalled, options->stalled);
  streams_init(&readers, options->readers);
  streams_open(&stalled);
  streams_open(&readers);
  streams_read_for(&readers, options->settle);
  command_if_known(&commands, "/gc");
  memory.before = memory.peak = process_rss(&options->server);

  int control = command_prepare(&commands);
  clocks_start(&clocks, &options->server);
  command_send(control, options->post);
  read_all(&readers, &memory);
  clocks_stop(&clocks, &options->server);

  int64_t closed = closed_of(&stalled);
  for (int64_t i = 0; i < readers.count; i++) stream_missing(&readers, &readers.all[i]);
  readers.heads += stalled.heads;
  streams_free(&stalled);
  streams_free(&readers);
  pause_for(FAREWELL);
  report_begin(&readers, options->stalled + options->readers, &clocks);
  report_number("rssBefore", memory.before);
  report_number("rssPeak", memory.peak);
  report_number("stalledClosed", closed);
  report_known("live", stats_member(&commands, "live"));
  report_end();
}
