// Packing and dot products for AVX2: vpmaddwd on int16, two rows by four columns at a time.

#include "internal.h"

#if FK_HAS_X86
#include <immintrin.h>

#define FK_TARGET __attribute__((target("avx2")))

/// Sixteen elements from `source`, as int16.
FK_INLINE FK_TARGET __m256i load16(int element, const uint8_t *source) {
  if (element == FK_INT16) {
    return _mm256_loadu_si256((const __m256i *)source);
  }
  __m128i bytes = _mm_loadu_si128((const __m128i *)source);
  return element == FK_INT8 ? _mm256_cvtepi8_epi16(bytes) : _mm256_cvtepu8_epi16(bytes);
}

FK_INLINE FK_TARGET int64_t sum_lanes64(__m256i sums) {
  __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  return _mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1);
}

/// Eight int32 lanes to four int64 lanes, added in pairs.
FK_INLINE FK_TARGET __m256i widen_sums(__m256i sums) {
  return _mm256_add_epi64(
      _mm256_cvtepi32_epi64(_mm256_castsi256_si128(sums)),
      _mm256_cvtepi32_epi64(_mm256_extracti128_si256(sums, 1)));
}

/// The first `count` of sixteen words set, 0 <= count <= 16.
FK_INLINE FK_TARGET __m256i first_words(int64_t count) {
  static const int16_t words[32] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                    -1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256((const __m256i *)(words + 16 - count));
}

/// The `count` < 16 elements at the end of a row, the rest 0. Where the source goes on for
/// `readable` >= 16 elements, in the rows that follow, they are read and masked away.
FK_INLINE FK_TARGET __m256i load_tail(
    int element, const uint8_t *source, int64_t count, int64_t readable) {
  if (readable >= 16) {
    return _mm256_and_si256(load16(element, source), first_words(count));
  }
  uint8_t tail[32] = {0};
  memcpy(tail, source, (size_t)(count * fk_element_size(element)));
  return load16(element, tail);
}

/// A lane of a row's sum grows by at most 2^16 a step; this many steps fit an int32.
enum { SUM_STEPS = 1 << 14 };

/// `readable` elements from `source` on belong to the tensor, at least `depth`.
FK_INLINE FK_TARGET void pack_row(
    int element, const uint8_t *source, int64_t readable, int64_t depth, int64_t stride,
    int16_t *packed, int16_t *high, int64_t *sum) {
  const int64_t size = fk_element_size(element);
  const __m256i ones = _mm256_set1_epi16(1), low_byte = _mm256_set1_epi16(0xFF);
  __m256i wide = _mm256_setzero_si256();
  for (int64_t k = 0; k < stride;) {
    __m256i narrow = _mm256_setzero_si256();
    for (int64_t step = 0; step < SUM_STEPS && k < stride; step++, k += 16) {
      __m256i value = _mm256_setzero_si256();
      if (k + 16 <= depth) {
        value = load16(element, source + k * size);
      } else if (k < depth) {
        value = load_tail(element, source + k * size, depth - k, readable - k);
      }
      narrow = _mm256_add_epi32(narrow, _mm256_madd_epi16(value, ones));
      if (high) {
        _mm256_storeu_si256((__m256i *)(high + k), _mm256_srai_epi16(value, 8));
        value = _mm256_and_si256(value, low_byte);
      }
      _mm256_storeu_si256((__m256i *)(packed + k), value);
    }
    wide = _mm256_add_epi64(wide, widen_sums(narrow));
  }
  *sum = sum_lanes64(wide);
}

FK_TARGET void fk_avx2_pack_words(
    int element, const void *source, int64_t rows, int64_t depth, int64_t stride, int16_t *packed,
    int16_t *high, int64_t *sums) {
  for (int64_t i = 0; i < rows; i++) {
    const uint8_t *row = (const uint8_t *)source + i * depth * fk_element_size(element);
    int16_t *target = packed + i * stride;
    const int64_t readable = (rows - i) * depth;
    switch (element) {
    case FK_INT8:
      pack_row(FK_INT8, row, readable, depth, stride, target, NULL, sums + i);
      break;
    case FK_UINT8:
      pack_row(FK_UINT8, row, readable, depth, stride, target, NULL, sums + i);
      break;
    default:
      pack_row(
          FK_INT16, row, readable, depth, stride, target, high ? high + i * stride : NULL,
          sums + i);
    }
  }
}

