#ifndef CFASTKERNELS_INTERNAL_H
#define CFASTKERNELS_INTERNAL_H

#include <string.h>

#include "CFastKernels.h"

#if defined(__x86_64__)
#define FK_HAS_X86 1
#endif

#define FK_INLINE static inline __attribute__((always_inline))

/// The size of an element in bytes.
FK_INLINE int64_t fk_element_size(int element) { return element == FK_INT16 ? 2 : 1; }

FK_INLINE int32_t fk_element_maximum(int element) {
  return element == FK_INT8 ? 127 : element == FK_UINT8 ? 255 : 32767;
}

/// Stores one output, unaligned.
FK_INLINE void fk_store(void *out, int element, int64_t index, int32_t value) {
  if (element == FK_INT16) {
    int16_t narrow = (int16_t)value;
    memcpy((char *)out + 2 * index, &narrow, 2);
  } else {
    ((uint8_t *)out)[index] = (uint8_t)value;
  }
}

FK_INLINE int64_t fk_min64(int64_t a, int64_t b) { return a < b ? a : b; }

void fk_portable_pack_words(
    int element, const void *source, int64_t rows, int64_t depth, int64_t stride, int16_t *packed,
    int16_t *high, int64_t *sums);
void fk_portable_dots32(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int32_t *out, int64_t out_stride);
void fk_portable_dots64(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int64_t lane_limit, int shift, int64_t *out, int64_t out_stride);
void fk_portable_requantize32(
    const fk_stage *stage, const int32_t *dots, int64_t rows, int64_t columns, int64_t dot_stride,
    const int64_t *row_sums, const int32_t *offsets, void *out);
int64_t fk_portable_round_exact(
    const fk_exact_stage *stage, const int64_t *accumulators, int64_t first, int64_t end,
    void *out, int32_t *undecided);

#if FK_HAS_X86
void fk_avx2_pack_words(
    int element, const void *source, int64_t rows, int64_t depth, int64_t stride, int16_t *packed,
    int16_t *high, int64_t *sums);
void fk_avx2_dots32(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int32_t *out, int64_t out_stride);
void fk_avx2_dots64(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int64_t lane_limit, int shift, int64_t *out, int64_t out_stride);
void fk_avx2_requantize32(
    const fk_stage *stage, const int32_t *dots, int64_t rows, int64_t columns, int64_t dot_stride,
    const int64_t *row_sums, const int32_t *offsets, void *out);
int64_t fk_avx2_round_exact(
    const fk_exact_stage *stage, const int64_t *accumulators, int64_t columns, void *out,
    int32_t *undecided);

void fk_avx512_pack_bytes(
    const void *source, int64_t rows, int64_t depth, int64_t stride, int flip, int is_signed,
    void *packed, int64_t *sums);
void fk_avx512_dots32_words(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int32_t *out, int64_t out_stride);
void fk_avx512_dots64_words(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int64_t lane_limit, int shift, int64_t *out, int64_t out_stride);
void fk_avx512_dots32_bytes(
    const uint8_t *a, const int8_t *b, int64_t rows, int64_t columns, int64_t stride,
    int32_t *out, int64_t out_stride);
void fk_avx512_dots64_bytes(
    const uint8_t *a, const int8_t *b, int64_t rows, int64_t columns, int64_t stride,
    int64_t lane_limit, int shift, int64_t *out, int64_t out_stride);
#endif

#endif
