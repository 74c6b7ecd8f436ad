#include "internal.h"

int fk_supports(int path) {
#if FK_HAS_X86
  __builtin_cpu_init();
  if (path == FK_AVX2) {
    return __builtin_cpu_supports("avx2") != 0;
  }
  if (path == FK_AVX512VNNI) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vnni");
  }
#endif
  return path == FK_PORTABLE;
}

void fk_pack_words(
    int path, int element, const void *source, int64_t rows, int64_t depth, int64_t stride,
    int16_t *packed, int16_t *high, int64_t *sums) {
#if FK_HAS_X86
  if (path != FK_PORTABLE) {
    fk_avx2_pack_words(element, source, rows, depth, stride, packed, high, sums);
    return;
  }
#endif
  fk_portable_pack_words(element, source, rows, depth, stride, packed, high, sums);
}

void fk_pack_bytes(
    const void *source, int64_t rows, int64_t depth, int64_t stride, int flip, int is_signed,
    void *packed, int64_t *sums) {
#if FK_HAS_X86
  fk_avx512_pack_bytes(source, rows, depth, stride, flip, is_signed, packed, sums);
#endif
}

void fk_dots32(
    int path, int layout, const void *a, const void *b, int64_t rows, int64_t columns,
    int64_t stride, int32_t *out, int64_t out_stride) {
#if FK_HAS_X86
  if (path == FK_AVX512VNNI) {
    if (layout == FK_BYTES) {
      fk_avx512_dots32_bytes(a, b, rows, columns, stride, out, out_stride);
    } else {
      fk_avx512_dots32_words(a, b, rows, columns, stride, out, out_stride);
    }
    return;
  }
  if (path == FK_AVX2) {
    fk_avx2_dots32(a, b, rows, columns, stride, out, out_stride);
    return;
  }
#endif
  fk_portable_dots32(a, b, rows, columns, stride, out, out_stride);
}

void fk_dots64(
    int path, int layout, const void *a, const void *b, int64_t rows, int64_t columns,
    int64_t stride, int64_t lane_limit, int shift, int64_t *out, int64_t out_stride) {
#if FK_HAS_X86
  if (path == FK_AVX512VNNI) {
    if (layout == FK_BYTES) {
      fk_avx512_dots64_bytes(a, b, rows, columns, stride, lane_limit, shift, out, out_stride);
    } else {
      fk_avx512_dots64_words(a, b, rows, columns, stride, lane_limit, shift, out, out_stride);
    }
    return;
  }
  if (path == FK_AVX2) {
    fk_avx2_dots64(a, b, rows, columns, stride, lane_limit, shift, out, out_stride);
    return;
  }
#endif
  fk_portable_dots64(a, b, rows, columns, stride, lane_limit, shift, out, out_stride);
}

void fk_requantize32(
    int path, const fk_stage *stage, const int32_t *dots, int64_t rows, int64_t columns,
    int64_t dot_stride, const int64_t *row_sums, const int32_t *offsets, void *out) {
#if FK_HAS_X86
  if (path != FK_PORTABLE) {
    fk_avx2_requantize32(stage, dots, rows, columns, dot_stride, row_sums, offsets, out);
    return;
  }
#endif
  fk_portable_requantize32(stage, dots, rows, columns, dot_stride, row_sums, offsets, out);
}

int64_t fk_round_exact(
    int path, const fk_exact_stage *stage, const int64_t *accumulators, int64_t columns,
    void *out, int32_t *undecided) {
#if FK_HAS_X86
  if (path != FK_PORTABLE) {
    return fk_avx2_round_exact(stage, accumulators, columns, out, undecided);
  }
#endif
  return fk_portable_round_exact(stage, accumulators, 0, columns, out, undecided);
}
