#ifndef CFASTKERNELS_EXACT_H
#define CFASTKERNELS_EXACT_H

#include <math.h>

#include "internal.h"

#pragma STDC FP_CONTRACT OFF

/// The nearest integer, ties to even; |value| < 2^51.
FK_INLINE double fk_nearest(double value) { return (value + 0x1.8p52) - 0x1.8p52; }

/// Half-way `value` to one of its neighbours.
FK_INLINE double fk_round_half(int tie, double value, double even) {
  if (tie == FK_TIE_EVEN) {
    return even;
  }
  return tie == FK_TIE_AWAY && value < 0 ? value - 0.5 : value + 0.5;
}

/// With a second term, whose error is given: decides where the sum is farther than the errors
/// from the nearest half. 2^-50 |first| and 2^-52 |sum| exceed the errors of the first term and
/// of the addition.
FK_INLINE int fk_round_sum(
    const fk_exact_stage *stage, double first, int64_t j, double lowest, double highest,
    double *rounded) {
  const double sum = first + stage->addends[j];
  const double error =
      0x1p-50 * fabs(first) + stage->addend_errors[j] + 0x1p-52 * fabs(sum);
  if (sum - error >= highest + 1) {
    *rounded = highest;
    return 1;
  }
  if (sum + error <= lowest - 1) {
    *rounded = lowest;
    return 1;
  }
  if (!(fabs(sum) < 0x1p40)) {
    return 0;
  }
  *rounded = fk_nearest(sum);
  return fabs(sum - *rounded) + error <= 0.5 - 0x1p-32;
}

/// Returns whether the output of column `j` could be decided, and stores it.
FK_INLINE int fk_round_one(
    const fk_exact_stage *stage, int64_t accumulator, int64_t j, int32_t *output) {
  const double lowest = (double)(stage->minimum - stage->zero_point);
  const double highest = (double)(stage->maximum - stage->zero_point);
  const double x = (double)accumulator, y = x * stage->factors[j];
  double rounded;
  if (stage->addends) {
    if (!fk_round_sum(stage, y, j, lowest, highest, &rounded)) {
      return 0;
    }
  } else if (y >= highest + 1) {
    rounded = highest;
  } else if (y <= lowest - 1) {
    rounded = lowest;
  } else {
    rounded = fk_nearest(y);
    const double distance = fabs(y - rounded);
    if (distance > 0.5 - 0x1p-32) {
      if (!(fabs(x) <= stage->exact_limits[j])) {
        return 0;
      }
      if (distance == 0.5) {
        rounded = fk_round_half(stage->tie, y, rounded);
      }
    }
  }
  rounded = rounded < lowest ? lowest : rounded > highest ? highest : rounded;
  *output = (int32_t)rounded + stage->zero_point;
  return 1;
}

#endif
