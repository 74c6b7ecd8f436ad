// Correct rounding by binary64 with a proven bound: every output that it writes is right, the
// others are listed for exact arithmetic.
//
// Let u = 2^-53 and y = accumulator * multiplier, the multiplier being a rational number whose
// approximation has relative error at most 2.01u. The accumulator's conversion and the product add
// u each, so the computed value is within 4.1u |y| of y. Outputs at least 1 outside the bounds
// are decided by that. Inside them |y| <= 2^17 + 1, so the error is below 2^-32, and a value whose
// distance from the nearest integer is at most 1/2 - 2^-32 is rounded to that integer under every
// tie rule.

#include "exact.h"

int64_t fk_portable_round_exact(
    const fk_exact_stage *stage, const int64_t *accumulators, int64_t first, int64_t end,
    void *out, int32_t *undecided) {
  int64_t count = 0;
  for (int64_t j = first; j < end; j++) {
    int32_t value;
    if (fk_round_one(stage, accumulators[j], j, &value)) {
      fk_store(out, stage->element, j, value);
    } else {
      undecided[count++] = (int32_t)j;
    }
  }
  return count;
}
