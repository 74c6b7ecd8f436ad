// Correct rounding, four values at a time; see exact_portable.c for the bound.

#include "exact.h"

#if FK_HAS_X86
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF

#define FK_TARGET __attribute__((target("avx2")))

/// Four int64 of magnitude below 2^51 to binary64, exactly: the value is added to the bits of
/// 1.5 * 2^52.
FK_INLINE FK_TARGET __m256d convert_small(__m256i values) {
  const __m256d magic = _mm256_set1_pd(0x1.8p52);
  return _mm256_sub_pd(
      _mm256_castsi256_pd(_mm256_add_epi64(values, _mm256_castpd_si256(magic))), magic);
}

/// All lanes in -2^51 ..< 2^51.
FK_INLINE FK_TARGET int are_small(__m256i values) {
  const __m256i offset = _mm256_set1_epi64x((int64_t)1 << 51);
  return _mm256_testz_si256(
      _mm256_add_epi64(values, offset), _mm256_set1_epi64x(~(((int64_t)1 << 52) - 1)));
}

FK_TARGET int64_t fk_avx2_round_exact(
    const fk_exact_stage *stage, const int64_t *accumulators, int64_t columns, void *out,
    int32_t *undecided) {
  if (stage->addends) {
    return fk_portable_round_exact(stage, accumulators, 0, columns, out, undecided);
  }
  const __m256d lowest = _mm256_set1_pd((double)(stage->minimum - stage->zero_point));
  const __m256d highest = _mm256_set1_pd((double)(stage->maximum - stage->zero_point));
  const __m256d magic = _mm256_set1_pd(0x1.8p52), sign = _mm256_set1_pd(-0.0);
  const __m256d safe = _mm256_set1_pd(0.5 - 0x1p-32);
  int64_t count = 0, j = 0;
  for (; j + 4 <= columns; j += 4) {
    __m256i integers = _mm256_loadu_si256((const __m256i *)(accumulators + j));
    if (are_small(integers)) {
      // Clamping first changes nothing that is then rounded to a whole bound.
      __m256d y = _mm256_mul_pd(convert_small(integers), _mm256_loadu_pd(stage->factors + j));
      __m256d inside = _mm256_min_pd(_mm256_max_pd(y, lowest), highest);
      __m256d rounded = _mm256_sub_pd(_mm256_add_pd(inside, magic), magic);
      __m256d distance = _mm256_andnot_pd(sign, _mm256_sub_pd(inside, rounded));
      if (_mm256_movemask_pd(_mm256_cmp_pd(distance, safe, _CMP_GT_OQ)) == 0) {
        __m128i result =
            _mm_add_epi32(_mm256_cvtpd_epi32(rounded), _mm_set1_epi32(stage->zero_point));
        int32_t values[4];
        _mm_storeu_si128((__m128i *)values, result);
        for (int lane = 0; lane < 4; lane++) {
          fk_store(out, stage->element, j + lane, values[lane]);
        }
        continue;
      }
    }
    count += fk_portable_round_exact(stage, accumulators, j, j + 4, out, undecided + count);
  }
  return count + fk_portable_round_exact(stage, accumulators, j, columns, out, undecided + count);
}

#endif
