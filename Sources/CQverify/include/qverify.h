/*
 * qverify.h - the interface through which qverify judges a kernel in a shared library. Version 1.
 *
 * A library exports, with C linkage:
 *
 *   qverify_abi_version       which version of this interface it was written for; must be there
 *   qverify_fully_connected   computes one fully connected layer; must be there
 *   qverify_describe          its name, its version, what it claims to compute; may be left out
 *
 * Nothing has to be linked, and this file is all that is needed: C89 with stdint.h, C99 and later, C++.
 * Other languages declare the same structures and functions (Documentation/libraries.md shows how):
 * every field has a fixed width and its natural alignment, there are no unions, bit fields or flexible
 * arrays, and no padding. The static assertions at the end state every size. 64-bit systems.
 *
 * The library is loaded in a process of its own. Calls come one at a time, all from one thread. What a
 * layer is, and which of them must be refused, is told at the function.
 */
#ifndef QVERIFY_H
#define QVERIFY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What qverify_abi_version returns. A library of another version is not loaded. */
#define QVERIFY_ABI_VERSION 1

/* Where the linker hides symbols unless told otherwise (-fvisibility=hidden), put this before the
   functions. */
#if defined(__GNUC__)
#define QVERIFY_EXPORT __attribute__((visibility("default")))
#else
#define QVERIFY_EXPORT
#endif

/* Return codes. Any other value is a fault of the library. */
enum {
  /* The whole output has been written. */
  QVERIFY_OK = 0,
  /* Nobody must compute this configuration: it breaks a rule, as a negative scale does. */
  QVERIFY_REFUSED = 1,
  /* A legal configuration that this library does not offer. Counted, and not held against it. */
  QVERIFY_UNSUPPORTED = 2,
  /* A legal configuration that it offers, and still it failed. */
  QVERIFY_ERROR = 3
};

/* Types of elements, stored in the machine's byte order. */
enum {
  /* Of a tensor that is not there: no bias. All else in it is then 0 or NULL. */
  QVERIFY_NO_TYPE = 0,
  QVERIFY_INT8 = 1,
  QVERIFY_UINT8 = 2,
  QVERIFY_INT16 = 3,
  QVERIFY_INT32 = 4,
  QVERIFY_INT64 = 5
};

/* What is applied to the real result before it is rounded. */
enum {
  QVERIFY_ACTIVATION_NONE = 0,
  /* max(y, 0) */
  QVERIFY_ACTIVATION_RELU = 1,
  /* min(max(y, 0), 6), in real units, not in integers */
  QVERIFY_ACTIVATION_RELU6 = 2,
  /* Nothing; the output integers are clamped to clamp_low ... clamp_high instead. */
  QVERIFY_ACTIVATION_CLAMP = 3
};

/*
 * A tensor that is read. An element q stands for the real number (q - zero_point) * scale.
 *
 * All memory that it points to belongs to the caller, stays where it is until the function returns,
 * must not be written, and must not be read or written after the function has returned. Each array is
 * aligned to the size of its elements and to nothing more: int8 data may begin at an odd address.
 * Not one byte before or behind an array may be read.
 */
typedef struct qverify_tensor {
  /* QVERIFY_INT8 ... QVERIFY_INT64, or QVERIFY_NO_TYPE: there is no such tensor. */
  int32_t type;
  /* How many dimensions. */
  int32_t rank;
  /* The dimensions, `rank` of them. */
  const int64_t *shape;
  /* One scale for the whole tensor, or one for each output channel, the first dimension of weights
     and bias. Mostly values that a float holds exactly, but not always: a library that computes
     with floats returns QVERIFY_UNSUPPORTED for those that it would have to round. */
  const double *scales;
  /* How many scales. 0 only in a bias: it is then in units of the accumulator, that is, its scale is
     the product of the scales of input and weights and its zero point is 0. */
  int64_t scale_count;
  /* One for the whole tensor, or one for each output channel. */
  const int64_t *zero_points;
  int64_t zero_point_count;
  /* The elements, row by row: the last dimension is contiguous, and there are no gaps. */
  const void *data;
  /* How many bytes `data` has. In a configuration that must be refused, this may not be what the
     shape says: compare them before you read. */
  int64_t byte_count;
  /* 0 */
  int64_t reserved[2];
} qverify_tensor;

/* The tensor that is written. Like qverify_tensor, but for `data`. */
typedef struct qverify_output {
  int32_t type;
  int32_t rank;
  const int64_t *shape;
  const double *scales;
  int64_t scale_count;
  const int64_t *zero_points;
  int64_t zero_point_count;
  /* Where the elements go, row by row. Every one must be written, nothing before or behind them may
     be, and what they hold before the call means nothing. When the function does not return
     QVERIFY_OK, they may be left in any state. */
  void *data;
  int64_t byte_count;
  int64_t reserved[2];
} qverify_output;

