#ifndef CFASTKERNELS_REQUANTIZE_H
#define CFASTKERNELS_REQUANTIZE_H

// The requantizations of single values. The vector forms in requantize_avx2.c compute the same
// functions; the tests compare them.

#include "internal.h"

#if FK_HAS_X86
#include <emmintrin.h>
#else
#include <math.h>
#endif

#pragma STDC FP_CONTRACT OFF

/// Adds modulo 2^32.
FK_INLINE int32_t fk_wrap_add(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

/// Nearest int32, ties to even; -2^31 for NaN and everything outside int32 (x86 cvtps2dq).
FK_INLINE int32_t fk_convert_even(float value) {
#if FK_HAS_X86
  return _mm_cvtss_si32(_mm_set_ss(value));
#else
  return value >= -0x1p31f && value < 0x1p31f ? (int32_t)lrintf(value) : INT32_MIN;
#endif
}

/// Nearest int32, ties away from zero; -2^31 outside int32 (x86 cvttsd2si).
///
/// Adding the largest binary64 below 0.5 and truncating rounds correctly: 0.5 itself is carried
/// to 1 by the addition's own rounding, and nothing below it is.
FK_INLINE int32_t fk_convert_away(double value) {
  double moved = value + (value < 0 ? -0x1.fffffffffffffp-2 : 0x1.fffffffffffffp-2);
  return moved > -2147483649.0 && moved < 2147483648.0 ? (int32_t)moved : INT32_MIN;
}

FK_INLINE int32_t fk_clamp(int32_t value, int32_t minimum, int32_t maximum) {
  int32_t raised = value < minimum ? minimum : value;
  return raised > maximum ? maximum : raised;
}

/// x * 2^left, modulo 2^32; 0 where left is 32 or more.
FK_INLINE int32_t fk_shift_left(int32_t x, int32_t left) {
  return left < 32 ? (int32_t)((uint32_t)x << left) : 0;
}

/// (x * multiplier + 2^30) >> 31: the doubling high product, ties toward +infinity. The source's
/// saturation needs a multiplier of -2^31, which does not occur.
FK_INLINE int32_t fk_doubling_high(int32_t x, int32_t multiplier) {
  return (int32_t)(((int64_t)x * multiplier + ((int64_t)1 << 30)) >> 31);
}

/// MultiplyByQuantizedMultiplier of TensorFlow Lite Micro and gemmlowp's RoundingDivideByPOT:
/// the second rounding breaks ties away from zero. 0 <= right <= 31.
FK_INLINE int32_t fk_double_away(int32_t x, int32_t multiplier, int32_t left, int32_t right) {
  int32_t value = fk_doubling_high(fk_shift_left(x, left), multiplier);
  int32_t mask = (int32_t)(((uint32_t)1 << right) - 1);
  int32_t remainder = value & mask, threshold = (mask >> 1) + (value < 0);
  return (value >> right) + (remainder > threshold);
}

/// ruy's fixed-point stage on x86 with AVX: the second rounding breaks ties toward +infinity.
FK_INLINE int32_t fk_double_up(int32_t x, int32_t multiplier, int32_t left, int32_t right) {
  int64_t value = fk_doubling_high(fk_shift_left(x, left), multiplier);
  return (int32_t)((value + (right > 0 ? (int64_t)1 << (right - 1) : 0)) >> right);
}

/// TFLITE_SINGLE_ROUNDING: one rounding, ties toward +infinity, saturating to int32.
/// left - right is at most 30 and at least -31.
FK_INLINE int32_t fk_single(int32_t x, int32_t multiplier, int32_t left, int32_t right) {
  int32_t shift = 31 - left + right;
  int64_t value = ((int64_t)x * multiplier + ((int64_t)1 << (shift - 1))) >> shift;
  return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

/// XNNPACK on x86 with AVX-512: clamped above before the conversion, zero point added modulo
/// 2^32, saturated to the type, clamped below. A sum that wrapped ends at the type's maximum, not
/// at the activation's.
FK_INLINE int32_t fk_float32_wrap(
    int32_t x, float factor, const fk_stage *stage) {
  float value = (float)x * factor, highest = (float)(stage->maximum - stage->zero_point);
  value = value < highest ? value : highest;
  return fk_clamp(
      fk_wrap_add(fk_convert_even(value), stage->zero_point), stage->minimum,
      fk_element_maximum(stage->element));
}

/// ONNX Runtime's MLAS on x86: clamped before the conversion; a NaN becomes the minimum.
FK_INLINE int32_t fk_float32_clamp(
    int32_t x, float factor, int32_t zero_point, int32_t minimum, int32_t maximum) {
  float value = (float)x * factor;
  float lowest = (float)(minimum - zero_point), highest = (float)(maximum - zero_point);
  value = value > lowest ? value : lowest;
  value = value < highest ? value : highest;
  return fk_convert_even(value) + zero_point;
}

/// One output of column `j` from its accumulator.
FK_INLINE int32_t fk_requantize_one(
    const int kind, const fk_stage *stage, int32_t x, int64_t j) {
  const int32_t zero_point = stage->zero_point;
  const int32_t minimum = stage->minimum, maximum = stage->maximum;
  int32_t value;
  switch (kind) {
  case FK_STAGE_DOUBLE_AWAY:
    value = fk_double_away(
        x, stage->multipliers[j], stage->left_shifts[j], stage->right_shifts[j]);
    break;
  case FK_STAGE_DOUBLE_UP:
    value = fk_double_up(
        x, stage->multipliers[j], stage->left_shifts[j], stage->right_shifts[j]);
    break;
  case FK_STAGE_SINGLE:
    value = fk_single(
        x, stage->multipliers[j], stage->left_shifts[j], stage->right_shifts[j]);
    break;
  case FK_STAGE_FLOAT64: value = fk_convert_away((double)x * stage->factors64[j]); break;
  case FK_STAGE_FLOAT32_WRAP:
    return fk_float32_wrap(x, stage->factors32[j], stage);
  default: return fk_float32_clamp(x, stage->factors32[j], zero_point, minimum, maximum);
  }
  return fk_clamp(fk_wrap_add(value, zero_point), minimum, maximum);
}

#endif
