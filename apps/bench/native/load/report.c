#include "report.h"

#include <stdio.h>

#include "clocks.h"
#include "fail.h"
#include "latency.h"

void clocks_start(struct clocks *clocks, const struct process *server) {
  clocks->server = -process_cpu(server);
  clocks->client = -own_cpu();
  clocks->elapsed = -now();
}

void clocks_stop(struct clocks *clocks, const struct process *server) {
  clocks->elapsed += now();
  clocks->client += own_cpu();
  clocks->server += process_cpu(server);
}

void report_number(const char *name, int64_t value) {
  printf(",\"%s\":%lld", name, (long long)value);
}

void report_begin(const struct streams *streams, int64_t connections,
                  const struct clocks *clocks) {
  printf("{\"connections\":%lld", (long long)connections);
  report_number("heads", streams->heads);
  report_number("ended", streams->ended);
  report_number("events", streams->events);
  report_number("lost", streams->order.lost);
  report_number("doubled", streams->order.doubled);
  report_number("disordered", streams->order.disordered);
  report_number("serverCpu", clocks->server);
  report_number("clientCpu", clocks->client);
  report_number("elapsed", clocks->elapsed);
  printf(",\"clientBusy\":%.3f", (double)clocks->client / (double)clocks->elapsed);
  report_number("bytes", streams->bytes);
  report_number("reads", streams->reads);
}

void report_known(const char *name, int64_t value) {
  if (value < 0)
    printf(",\"%s\":null", name);
  else
    report_number(name, value);
}

void report_numbers(const char *name, const int64_t *values, int64_t count) {
  printf(",\"%s\":[", name);
  for (int64_t i = 0; i < count; i++) printf("%s%lld", i > 0 ? "," : "", (long long)values[i]);
  putchar(']');
}

void report_latency(void) {
  printf(",\"latency\":{\"p50\":%lld,\"p99\":%lld,\"p999\":%lld,\"max\":%lld}",
         (long long)latency_at(0.5), (long long)latency_at(0.99), (long long)latency_at(0.999),
         (long long)latency_max());
}

void report_end(void) {
  puts("}");
  if (fflush(stdout) != 0) fail("the report could not be written");
}
