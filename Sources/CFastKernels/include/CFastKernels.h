#ifndef CFASTKERNELS_H
#define CFASTKERNELS_H

#include <stdint.h>

// The inner loops of a fully connected integer layer, for three instruction sets.
//
// A layer runs in three steps: pack both operands' rows (widened, padded with zeros, their sums
// taken on the way), form the dot products of every packed input row with every packed weight
// row, and requantize. Products are of raw integers; zero points enter afterwards, through the
// rows' sums: S(a - Za)(b - Zb) = Sab - Zb*Sa - Za*Sb + K*Za*Zb.
//
// No function allocates, locks, or keeps state. Sources and outputs need no alignment.

/// The instruction set that a function is to use; the caller has asked `fk_supports`.
enum fk_path { FK_PORTABLE = 0, FK_AVX2 = 1, FK_AVX512VNNI = 2 };

/// How a tensor's elements are stored, in the machine's (little-endian) byte order.
enum fk_element { FK_INT8 = 0, FK_UINT8 = 1, FK_INT16 = 2 };

/// How packed rows are stored.
enum fk_layout {
  /// int16 on both sides, rows padded to 32 elements.
  FK_WORDS = 0,
  /// uint8 activations and int8 weights, rows padded to 64 elements; FK_AVX512VNNI only.
  FK_BYTES = 1,
};

/// How int32 accumulators become output integers; see the functions in requantize.h.
enum fk_stage_kind {
  FK_STAGE_DOUBLE_AWAY = 0,
  FK_STAGE_DOUBLE_UP = 1,
  FK_STAGE_SINGLE = 2,
  FK_STAGE_FLOAT64 = 3,
  FK_STAGE_FLOAT32_WRAP = 4,
  FK_STAGE_FLOAT32_CLAMP = 5,
};

/// How exact halves are rounded.
enum fk_tie { FK_TIE_EVEN = 0, FK_TIE_AWAY = 1, FK_TIE_UP = 2 };

/// The parameters of a requantization. Arrays have one entry a column and are readable up to the
/// next multiple of 8.
typedef struct {
  int32_t kind;     // fk_stage_kind
  int32_t element;  // fk_element of the output
  /// Added after rounding.
  int32_t zero_point;
  /// Bounds of the output, inside the element's range, zero point included.
  int32_t minimum, maximum;
  /// NULL where all are 0.
  const int32_t *weight_zero_points;
  /// Fixed point: real multiplier = multiplier * 2^(left - right - 31).
  const int32_t *multipliers, *left_shifts, *right_shifts;
  /// Real multipliers of the floating-point stages.
  const float *factors32;
  const double *factors64;
} fk_stage;

/// The parameters of the correctly rounded stage. Arrays as in `fk_stage`.
typedef struct {
  int32_t tie;      // fk_tie
  int32_t element;  // fk_element of the output
  int32_t zero_point;
  int32_t minimum, maximum;
  /// Approximate real multipliers, of relative error at most 2.01 * 2^-53.
  const double *factors;
  /// Where |accumulator| is at most this, accumulator times factor is exact in binary64.
  const double *exact_limits;
  /// A second term of y and a bound of its error, or NULL: a bias that does not fit the
  /// accumulator. NaN makes every output of the column undecided.
  const double *addends, *addend_errors;
} fk_exact_stage;

/// Whether this machine can run `path`: 1 or 0.
int fk_supports(int path);

/// Packs `rows` rows of `depth` elements, one after another in `source`, as FK_WORDS.
///
/// `stride` is the number of int16 in a packed row, a multiple of 32 and at least `depth`.
/// With `high` not NULL (int16 sources only) an element w is split: `packed` gets w mod 256
/// (0...255), `high` gets floor(w / 256); otherwise `packed` gets w. `sums` gets the rows' sums.
void fk_pack_words(
    int path, int element, const void *source, int64_t rows, int64_t depth, int64_t stride,
    int16_t *packed, int16_t *high, int64_t *sums);

/// Packs rows of 8-bit elements as FK_BYTES, each xor `flip` (0 or 0x80).
///
/// `stride` is a multiple of 64; `sums` gets the sums of the stored bytes, read as int8 where
/// `is_signed`, else as uint8.
void fk_pack_bytes(
    const void *source, int64_t rows, int64_t depth, int64_t stride, int flip, int is_signed,
    void *packed, int64_t *sums);

/// out[i * out_stride + j] = sum of a[i][k] * b[j][k], modulo 2^32.
///
/// `out_stride` is a multiple of 8 and at least `columns`; the columns behind `columns` may be
/// overwritten. `stride` counts elements of the layout.
void fk_dots32(
    int path, int layout, const void *a, const void *b, int64_t rows, int64_t columns,
    int64_t stride, int32_t *out, int64_t out_stride);

/// out[i * out_stride + j] += 2^shift * sum of a[i][k] * b[j][k], without overflow of any
/// intermediate sum.
///
/// `lane_limit` products must fit an int32: 32768 for two 8-bit operands, 256 where one side has
/// 16 bits and the other at most 8 bits and a sign.
void fk_dots64(
    int path, int layout, const void *a, const void *b, int64_t rows, int64_t columns,
    int64_t stride, int64_t lane_limit, int shift, int64_t *out, int64_t out_stride);

/// Requantizes int32 accumulators, wrapping: dots + offsets - weight zero point * row sum.
///
/// `offsets` has one entry a column, as in `fk_stage`; `out` is rows * columns elements.
void fk_requantize32(
    int path, const fk_stage *stage, const int32_t *dots, int64_t rows, int64_t columns,
    int64_t dot_stride, const int64_t *row_sums, const int32_t *offsets, void *out);

/// out[j] = dot[j] + offsets[j] - weight zero point[j] * row_sum in wrapping int64, from
/// `dots32` or, where that is NULL, `dots64`.
void fk_accumulate64(
    const int32_t *dots32, const int64_t *dots64, int64_t columns,
    const int32_t *weight_zero_points, int64_t row_sum, const int64_t *offsets, int64_t *out);

/// FK_STAGE_FLOAT64 for one row of int64 accumulators.
void fk_requantize64(
    const fk_stage *stage, const int64_t *accumulators, int64_t columns, void *out);

/// Rounds one row correctly where binary64 can decide it, and lists the other columns.
///
/// Returns how many column numbers were written to `undecided` (at most `columns`).
int64_t fk_round_exact(
    int path, const fk_exact_stage *stage, const int64_t *accumulators, int64_t columns,
    void *out, int32_t *undecided);

#endif
