// Many are connected and nothing happens.
#include "clocks.h"
#include "report.h"
#include "scenarios.h"

void scenario_idle(const struct options *options) {
  struct commands commands = commands_of(options);
  struct streams streams = streams_of(options, "/idle");
  struct clocks clocks;
  streams_init(&streams, options->connections);
  command_if_known(&commands, "/gc");
  int64_t before = process_rss(&options->server);
  streams_open(&streams);
  streams_read_for(&streams, options->settle);

  clocks_start(&clocks, &options->server);
  streams_read_for(&streams, options->hold);
  clocks_stop(&clocks, &options->server);

  command_if_known(&commands, "/gc");
  int64_t after = process_rss(&options->server);
  report_begin(&streams, options->connections, &clocks);
  report_number("rssBefore", before);
  report_number("rssAfter", after);
  report_number("comments", streams.comments);
  report_end();
  streams_free(&streams);
}
