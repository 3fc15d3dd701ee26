// The load client: opens streams, reads them, and prints what they cost and whether every event came.
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "options.h"
#include "scenarios.h"

int main(int count, char **words) {
  static const struct {
    const char *name;
    void (*run)(const struct options *options);
  } scenarios[] = {
      {"fan", scenario_fan},       {"idle", scenario_idle},   {"open", scenario_open},
      {"replay", scenario_replay}, {"stall", scenario_stall}, {"leave", scenario_leave},
  };
  struct options options;
  options_read(&options, count, words);
  for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
    if (strcmp(scenarios[i].name, options.scenario) != 0) continue;
    scenarios[i].run(&options);
    return 0;
  }
  fail("%s is no scenario: fan, idle, open, replay, stall or leave", options.scenario);
}
