// Packing and dot products in plain C; the compiler turns the inner loop into pmaddwd.

#include "internal.h"

FK_INLINE int32_t load_element(int element, const uint8_t *source, int64_t index) {
  if (element == FK_INT16) {
    int16_t value;
    memcpy(&value, source + 2 * index, 2);
    return value;
  }
  return element == FK_INT8 ? (int8_t)source[index] : source[index];
}

FK_INLINE void pack_row(
    int element, const uint8_t *source, int64_t depth, int64_t stride, int16_t *packed,
    int16_t *high, int64_t *sum) {
  int64_t total = 0;
  for (int64_t k = 0; k < depth; k++) {
    int32_t value = load_element(element, source, k);
    total += value;
    packed[k] = (int16_t)(high ? value & 0xFF : value);
    if (high) {
      high[k] = (int16_t)(value >> 8);
    }
  }
  memset(packed + depth, 0, (size_t)(stride - depth) * 2);
  if (high) {
    memset(high + depth, 0, (size_t)(stride - depth) * 2);
  }
  *sum = total;
}

void fk_portable_pack_words(
    int element, const void *source, int64_t rows, int64_t depth, int64_t stride, int16_t *packed,
    int16_t *high, int64_t *sums) {
  for (int64_t i = 0; i < rows; i++) {
    const uint8_t *row = (const uint8_t *)source + i * depth * fk_element_size(element);
    int16_t *target = packed + i * stride;
    switch (element) {
    case FK_INT8: pack_row(FK_INT8, row, depth, stride, target, NULL, sums + i); break;
    case FK_UINT8: pack_row(FK_UINT8, row, depth, stride, target, NULL, sums + i); break;
    default:
      pack_row(
          FK_INT16, row, depth, stride, target, high ? high + i * stride : NULL, sums + i);
    }
  }
}

/// Modulo 2^32; a product of two int16 always fits.
FK_INLINE int32_t dot(const int16_t *a, const int16_t *b, int64_t count) {
  uint32_t sum = 0;
  for (int64_t k = 0; k < count; k++) {
    sum += (uint32_t)((int32_t)a[k] * (int32_t)b[k]);
  }
  return (int32_t)sum;
}

void fk_portable_dots32(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int32_t *out, int64_t out_stride) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      out[i * out_stride + j] = dot(a + i * stride, b + j * stride, stride);
    }
  }
}

void fk_portable_dots64(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int64_t lane_limit, int shift, int64_t *out, int64_t out_stride) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      int64_t sum = 0;
      for (int64_t k = 0; k < stride; k += lane_limit) {
        sum += dot(a + i * stride + k, b + j * stride + k, fk_min64(lane_limit, stride - k));
      }
      out[i * out_stride + j] += sum * ((int64_t)1 << shift);
    }
  }
}
