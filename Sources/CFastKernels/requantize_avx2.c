// Requantization of rows, eight values at a time.

#include "requantize.h"

#if FK_HAS_X86
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF

#define FK_TARGET __attribute__((target("avx2")))

FK_INLINE FK_TARGET __m256i load8(const int32_t *values) {
  return _mm256_loadu_si256((const __m256i *)values);
}

/// (x * multiplier + 2^30) >> 31 of eight values; the results fit an int32.
FK_INLINE FK_TARGET __m256i doubling_high(__m256i x, __m256i multiplier) {
  const __m256i half = _mm256_set1_epi64x((int64_t)1 << 30);
  __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, multiplier), half);
  __m256i odd = _mm256_add_epi64(
      _mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(multiplier, 32)), half);
  return _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
}

FK_INLINE FK_TARGET __m256i divide_away(__m256i value, __m256i right) {
  const __m256i one = _mm256_set1_epi32(1);
  __m256i mask = _mm256_sub_epi32(_mm256_sllv_epi32(one, right), one);
  __m256i remainder = _mm256_and_si256(value, mask);
  __m256i threshold = _mm256_add_epi32(_mm256_srli_epi32(mask, 1), _mm256_srli_epi32(value, 31));
  return _mm256_sub_epi32(
      _mm256_srav_epi32(value, right), _mm256_cmpgt_epi32(remainder, threshold));
}

/// (value + 2^(right - 1)) >> right without its carry out of 32 bits: the bit below the result is
/// added to it.
FK_INLINE FK_TARGET __m256i divide_up(__m256i value, __m256i right) {
  const __m256i one = _mm256_set1_epi32(1);
  __m256i below = _mm256_srlv_epi32(value, _mm256_sub_epi32(right, one));
  return _mm256_add_epi32(_mm256_srav_epi32(value, right), _mm256_and_si256(below, one));
}

/// (x * multiplier + 2^(shift - 1)) >> shift of the even lanes, saturated to int32; shift in
/// 1...62, in the low halves of the 64-bit lanes. Arithmetic shift as the logical one of the value
/// plus 2^63.
FK_INLINE FK_TARGET __m256i single_even(__m256i x, __m256i multiplier, __m256i shift) {
  const __m256i one = _mm256_set1_epi64x(1), sign = _mm256_set1_epi64x(INT64_MIN);
  const __m256i highest = _mm256_set1_epi64x(INT32_MAX), lowest = _mm256_set1_epi64x(INT32_MIN);
  __m256i half = _mm256_sllv_epi64(one, _mm256_sub_epi64(shift, one));
  __m256i sum = _mm256_add_epi64(_mm256_mul_epi32(x, multiplier), half);
  __m256i value = _mm256_sub_epi64(
      _mm256_srlv_epi64(_mm256_xor_si256(sum, sign), shift), _mm256_srlv_epi64(sign, shift));
  value = _mm256_blendv_epi8(value, highest, _mm256_cmpgt_epi64(value, highest));
  return _mm256_blendv_epi8(value, lowest, _mm256_cmpgt_epi64(lowest, value));
}

FK_INLINE FK_TARGET __m256i single(__m256i x, __m256i multiplier, __m256i shift) {
  __m256i even = single_even(
      x, multiplier, _mm256_and_si256(shift, _mm256_set1_epi64x(0xFFFFFFFF)));
  __m256i odd = single_even(
      _mm256_srli_epi64(x, 32), _mm256_srli_epi64(multiplier, 32), _mm256_srli_epi64(shift, 32));
  return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}

FK_INLINE FK_TARGET __m128i convert_away(__m128i x, const double *factors) {
  const __m256d sign = _mm256_set1_pd(-0.0), half = _mm256_set1_pd(0x1.fffffffffffffp-2);
  __m256d value = _mm256_mul_pd(_mm256_cvtepi32_pd(x), _mm256_loadu_pd(factors));
  __m256d moved = _mm256_add_pd(value, _mm256_or_pd(half, _mm256_and_pd(value, sign)));
  return _mm256_cvttpd_epi32(moved);
}

