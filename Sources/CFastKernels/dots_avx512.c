// Packing and dot products for AVX-512 with VNNI: vpdpbusd on bytes and vpdpwssd on words, four
// rows by four columns at a time. Neither instruction saturates.
//
// With FK_EMULATED defined the same source is compiled against SIMDe, which computes every
// intrinsic in plain C, to be checked where the instructions are missing.

#include "internal.h"

#if FK_HAS_X86
#ifdef FK_EMULATED
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#define FK_TARGET
#else
#include <immintrin.h>
#define FK_TARGET __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))
#endif

FK_INLINE FK_TARGET __m512i load64(const void *source) { return _mm512_loadu_si512(source); }

FK_INLINE FK_TARGET __m256i upper_half(__m512i value) {
  return _mm512_extracti64x4_epi64(value, 1);
}

FK_INLINE FK_TARGET __m256i widen_half(__m256i sums) {
  return _mm256_add_epi64(
      _mm256_cvtepi32_epi64(_mm256_castsi256_si128(sums)),
      _mm256_cvtepi32_epi64(_mm256_extracti128_si256(sums, 1)));
}

/// Sixteen int32 lanes to four int64 lanes, added in fours.
FK_INLINE FK_TARGET __m256i widen_sums(__m512i sums) {
  return _mm256_add_epi64(
      widen_half(_mm512_castsi512_si256(sums)), widen_half(upper_half(sums)));
}

/// The `count` < 64 bytes at the end of a row, and whatever behind them. Where the tensor goes on
/// for `readable` >= 64 bytes, in the rows that follow, they are read as well.
FK_INLINE FK_TARGET __m512i load_tail(const uint8_t *source, int64_t count, int64_t readable) {
  if (readable >= 64) {
    return load64(source);
  }
  uint8_t tail[64] = {0};
  memcpy(tail, source, (size_t)count);
  return load64(tail);
}

/// A lane of a row's sum grows by at most 1020 a step; this many steps fit an int32.
enum { SUM_STEPS = 1 << 20 };

FK_TARGET void fk_avx512_pack_bytes(
    const void *source, int64_t rows, int64_t depth, int64_t stride, int flip, int is_signed,
    void *packed, int64_t *sums) {
  const __m512i mask = _mm512_set1_epi8((char)flip), ones = _mm512_set1_epi8(1);
  const __m512i zero = _mm512_setzero_si512();
  for (int64_t i = 0; i < rows; i++) {
    const uint8_t *row = (const uint8_t *)source + i * depth;
    uint8_t *target = (uint8_t *)packed + i * stride;
    int64_t total = 0;
    for (int64_t k = 0; k < stride;) {
      __m512i narrow = zero;
      for (int64_t step = 0; step < SUM_STEPS && k < stride; step++, k += 64) {
        __m512i value = k + 64 <= depth
            ? load64(row + k)
            : load_tail(row + k, depth - k, (rows - i) * depth - k);
        value = _mm512_xor_si512(value, mask);
        if (k + 64 > depth) {
          value = _mm512_maskz_mov_epi8(((uint64_t)1 << (depth - k)) - 1, value);
        }
        _mm512_storeu_si512(target + k, value);
        narrow = is_signed ? _mm512_dpbusd_epi32(narrow, ones, value)
                           : _mm512_dpbusd_epi32(narrow, value, ones);
      }
      __m256i wide = widen_sums(narrow);
      __m128i half =
          _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
      total += _mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1);
    }
    sums[i] = total;
  }
}

/// The partial sums of `tile_rows` by 4 dot products over the bytes from `first` to `end`, in
/// steps of 64 bytes. A lane gets four products a step of FK_BYTES, two of FK_WORDS.
FK_INLINE FK_TARGET void dot_tile(
    const int layout, const int tile_rows, const uint8_t *const *a, const uint8_t *const *b,
    int64_t first, int64_t end, __m512i sums[4][4]) {
  for (int r = 0; r < tile_rows; r++) {
    for (int c = 0; c < 4; c++) {
      sums[r][c] = _mm512_setzero_si512();
    }
  }
  for (int64_t k = first; k < end; k += 64) {
    __m512i right[4];
    for (int c = 0; c < 4; c++) {
      right[c] = load64(b[c] + k);
    }
    for (int r = 0; r < tile_rows; r++) {
      __m512i left = load64(a[r] + k);
      for (int c = 0; c < 4; c++) {
        sums[r][c] = layout == FK_BYTES ? _mm512_dpbusd_epi32(sums[r][c], left, right[c])
                                        : _mm512_dpwssd_epi32(sums[r][c], left, right[c]);
      }
    }
  }
}