/*
 * One fully connected layer:
 *
 *   input [M, K], weights [N, K], bias [N] or none, output [M, N]
 *
 *   y      = sum over k of (qi[m,k] - Zi) * (qw[n,k] - Zw[n]) * Si * Sw[n]  +  (qb[n] - Zb[n]) * Sb[n]
 *   q[m,n] = clamp(round(activation(y) / So) + Zo, clamp_low, clamp_high)
 *
 * where q, S and Z are elements, scales and zero points of input, weights, bias and output. In a bias
 * without scales, (qb - Zb) * Sb is qb * Si * Sw[n]. How it is rounded, and with which intermediate
 * results, is what `profile` names.
 *
 * Refuse (QVERIFY_REFUSED): scales that are not finite or not above 0; zero points outside their
 * type; ranks other than 2 (bias: 1); dimensions below 1 or so large that the bytes cannot be counted;
 * shapes that do not fit each other; byte counts that do not fit the shapes; numbers of scales or zero
 * points other than 1 or (weights, bias) N; clamp_low above clamp_high, or either outside the output's
 * type; a bias of a type other than int32, or int64 beside an int16 input; an input, weights or output
 * that is not int8, uint8 or int16.
 */
typedef struct qverify_fully_connected_args {
  qverify_tensor input;
  qverify_tensor weights;
  /* bias.type is QVERIFY_NO_TYPE where there is none. */
  qverify_tensor bias;
  qverify_output output;
  /* The arithmetic that is asked for, as `qverify list profiles` names them; "" for none. Never
     NULL. A library with one arithmetic does not have to look at it. */
  const char *profile;
  /* QVERIFY_ACTIVATION_... */
  int32_t activation;
  int32_t reserved0;
  /* Bounds of the output integers: those of QVERIFY_ACTIVATION_CLAMP, else the range of the type. */
  int64_t clamp_low;
  int64_t clamp_high;
  /* 0 */
  int64_t reserved[4];
} qverify_fully_connected_args;

/* What a library says of itself. The strings end with a NUL, are UTF-8, and stay where they are as
   long as the library is loaded: string literals, as a rule. */
typedef struct qverify_description {
  /* The version of the interface that qverify speaks: QVERIFY_ABI_VERSION. Set by the caller. */
  uint32_t abi_version;
  uint32_t reserved0;
  /* Everything below is NULL or 0 when the function is called, and may be left so. */
  const char *name;
  const char *version;
  /* What it claims to compute, as JSON: the list `claims` of the line format, as in
     [{"operator":"fullyConnected","types":["int8,int8,int8"],"profile":"tflm"}]
     NULL: every fully connected layer, to the nearest integer. */
  const char *claims;
  int64_t reserved[4];
} qverify_description;

/* Returns QVERIFY_ABI_VERSION. */
QVERIFY_EXPORT uint32_t qverify_abi_version(void);

/* Fills in what it wants to say. Returns QVERIFY_OK. Called once, before anything is computed. */
QVERIFY_EXPORT int32_t qverify_describe(qverify_description *description);

/*
 * Computes one layer, or says why not.
 *
 * `message` has room for message_capacity bytes (at least 256) and holds an empty string: a reason in
 * UTF-8, ended by a NUL, may be written there when the result is not QVERIFY_OK.
 *
 * Each layer is computed several times, with its arrays at different addresses and different contents
 * of the output before the call: the result must be the same each time. The function returns to its
 * caller in the ordinary way (no exit, no longjmp, no C++ exception), within the time limit, with
 * rounding mode, floating-point control bits, signal handlers and open files as they were. It may keep
 * memory and threads of its own between calls. It has 8 MiB of stack.
 */
QVERIFY_EXPORT int32_t qverify_fully_connected(
    const qverify_fully_connected_args *args, char *message, size_t message_capacity);

/* The sizes that other languages' declarations must have: an array of -1 elements does not compile. */
typedef char qverify_assert_pointer[sizeof(void *) == 8 ? 1 : -1];
typedef char qverify_assert_size[sizeof(size_t) == 8 ? 1 : -1];
typedef char qverify_assert_tensor[sizeof(qverify_tensor) == 80 ? 1 : -1];
typedef char qverify_assert_output[sizeof(qverify_output) == 80 ? 1 : -1];
typedef char qverify_assert_args[sizeof(qverify_fully_connected_args) == 384 ? 1 : -1];
typedef char qverify_assert_output_place[
    offsetof(qverify_fully_connected_args, output) == 240 ? 1 : -1];
typedef char qverify_assert_profile_place[
    offsetof(qverify_fully_connected_args, profile) == 320 ? 1 : -1];
typedef char qverify_assert_description[sizeof(qverify_description) == 64 ? 1 : -1];

#ifdef __cplusplus
}
#endif

#endif