/// Eight outputs of the columns from `j` on, inside the bounds.
FK_INLINE FK_TARGET __m256i requantize8(
    const int kind, const fk_stage *stage, __m256i x, int64_t j) {
  const __m256i zero_point = _mm256_set1_epi32(stage->zero_point);
  __m256i value;
  if (kind == FK_STAGE_FLOAT64) {
    value = _mm256_inserti128_si256(
        _mm256_castsi128_si256(
            convert_away(_mm256_castsi256_si128(x), stage->factors64 + j)),
        convert_away(_mm256_extracti128_si256(x, 1), stage->factors64 + j + 4), 1);
  } else if (kind == FK_STAGE_FLOAT32_WRAP || kind == FK_STAGE_FLOAT32_CLAMP) {
    const __m256 lowest = _mm256_set1_ps((float)(stage->minimum - stage->zero_point));
    const __m256 highest = _mm256_set1_ps((float)(stage->maximum - stage->zero_point));
    __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(x), _mm256_loadu_ps(stage->factors32 + j));
    if (kind == FK_STAGE_FLOAT32_CLAMP) {
      real = _mm256_max_ps(real, lowest);
    }
    value = _mm256_cvtps_epi32(_mm256_min_ps(real, highest));
  } else {
    __m256i multiplier = load8(stage->multipliers + j);
    __m256i left = load8(stage->left_shifts + j), right = load8(stage->right_shifts + j);
    if (kind == FK_STAGE_SINGLE) {
      __m256i shift =
          _mm256_add_epi32(_mm256_sub_epi32(_mm256_set1_epi32(31), left), right);
      value = single(x, multiplier, shift);
    } else {
      value = doubling_high(_mm256_sllv_epi32(x, left), multiplier);
      value = kind == FK_STAGE_DOUBLE_AWAY ? divide_away(value, right) : divide_up(value, right);
    }
  }
  value = _mm256_add_epi32(value, zero_point);
  value = _mm256_max_epi32(value, _mm256_set1_epi32(stage->minimum));
  // As fk_float32_wrap has it, the activation's upper bound is not applied again.
  const int32_t maximum =
      kind == FK_STAGE_FLOAT32_WRAP ? fk_element_maximum(stage->element) : stage->maximum;
  return _mm256_min_epi32(value, _mm256_set1_epi32(maximum));
}

/// The low bytes or words of eight values that are in the element's range.
FK_INLINE FK_TARGET __m128i narrow8(int element, __m256i value) {
  __m128i words =
      _mm_packs_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
  if (element == FK_INT16) {
    return words;
  }
  return element == FK_INT8 ? _mm_packs_epi16(words, words) : _mm_packus_epi16(words, words);
}

FK_INLINE FK_TARGET void requantize_rows(
    const int kind, const fk_stage *stage, const int32_t *dots, int64_t rows, int64_t columns,
    int64_t dot_stride, const int64_t *row_sums, const int32_t *offsets, void *out) {
  const int element = stage->element;
  const int64_t size = fk_element_size(element);
  for (int64_t i = 0; i < rows; i++) {
    const __m256i row_sum = _mm256_set1_epi32((int32_t)row_sums[i]);
    char *target = (char *)out + i * columns * size;
    for (int64_t j = 0; j < columns; j += 8) {
      __m256i x = _mm256_add_epi32(load8(dots + i * dot_stride + j), load8(offsets + j));
      if (stage->weight_zero_points) {
        x = _mm256_sub_epi32(
            x, _mm256_mullo_epi32(load8(stage->weight_zero_points + j), row_sum));
      }
      __m128i result = narrow8(element, requantize8(kind, stage, x, j));
      if (j + 8 > columns) {
        char whole[16];
        _mm_storeu_si128((__m128i *)whole, result);
        memcpy(target + j * size, whole, (size_t)((columns - j) * size));
      } else if (element == FK_INT16) {
        _mm_storeu_si128((__m128i *)(target + j * 2), result);
      } else {
        _mm_storel_epi64((__m128i *)(target + j), result);
      }
    }
  }
}

FK_TARGET void fk_avx2_requantize32(
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

#endif
