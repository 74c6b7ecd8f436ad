// Requantization of rows, one value at a time.

#include "requantize.h"

#pragma STDC FP_CONTRACT OFF

FK_INLINE void requantize_rows(
    const int kind, const fk_stage *stage, const int32_t *dots, int64_t rows, int64_t columns,
    int64_t dot_stride, const int64_t *row_sums, const int32_t *offsets, void *out) {
  for (int64_t i = 0; i < rows; i++) {
    const uint32_t row_sum = (uint32_t)row_sums[i];
    for (int64_t j = 0; j < columns; j++) {
      uint32_t x = (uint32_t)dots[i * dot_stride + j] + (uint32_t)offsets[j];
      if (stage->weight_zero_points) {
        x -= (uint32_t)stage->weight_zero_points[j] * row_sum;
      }
      fk_store(
          out, stage->element, i * columns + j,
          fk_requantize_one(kind, stage, (int32_t)x, j));
    }
  }
}

void fk_portable_requantize32(
    const fk_stage *stage, const int32_t *dots, int64_t rows, int64_t columns, int64_t dot_stride,
    const int64_t *row_sums, const int32_t *offsets, void *out) {
#define FK_CASE(kind)                                                                            \
  case kind:                                                                                     \
    requantize_rows(kind, stage, dots, rows, columns, dot_stride, row_sums, offsets, out);       \
    break
  switch (stage->kind) {
    FK_CASE(FK_STAGE_DOUBLE_AWAY);
    FK_CASE(FK_STAGE_DOUBLE_UP);
    FK_CASE(FK_STAGE_SINGLE);
    FK_CASE(FK_STAGE_FLOAT64);
    FK_CASE(FK_STAGE_FLOAT32_WRAP);
    FK_CASE(FK_STAGE_FLOAT32_CLAMP);
  default: break;
  }
#undef FK_CASE
}

void fk_accumulate64(
    const int32_t *dots32, const int64_t *dots64, int64_t columns,
    const int32_t *weight_zero_points, int64_t row_sum, const int64_t *offsets, int64_t *out) {
  if (dots32) {
    for (int64_t j = 0; j < columns; j++) {
      out[j] = (int64_t)((uint64_t)(int64_t)dots32[j] + (uint64_t)offsets[j]);
    }
  } else {
    for (int64_t j = 0; j < columns; j++) {
      out[j] = (int64_t)((uint64_t)dots64[j] + (uint64_t)offsets[j]);
    }
  }
  if (weight_zero_points) {
    for (int64_t j = 0; j < columns; j++) {
      uint64_t part = (uint64_t)(int64_t)weight_zero_points[j] * (uint64_t)row_sum;
      out[j] = (int64_t)((uint64_t)out[j] - part);
    }
  }
}

void fk_requantize64(
    const fk_stage *stage, const int64_t *accumulators, int64_t columns, void *out) {
  for (int64_t j = 0; j < columns; j++) {
    int32_t value = fk_convert_away((double)accumulators[j] * stage->factors64[j]);
    value = fk_wrap_add(value, stage->zero_point);
    fk_store(out, stage->element, j, fk_clamp(value, stage->minimum, stage->maximum));
  }
}
