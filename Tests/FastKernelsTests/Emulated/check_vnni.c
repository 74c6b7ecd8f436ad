// Compares the AVX-512 VNNI source, compiled against SIMDe, with plain loops: for machines that
// lack the instructions. Build and run with check_vnni.sh; prints what differs, exits 1 if any.

#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

static uint64_t state = 1;

static uint64_t draw(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state >> 33;
}

/// Random bytes, or all bytes at one value, which is where saturation would show.
static void fill(uint8_t *bytes, int64_t count, int style, uint8_t value) {
  for (int64_t i = 0; i < count; i++) {
    bytes[i] = style ? value : (uint8_t)draw();
  }
}

static int64_t padded(int64_t count, int64_t step) { return (count + step - 1) / step * step; }

/// The last source row ends where its allocation ends, so that a sanitizer sees reads behind it.
static int check_bytes(int64_t rows, int64_t columns, int64_t depth, int style) {
  const int64_t stride = padded(depth, 64), out_stride = padded(columns, 8);
  const int flip_a = (int)(draw() & 1) * 0x80, flip_b = (int)(draw() & 1) * 0x80;
  uint8_t *a = malloc((size_t)(rows * depth)), *b = malloc((size_t)(columns * depth));
  fill(a, rows * depth, style, (uint8_t)(0xFF ^ flip_a));
  fill(b, columns * depth, style, (uint8_t)((style == 1 ? 0x80 : 0x7F) ^ flip_b));
  uint8_t *pa = malloc((size_t)(rows * stride));
  int8_t *pb = malloc((size_t)(columns * stride));
  int64_t *sa = malloc((size_t)rows * 8), *sb = malloc((size_t)columns * 8);
  int32_t *out32 = calloc((size_t)(rows * out_stride), 4);
  int64_t *out64 = calloc((size_t)(rows * out_stride), 8);
  fk_avx512_pack_bytes(a, rows, depth, stride, flip_a, 0, pa, sa);
  fk_avx512_pack_bytes(b, columns, depth, stride, flip_b, 1, pb, sb);
  fk_avx512_dots32_bytes(pa, pb, rows, columns, stride, out32, out_stride);
  fk_avx512_dots64_bytes(pa, pb, rows, columns, stride, 32768, 3, out64, out_stride);
  int wrong = 0;
  for (int64_t i = 0; i < rows; i++) {
    int64_t row_sum = 0;
    for (int64_t k = 0; k < depth; k++) {
      row_sum += (uint8_t)(a[i * depth + k] ^ flip_a);
    }
    wrong += row_sum != sa[i];
    for (int64_t j = 0; j < columns; j++) {
      int64_t sum = 0, column_sum = 0;
      for (int64_t k = 0; k < depth; k++) {
        int64_t w = (int8_t)(b[j * depth + k] ^ flip_b);
        column_sum += w;
        sum += w * (uint8_t)(a[i * depth + k] ^ flip_a);
      }
      wrong += column_sum != sb[j];
      wrong += (int32_t)(uint32_t)(uint64_t)sum != out32[i * out_stride + j];
      wrong += sum * 8 != out64[i * out_stride + j];
    }
  }
  free(a), free(b), free(pa), free(pb), free(sa), free(sb), free(out32), free(out64);
  return wrong;
}

static int check_words(int64_t rows, int64_t columns, int64_t depth, int style) {
  const int64_t stride = padded(depth, 32), out_stride = padded(columns, 8);
  int16_t *a = calloc((size_t)(rows * stride), 2), *b = calloc((size_t)(columns * stride), 2);
  int32_t *out32 = calloc((size_t)(rows * out_stride), 4);
  int64_t *out64 = calloc((size_t)(rows * out_stride), 8);
  for (int64_t i = 0; i < rows * stride; i++) {
    a[i] = i % stride < depth ? style ? INT16_MIN : (int16_t)draw() : 0;
  }
  for (int64_t i = 0; i < columns * stride; i++) {
    b[i] = i % stride < depth ? style ? 255 : (int16_t)(draw() % 384) - 128 : 0;
  }
  fk_avx512_dots32_words(a, b, rows, columns, stride, out32, out_stride);
  fk_avx512_dots64_words(a, b, rows, columns, stride, 256, 8, out64, out_stride);
  int wrong = 0;
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      int64_t sum = 0;
      for (int64_t k = 0; k < stride; k++) {
        sum += (int64_t)a[i * stride + k] * b[j * stride + k];
      }
      wrong += (int32_t)(uint32_t)(uint64_t)sum != out32[i * out_stride + j];
      wrong += sum * 256 != out64[i * out_stride + j];
    }
  }
  free(a), free(b), free(out32), free(out64);
  return wrong;
}

int main(void) {
  static const int64_t depths[] = {1,  2,  3,  7,   8,   9,   15,  16,  17,   31,    32,     33,
                                   63, 64, 65, 127, 128, 129, 255, 256, 4097, 70000, 1100000};
  int failures = 0, checks = 0;
  for (int d = 0; d < (int)(sizeof depths / sizeof *depths); d++) {
    for (int64_t rows = 1; rows <= 9; rows++) {
      for (int64_t columns = 1; columns <= 9; columns++) {
        if (depths[d] > 1000 && rows * columns > (depths[d] > 100000 ? 1 : 6)) {
          continue;
        }
        for (int style = 0; style < 3; style++) {
          int wrong = check_bytes(rows, columns, depths[d], style);
          wrong += check_words(rows, columns, depths[d], style);
          checks++;
          if (wrong) {
            failures++;
            printf(
                "M %lld K %lld N %lld style %d: %d wrong\n", (long long)rows,
                (long long)depths[d], (long long)columns, style, wrong);
          }
        }
      }
    }
  }
  printf("%d shapes, %d wrong\n", checks, failures);
  return failures != 0 || checks == 0;
}
