// Whether every event came, once, and in order.
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stdint.h>

/** Of all connections. */
struct order_totals {
  int64_t lost;       // never came
  int64_t doubled;    // came again
  int64_t disordered; // came after a later one
};

/**
 * What one stream has brought: `next` is awaited, and bit `i` of `seen` says whether `next - 1 - i` has
 * come. So a number that is left out counts as lost until it comes late, and then as disordered; one that
 * is more than 64 behind can't be told from a doubled one and counts as that.
 */
struct order {
  uint64_t next;
  uint64_t seen;
};

/** @param first - the number of the first event */
static inline void order_begin(struct order *order, uint64_t first) {
  order->next = first;
  order->seen = ~UINT64_C(0);
}

/** Whether the event is one that has not come before. */
static inline bool order_take(struct order *order, uint64_t n, struct order_totals *totals) {
  if (n >= order->next) {
    uint64_t ahead = n - order->next;
    totals->lost += (int64_t)ahead;
    order->seen = ahead < 63 ? order->seen << (ahead + 1) | 1 : 1;
    order->next = n + 1;
    return true;
  }
  uint64_t behind = order->next - 1 - n;
  if (behind >= 64 || (order->seen >> behind & 1) != 0) {
    totals->doubled++;
    return false;
  }
  order->seen |= UINT64_C(1) << behind;
  totals->disordered++;
  totals->lost--;
  return true;
}

/** @param last - the number of the last event that should have come */
static inline void order_end(const struct order *order, uint64_t last,
                             struct order_totals *totals) {
  if (order->next <= last) totals->lost += (int64_t)(last + 1 - order->next);
}

#endif