/// Four vectors of sixteen int32 to their four sums, modulo 2^32.
FK_INLINE FK_TARGET __m128i reduce32(const __m512i *sums) {
  __m256i half[4];
  for (int c = 0; c < 4; c++) {
    half[c] = _mm256_add_epi32(_mm512_castsi512_si256(sums[c]), upper_half(sums[c]));
  }
  __m256i all = _mm256_hadd_epi32(
      _mm256_hadd_epi32(half[0], half[1]), _mm256_hadd_epi32(half[2], half[3]));
  return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

/// Four vectors of sixteen int32 to their four sums in int64.
FK_INLINE FK_TARGET __m256i reduce64(const __m512i *sums) {
  __m256i s0 = widen_sums(sums[0]), s1 = widen_sums(sums[1]);
  __m256i s2 = widen_sums(sums[2]), s3 = widen_sums(sums[3]);
  __m256i s01 = _mm256_add_epi64(_mm256_unpacklo_epi64(s0, s1), _mm256_unpackhi_epi64(s0, s1));
  __m256i s23 = _mm256_add_epi64(_mm256_unpacklo_epi64(s2, s3), _mm256_unpackhi_epi64(s2, s3));
  return _mm256_add_epi64(
      _mm256_permute2x128_si256(s01, s23, 0x20), _mm256_permute2x128_si256(s01, s23, 0x31));
}

/// One tile of outputs: int32 where `out32` is given, else added to int64 in blocks.
typedef struct {
  int64_t stride;  // bytes of a packed row
  int64_t block;   // bytes after which int32 lanes may be full
  __m128i shift;
  int32_t *out32;
  int64_t *out64;
  int64_t out_stride;
} tile_target;

FK_INLINE FK_TARGET void tile(
    const int layout, const int tile_rows, const uint8_t *a, const uint8_t *const *right,
    const tile_target *target, int64_t out_offset) {
  const uint8_t *left[4];
  __m512i sums[4][4];
  for (int r = 0; r < tile_rows; r++) {
    left[r] = a + r * target->stride;
  }
  if (target->out32) {
    dot_tile(layout, tile_rows, left, right, 0, target->stride, sums);
    for (int r = 0; r < tile_rows; r++) {
      int32_t *out = target->out32 + out_offset + r * target->out_stride;
      _mm_storeu_si128((__m128i *)out, reduce32(sums[r]));
    }
    return;
  }
  for (int64_t k = 0; k < target->stride; k += target->block) {
    dot_tile(layout, tile_rows, left, right, k, fk_min64(target->stride, k + target->block), sums);
    for (int r = 0; r < tile_rows; r++) {
      __m256i *out = (__m256i *)(target->out64 + out_offset + r * target->out_stride);
      __m256i total = _mm256_sll_epi64(reduce64(sums[r]), target->shift);
      _mm256_storeu_si256(out, _mm256_add_epi64(_mm256_loadu_si256(out), total));
    }
  }
}

FK_INLINE FK_TARGET void dots(
    const int layout, const uint8_t *a, const uint8_t *b, int64_t rows, int64_t columns,
    const tile_target *target) {
  const int64_t stride = target->stride, out_stride = target->out_stride;
  for (int64_t j = 0; j < columns; j += 4) {
    // Columns behind the last one repeat it; they land in the padding of the output.
    const uint8_t *right[4];
    for (int c = 0; c < 4; c++) {
      right[c] = b + fk_min64(j + c, columns - 1) * stride;
    }
    int64_t i = 0;
    for (; i + 4 <= rows; i += 4) {
      tile(layout, 4, a + i * stride, right, target, i * out_stride + j);
    }
    for (; i < rows; i++) {
      tile(layout, 1, a + i * stride, right, target, i * out_stride + j);
    }
  }
}

FK_TARGET void fk_avx512_dots32_bytes(
    const uint8_t *a, const int8_t *b, int64_t rows, int64_t columns, int64_t stride,
    int32_t *out, int64_t out_stride) {
  const tile_target target = {.stride = stride, .out32 = out, .out_stride = out_stride};
  dots(FK_BYTES, a, (const uint8_t *)b, rows, columns, &target);
}

FK_TARGET void fk_avx512_dots32_words(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int32_t *out, int64_t out_stride) {
  const tile_target target = {.stride = 2 * stride, .out32 = out, .out_stride = out_stride};
  dots(FK_WORDS, (const uint8_t *)a, (const uint8_t *)b, rows, columns, &target);
}

FK_TARGET void fk_avx512_dots64_bytes(
    const uint8_t *a, const int8_t *b, int64_t rows, int64_t columns, int64_t stride,
    int64_t lane_limit, int shift, int64_t *out, int64_t out_stride) {
  const tile_target target = {
      .stride = stride, .block = lane_limit / 4 * 64, .shift = _mm_cvtsi32_si128(shift),
      .out64 = out, .out_stride = out_stride};
  dots(FK_BYTES, a, (const uint8_t *)b, rows, columns, &target);
}

FK_TARGET void fk_avx512_dots64_words(
    const int16_t *a, const int16_t *b, int64_t rows, int64_t columns, int64_t stride,
    int64_t lane_limit, int shift, int64_t *out, int64_t out_stride) {
  const tile_target target = {
      .stride = 2 * stride, .block = lane_limit / 2 * 64, .shift = _mm_cvtsi32_si128(shift),
      .out64 = out, .out_stride = out_stride};
  dots(FK_WORDS, (const uint8_t *)a, (const uint8_t *)b, rows, columns, &target);
}

#endif
