/* A fully connected layer in affine quantization, under the test of qverify. Put your kernel in its place.

     make && qverify smoke --impl mine
     qverify check --impl mine --count 10000 */
#include "qverify.h"
#include <math.h>
#include <stdio.h>

uint32_t qverify_abi_version(void) { return QVERIFY_ABI_VERSION; }

int32_t qverify_describe(qverify_description *d) {
  d->name = "mine";
  d->version = "1.0";
  d->claims =
      "[{\"operator\":\"fullyConnected\",\"types\":[\"int8,int8,int8\"],"
      "\"bias\":[\"none\",\"accumulator\"],\"profile\":\"litert-reference\"}]";
  return QVERIFY_OK;
}

static int32_t refuse(char *message, size_t capacity, const char *reason) {
  snprintf(message, capacity, "%s", reason);
  return QVERIFY_REFUSED;
}

/* Positive finite scales, zero points of the type, as many as one or `channels`. */
static int parameters_are_legal(
    const double *scales, int64_t scale_count, const int64_t *zeros, int64_t zero_count,
    int64_t channels) {
  int64_t i;
  if ((scale_count != 1 && scale_count != channels) || (zero_count != 1 && zero_count != channels))
    return 0;
  for (i = 0; i < scale_count; i++)
    if (!isfinite(scales[i]) || scales[i] <= 0) return 0;
  for (i = 0; i < zero_count; i++)
    if (zeros[i] < -128 || zeros[i] > 127) return 0;
  return 1;
}

/* Whether a shape has two dimensions, and data of that size. */
static int shape_is_legal(int32_t rank, const int64_t *shape, int64_t bytes) {
  const int64_t limit = (int64_t)1 << 31;
  return rank == 2 && shape[0] >= 1 && shape[1] >= 1 && shape[0] < limit && shape[1] < limit &&
         shape[0] * shape[1] == bytes;
}

int32_t qverify_fully_connected(
    const qverify_fully_connected_args *a, char *message, size_t capacity) {
  const int8_t *input = a->input.data, *weights = a->weights.data;
  const int32_t *bias = a->bias.type ? a->bias.data : NULL;
  int8_t *output = a->output.data;
  int64_t m, n, k, rows, depth, channels, low = a->clamp_low, high = a->clamp_high;
  int64_t output_zero;

  if (a->input.type != QVERIFY_INT8 || a->weights.type != QVERIFY_INT8 ||
      a->output.type != QVERIFY_INT8 || (bias && a->bias.type != QVERIFY_INT32) ||
      a->bias.scale_count > 0)
    return QVERIFY_UNSUPPORTED;
  if (!shape_is_legal(a->input.rank, a->input.shape, a->input.byte_count) ||
      !shape_is_legal(a->weights.rank, a->weights.shape, a->weights.byte_count) ||
      !shape_is_legal(a->output.rank, a->output.shape, a->output.byte_count))
    return refuse(message, capacity, "a tensor is not of two dimensions with their data");
  rows = a->input.shape[0];
  depth = a->input.shape[1];
  channels = a->weights.shape[0];
  if (a->weights.shape[1] != depth || a->output.shape[0] != rows || a->output.shape[1] != channels)
    return refuse(message, capacity, "the shapes do not fit each other");
  if (bias && (a->bias.rank != 1 || a->bias.shape[0] != channels ||
               a->bias.byte_count != channels * 4))
    return refuse(message, capacity, "there is not one bias for each output channel");
  if (!parameters_are_legal(a->input.scales, a->input.scale_count, a->input.zero_points,
                            a->input.zero_point_count, 1) ||
      !parameters_are_legal(a->weights.scales, a->weights.scale_count, a->weights.zero_points,
                            a->weights.zero_point_count, channels) ||
      !parameters_are_legal(a->output.scales, a->output.scale_count, a->output.zero_points,
                            a->output.zero_point_count, 1))
    return refuse(message, capacity, "a scale or a zero point is not legal");
  if (low > high || low < -128 || high > 127)
    return refuse(message, capacity, "the clamp's bounds are not legal");

  output_zero = a->output.zero_points[0];
  if (a->activation == QVERIFY_ACTIVATION_RELU || a->activation == QVERIFY_ACTIVATION_RELU6) {
    if (low < output_zero) low = output_zero;
  }
  if (a->activation == QVERIFY_ACTIVATION_RELU6) {
    float six = roundf(6 / (float)a->output.scales[0]);
    if (six < (float)(high - output_zero)) high = (int64_t)six + output_zero;
  }
  for (m = 0; m < rows; m++) {
    for (n = 0; n < channels; n++) {
      double weights_scale = a->weights.scales[a->weights.scale_count > 1 ? n : 0];
      double scale = a->input.scales[0] * weights_scale / a->output.scales[0];
      int64_t weights_zero = a->weights.zero_points[a->weights.zero_point_count > 1 ? n : 0];
      uint32_t sum = bias ? (uint32_t)bias[n] : 0; /* wraps around, as the profile's does */
      double value;
      int64_t q;
      for (k = 0; k < depth; k++)
        sum += (uint32_t)((input[m * depth + k] - a->input.zero_points[0]) *
                          (weights[n * depth + k] - weights_zero));
      value = round((double)(int32_t)sum * scale);
      /* Beyond 32 bits this profile has -2^31, and adding the zero point wraps around. */
      q = value >= -2147483648.0 && value < 2147483648.0 ? (int64_t)value : -2147483647 - 1;
      q = (int32_t)((uint32_t)q + (uint32_t)output_zero);
      output[m * channels + n] = (int8_t)(q < low ? low : q > high ? high : q);
    }
  }
  return QVERIFY_OK;
}