/// The partial sums of a tile of `tile_rows` by 4 dot products over `count` elements. A lane gets
/// two products of every sixteen.
FK_INLINE FK_TARGET void dot_tile(
    const int tile_rows, const int16_t *const *a, const int16_t *const *b, int64_t first,
    int64_t count, __m256i sums[2][4]) {
  for (int r = 0; r < tile_rows; r++) {
    for (int c = 0; c < 4; c++) {
      sums[r][c] = _mm256_setzero_si256();
    }
  }
  for (int64_t k = first; k < first + count; k += 16) {
    __m256i left[2];
    for (int r = 0; r < tile_rows; r++) {
      left[r] = _mm256_loadu_si256((const __m256i *)(a[r] + k));
    }
    for (int c = 0; c < 4; c++) {
      __m256i right = _mm256_loadu_si256((const __m256i *)(b[c] + k));
      for (int r = 0; r < tile_rows; r++) {
        sums[r][c] = _mm256_add_epi32(sums[r][c], _mm256_madd_epi16(left[r], right));
      }
    }
  }
}

/// Four vectors of eight int32 to their four sums, modulo 2^32.
FK_INLINE FK_TARGET __m128i reduce32(const __m256i *sums) {
  __m256i all = _mm256_hadd_epi32(
      _mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
  return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

/// Four vectors of eight int32 to their four sums in int64.
FK_INLINE FK_TARGET __m256i reduce64(const __m256i *sums) {
  __m256i s0 = widen_sums(sums[0]), s1 = widen_sums(sums[1]);
  __m256i s2 = widen_sums(sums[2]), s3 = widen_sums(sums[3]);
  __m256i s01 = _mm256_add_epi64(_mm256_unpacklo_epi64(s0, s1), _mm256_unpackhi_epi64(s0, s1));
  __m256i s23 = _mm256_add_epi64(_mm256_unpacklo_epi64(s2, s3), _mm256_unpackhi_epi64(s2, s3));
  return _mm256_add_epi64(
      _mm256_permute2x128_si256(s01, s23, 0x20), _mm256_permute2x128_si256(s01, s23, 0x31));
}

/// Rows and columns behind the last one repeat it, so that every tile is whole; the surplus
/// columns land in the padding of `out`.
FK_INLINE void column_pointers(
    const int16_t *b, int64_t column, int64_t columns, int64_t stride, const int16_t **pointers) {
  for (int c = 0; c < 4; c++) {
    pointers[c] = b + fk_min64(column + c, columns - 1) * stride;
  }
}

FK_INLINE FK_TARGET void tile32(
    const int tile_rows, const int16_t *a, const int16_t *const *right, int64_t stride,
    int32_t *out, int64_t out_stride) {
  const int16_t *left[2] = {a, a + (tile_rows - 1) * stride};
  __m256i sums[2][4];
  dot_tile(tile_rows, left, right, 0, stride, sums);
  for (int r = 0; r < tile_rows; r++) {
    _mm_storeu_si128((__m128i *)(out + r * out_stride), reduce32(sums[r]));
  }
}

FK_TARGET void fk_avx2_dots32(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int32_t *out, int64_t out_stride) {
  for (int64_t j = 0; j < columns; j += 4) {
    const int16_t *right[4];
    column_pointers(b, j, columns, stride, right);
    int64_t i = 0;
    for (; i + 2 <= rows; i += 2) {
      tile32(2, a + i * stride, right, stride, out + i * out_stride + j, out_stride);
    }
    if (i < rows) {
      tile32(1, a + i * stride, right, stride, out + i * out_stride + j, out_stride);
    }
  }
}

FK_INLINE FK_TARGET void tile64(
    const int tile_rows, const int16_t *a, const int16_t *const *right, int64_t stride,
    int64_t block, __m128i shift, int64_t *out, int64_t out_stride) {
  const int16_t *left[2] = {a, a + (tile_rows - 1) * stride};
  for (int64_t k = 0; k < stride; k += block) {
    __m256i sums[2][4];
    dot_tile(tile_rows, left, right, k, fk_min64(block, stride - k), sums);
    for (int r = 0; r < tile_rows; r++) {
      __m256i *target = (__m256i *)(out + r * out_stride);
      __m256i total = _mm256_sll_epi64(reduce64(sums[r]), shift);
      _mm256_storeu_si256(target, _mm256_add_epi64(_mm256_loadu_si256(target), total));
    }
  }
}

FK_TARGET void fk_avx2_dots64(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int64_t lane_limit, int shift, int64_t *out, int64_t out_stride) {
  const int64_t block = lane_limit * 8;
  const __m128i count = _mm_cvtsi32_si128(shift);
  for (int64_t j = 0; j < columns; j += 4) {
    const int16_t *right[4];
    column_pointers(b, j, columns, stride, right);
    int64_t i = 0;
    for (; i + 2 <= rows; i += 2) {
      tile64(2, a + i * stride, right, stride, block, count, out + i * out_stride + j, out_stride);
    }
    if (i < rows) {
      tile64(1, a + i * stride, right, stride, block, count, out + i * out_stride + j, out_stride);
    }
  }
}

#endif
