#include "latency.h"

// Below 256 ns a cell for each; above, 256 cells between a power of two and the next.
#define CELLS_BITS 8
#define CELLS (1 << CELLS_BITS)

static uint64_t counts[(64 - CELLS_BITS + 1) * CELLS];
static uint64_t total;
static int64_t highest;

static unsigned cell_of(uint64_t value) {
  if (value < CELLS) return (unsigned)value;
  unsigned shift = 63u - (unsigned)__builtin_clzll(value) - CELLS_BITS;
  return shift * CELLS + (unsigned)(value >> shift);
}

// The middle of a cell.
static int64_t value_of(unsigned cell) {
  if (cell < 2 * CELLS) return cell;
  unsigned shift = cell / CELLS - 1;
  return ((int64_t)(cell % CELLS + CELLS) << shift) + (INT64_C(1) << shift) / 2;
}

void latency_take(int64_t nanoseconds) {
  if (nanoseconds < 0) nanoseconds = 0;
  counts[cell_of((uint64_t)nanoseconds)]++;
  total++;
  if (nanoseconds > highest) highest = nanoseconds;
}

int64_t latency_at(double share) {
  uint64_t rank = (uint64_t)(share * (double)total), passed = 0;
  if ((double)rank < share * (double)total) rank++;
  for (unsigned cell = 0; cell < sizeof counts / sizeof *counts; cell++) {
    passed += counts[cell];
    if (passed >= rank && counts[cell] > 0) {
      int64_t value = value_of(cell);
      return value < highest ? value : highest;
    }
  }
  return 0;
}

int64_t latency_max(void) { return highest; }
