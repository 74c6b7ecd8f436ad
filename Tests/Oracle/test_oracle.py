"""Known answers, derived by hand or measured on the runtimes, and properties by brute force.

Run with `python3 -m unittest discover -s Tests/Oracle`.
"""

import base64
import contextlib
import copy
import hashlib
import io
import json
import math
import os
import random
import struct
import tempfile
import unittest
from fractions import Fraction

import arithmetic
import exact
import oracle
import profiles
from arithmetic import f32
from layer import Layer
from lines import Line
from vectors import TYPES, Case

FOLDER = os.path.dirname(os.path.abspath(__file__))
ALL_PROFILES = list(exact.RULES) + list(profiles.PROFILES)


def case(x, w, bias=None, sx=1, sw=1, sy=1, zx=0, zw=0, zy=0, types=profiles.INT8,
         bias_type="int32", attributes=None, profile="exact-even", **bias_quantization):
    """Members of a case; x is a list of rows, w of channels."""
    inputs = {
        "input": {"type": types[0], "shape": [len(x), len(x[0])], "scale": sx, "zeroPoint": zx,
                  "data": [value for row in x for value in row]},
        "weights": {"type": types[1], "shape": [len(w), len(w[0])], "scale": sw, "zeroPoint": zw,
                    "data": [value for row in w for value in row]}}
    if bias is not None:
        inputs["bias"] = {
            "type": bias_type, "shape": [len(bias)], "data": bias, **bias_quantization}
    return {
        "id": "a", "operator": "fullyConnected", "profile": profile,
        "attributes": attributes or {}, "inputs": inputs,
        "output": {"type": types[2], "shape": [len(x), len(w)], "scale": sy, "zeroPoint": zy}}


def layer(*arguments, **keywords):
    subject = Case(case(*arguments, **keywords))
    assert not subject.faults(), subject.faults()
    subject.check_data(set())
    return Layer(subject)


def requantize(name, accumulator, sx, sw, sy, zy=0, channels=1, **keywords):
    """The one output of a layer whose accumulator is its bias."""
    subject = layer(
        [[0]], [[0]] * channels, [accumulator] * channels, f32(sx),
        f32(sw) if channels == 1 else [f32(sw)] * channels, f32(sy), zy=zy, **keywords)
    outputs = profiles.profile_outputs(name, subject)
    assert len(set(outputs)) == 1
    return outputs[0]


def exact_layer(subject):
    values = exact.exact_values(subject)
    outputs, defects = exact.exact_outputs(subject, values)
    assert not defects
    return values, outputs


REFUSED = "refused"
COLUMNS = ("litert-reference", "litert-builtin", "litert-builtin-sse", "litert-xnnpack",
           "litert-xnnpack-avx2", "tflm")
SLOPE = (0.005545392166823149, 0.11393209546804428, 39.86662292480469, 0)

# Measured with int8 layers of K = 1 whose accumulator is the bias:
# accumulator, (Sx, Sw, Sy, Zy), the answers of COLUMNS.
MEASURED = [
    (3, (0.5, 0.25, 1.0, 0), (0, 1, 0, 0, 0, 1)),  # carry of the double rounding
    (4, (0.5, 0.25, 1.0, 0), (1, 1, 1, 0, 0, 1)),  # ties
    (-4, (0.5, 0.25, 1.0, 0), (-1, 0, 0, 0, 0, -1)),
    (12, (0.5, 0.25, 1.0, 0), (2, 2, 2, 2, 2, 2)),
    (-12, (0.5, 0.25, 1.0, 0), (-2, -1, -1, -2, -2, -2)),
    (20, (0.5, 0.25, 1.0, 0), (3, 3, 3, 2, 2, 3)),
    (-20, (0.5, 0.25, 1.0, 0), (-3, -2, -2, -2, -2, -3)),
    (-5, (0.5, 0.25, 1.0, 0), (-1, 0, -1, -1, -1, -1)),
    (1, (0.5, 1.0, 1.0, 0), (1, 1, 1, 0, 0, 1)),  # ties without a right shift
    (-1, (0.5, 1.0, 1.0, 0), (-1, 0, 0, 0, 0, 0)),
    (3, (0.5, 1.0, 1.0, 0), (2, 2, 2, 2, 2, 2)),
    (-3, (0.5, 1.0, 1.0, 0), (-2, -1, -1, -2, -2, -1)),
    (2240058, SLOPE, (35, 36, 35, 35, 35, 35)),  # binary32 product of the scales
    (16908289, (0.001953125, 0.001953125, 1.0, 0), (65, 65, 65, 64, 64, 65)),
    (2147483647, (1.5, 1.0, 0.5, 0), (-128, -3, 127, 127, 127, -3)),  # overflows
    (1073741824, (1.5, 1.0, 0.5, 0), (-128, 0, -128, 127, 127, 0)),
    (-2112535998, (0.6469934582710266, 0.1571136713027954, 0.09973258525133133, -69),
     (127, 127, 127, 127, -128, 127)),
    (-2147483648, (1.0, 1.0, 1.0, -1), (127, -1, 127, 127, -128, -1)),
    (-2147483648, (1.5, 1.0, 1.0, -1), (127, -1, 127, 127, -128, -1)),
    (1, (65536.0, 32768.0, 1.0, 0), (-128, 0, 0, REFUSED, REFUSED, 1)),  # D = 2^31
    (1, (65536.0, 65536.0, 1.0, 0), (-128, 0, 0, REFUSED, REFUSED, 1)),  # D = 2^32
    (0, (16.0, 16.0, 1.0, 0), (0, 0, 0, REFUSED, REFUSED, 0)),
    (0, (16.0, 15.999999, 1.0, 0), (0, 0, 0, 0, 0, 0)),
    (-2147483648, (2.0**-16, 2.0**-16, 1.0, 0), (-1, 0, 0, 0, 0, -1)),
    (2147483647, (2.0**-16, 2.0**-16, 1.0, 0), (0, 1, 0, 0, 0, 1)),
    (2147483647, (1.5 * 2.0**-16, 2.0**-17, 1.0, 0), (0, 0, 0, 0, 0, 0)),
]

# Activation, Sy, Zy at accumulator 100 and Sx = Sw = 1.
MEASURED_BOUNDS = [
    ("reluN1To1", 2.0, 0, (1, 1, 1, 0, 0, 1)),
    ("reluN1To1", 2.0, 1, (2, 2, 2, 2, 2, 2)),
    ("relu6", 4.0, 0, (2, 2, 2, 2, 2, 2)),
    ("relu6", 4.0, 1, (3, 3, 3, 2, 2, 3)),
    ("relu6", 12.0, 0, (1, 1, 1, 0, 0, 1)),
]


class MeasuredOnLiteRT(unittest.TestCase):
    def check(self, answers, compute):
        for name, answer in zip(COLUMNS, answers):
            with self.subTest(profile=name):
                if answer == REFUSED:
                    with self.assertRaises(profiles.OutsideDomain):
                        compute(name)
                else:
                    self.assertEqual(compute(name), answer)

    def test_requantization(self):
        for accumulator, (sx, sw, sy, zy), answers in MEASURED:
            with self.subTest(accumulator=accumulator, sx=sx, sw=sw, sy=sy, zy=zy):
                self.check(answers, lambda name: requantize(name, accumulator, sx, sw, sy, zy))

    def test_per_channel_multiplies_scales_in_binary64(self):
        self.check([35] * 6, lambda name: requantize(name, 2240058, *SLOPE, channels=2))

    def test_activation_bounds(self):
        for activation, sy, zy, answers in MEASURED_BOUNDS:
            def compute(name):
                subject = layer([[0]], [[0]], [100], sy=sy, zy=zy)
                subject.activation = activation
                return profiles.profile_outputs(name, subject)[0]
            with self.subTest(activation=activation, sy=sy, zy=zy):
                self.check(answers, compute)

    def test_zero_points_of_weights(self):
        def compute(scales):
            return lambda name: profiles.profile_outputs(
                name, layer([[1]], [[1]] * len(scales), [10] * len(scales), sw=scales, zw=5))[0]
        self.check((11, 11, 11, REFUSED, REFUSED, 11), compute([1, 1]))
        self.check((6, 6, 6, 6, 6, 6), compute([1]))
        for name in ("single-rounding", "gemmlowp", "cmsis-nn", "ort"):
            scales = [1, 1] if name != "ort" else [1]
            subject = layer([[1]], [[1]] * len(scales), sw=scales, zw=5)
            self.assertEqual(set(profiles.profile_outputs(name, subject)), {-4}, name)

    def test_tflm_multiplier_of_the_measured_scales(self):
        subject = layer([[0]], [[0]], sx=SLOPE[0], sw=SLOPE[1], sy=SLOPE[2])
        self.assertEqual(profiles.MULTIPLIERS["tflm"](subject)[0][0], 1115189577)
        self.assertEqual(profiles.MULTIPLIERS["litert-builtin"](subject)[0][0], 1115189622)

    def test_uint8_without_avx_is_gemmlowps_arithmetic(self):
        # A wrapping shift would give -3, one rounding 0.
        self.assertEqual(requantize(
            "litert-builtin-sse", 2**31 - 1, 1.5, 1, 0.5, types=profiles.UINT8), 255)
        self.assertEqual(requantize(
            "litert-builtin-sse", 3, 0.5, 0.25, 1, types=profiles.UINT8), 1)

    def test_asymmetric_weights_with_16_bit_activations_are_left_to_the_reference(self):
        for zw, answers in ((0, (35, 36)), (1, (35, 35))):
            for name, answer in zip(("litert-reference", "litert-builtin"), answers):
                subject = layer([[0]], [[0]], [2240058], *SLOPE[:3], zw=zw, types=profiles.INT16X8)
                self.assertEqual(profiles.profile_outputs(name, subject), [answer])

    def test_uint8_per_channel_is_refused(self):
        subject = layer([[0]], [[0]] * 2, sw=[1, 1], types=profiles.UINT8)
        for name in COLUMNS[:5]:
            with self.assertRaises(profiles.OutsideDomain):
                profiles.profile_outputs(name, subject)

    def test_asymmetric_int8_weights_are_left_to_the_optimised_kernels(self):
        subject = layer([[0]], [[0]], [4], 0.5, 0.25, zw=5)  # a tie: 1 by ruy, 0 by XNNPACK
        for name in ("litert-xnnpack", "litert-xnnpack-avx2"):
            self.assertEqual(profiles.profile_outputs(name, subject), [1])

    def test_both_additions_of_zy_agree_for_uint8(self):
        for accumulator, answer in ((40000, 255), (-40000, 0), (-5, 0), (-4, 1), (250, 255)):
            for name in ("litert-xnnpack", "litert-xnnpack-avx2"):
                self.assertEqual(
                    requantize(name, accumulator, 1, 1, 1, 5, types=profiles.UINT8), answer)


class OtherIntegerProfiles(unittest.TestCase):
    def test_ties_of_a_right_shift(self):
        answers = {"single-rounding": 0, "gemmlowp": -1, "cmsis-nn": -1}
        for name, answer in answers.items():
            self.assertEqual(requantize(name, -4, 0.5, 0.25, 1), answer, name)

    def test_carry_of_the_double_rounding(self):
        answers = {"single-rounding": 0, "gemmlowp": 1, "cmsis-nn": 1}
        for name, answer in answers.items():
            self.assertEqual(requantize(name, 3, 0.5, 0.25, 1), answer, name)

    def test_overflow_of_the_left_shift(self):
        # D = 3: 3 * (2^31 - 1) saturates, or wraps to -4 * 0.75.
        answers = {"single-rounding": 127, "gemmlowp": 127, "cmsis-nn": -3}
        for name, answer in answers.items():
            self.assertEqual(requantize(name, 2**31 - 1, 1.5, 1, 0.5), answer, name)

    def test_a_saturated_single_rounding_wraps_when_zy_is_added(self):
        self.assertEqual(requantize("single-rounding", 2**31 - 1, 1.5, 1, 0.5, 1), -128)

    def test_exponents_above_30_are_limited(self):
        # D = 2^40 becomes (2^31 - 1) / 2^31 * 2^30.
        subject = layer([[0]], [[0]], [1], sx=2.0**40)
        self.assertEqual(profiles.MULTIPLIERS["single-rounding"](subject), [(2**31 - 1, 30)])

    def test_16_bit_activations_by_width_of_the_bias(self):
        # 66,000 products of 32767 * 127 exceed 2^31 many times over; D = 2^-25.
        depth = 66000
        total = depth * 32767 * 127
        reference = {}
        for bias_type in (None, "int32", "int64"):
            subject = layer(
                [[32767] * depth], [[127] * depth], None if bias_type is None else [0],
                sx=2.0**-25, types=profiles.INT16X8, bias_type=bias_type)
            for name in ("litert-reference", "litert-builtin", "tflm", "tflm-int16"):
                try:
                    reference[name, bias_type] = profiles.profile_outputs(name, subject)[0]
                except profiles.OutsideDomain:
                    reference[name, bias_type] = REFUSED
        wide = round(total / 2**25)
        narrow = round(arithmetic.wrap32(total) / 2**25)
        self.assertEqual(reference, {
            ("litert-reference", None): wide, ("litert-reference", "int64"): wide,
            ("litert-reference", "int32"): narrow, ("litert-builtin", None): narrow,
            ("litert-builtin", "int32"): narrow, ("litert-builtin", "int64"): wide,
            ("tflm", None): REFUSED, ("tflm", "int64"): REFUSED, ("tflm", "int32"): narrow,
            ("tflm-int16", None): wide, ("tflm-int16", "int32"): REFUSED,
            ("tflm-int16", "int64"): wide})

    def test_15_bit_multiplier_is_coarse(self):
        # D = 1 - 2^-17 has q = 2^31 - 2^14, reduced to 0x7FFF: as if D were 1 - 2^-15.
        subject = layer(
            [[0]], [[0]], [16384], sx=1 - 2.0**-17, types=profiles.INT16X8, bias_type="int64")
        self.assertEqual(profiles.profile_outputs("tflm-int16", subject), [16384])  # 16383.5, up
        subject.bias = [16385]
        # 16384.499…, where y is 16384.87…
        self.assertEqual(profiles.profile_outputs("tflm-int16", subject), [16384])

    def test_16_bit_activations_need_zero_points_of_0(self):
        subject = layer([[0]], [[0]], types=profiles.INT16X8, zy=1)
        for name in ("litert-reference", "litert-builtin", "tflm-int16"):
            with self.assertRaises(profiles.OutsideDomain):
                profiles.profile_outputs(name, subject)

    def test_relu6_bound_beyond_int32_is_refused(self):
        subject = layer(
            [[0]], [[0]], sx=2.0**-40, sy=2.0**-40, attributes={"activation": "relu6"})
        for name in COLUMNS:
            with self.assertRaises(profiles.OutsideDomain):
                profiles.profile_outputs(name, subject)

    def test_clamp_narrows_every_profile(self):
        for name in profiles.PROFILES:
            types = min(triple for triple, bias in profiles.PROFILES[name][0] if bias is None) \
                if name != "tflm" else profiles.INT8
            zero_point = 128 if types == profiles.UINT8 else 0
            subject = layer(
                [[100 + zero_point], [28], [1 + zero_point]], [[1]], types=types, zx=zero_point,
                zy=zero_point, attributes={"clamp": [zero_point - 5, zero_point + 6]})
            low = -5 if zero_point else 6
            self.assertEqual(
                [value - zero_point for value in profiles.profile_outputs(name, subject)],
                [6, low, 1], name)

    def test_general_bias_is_outside_every_runtime(self):
        subject = layer([[0]], [[0]], [1], scale=2, zeroPoint=0)
        for name in profiles.PROFILES:
            with self.assertRaises(profiles.OutsideDomain):
                profiles.profile_outputs(name, subject)


class OnnxRuntime(unittest.TestCase):
    def outputs(self, name, *arguments, **keywords):
        return profiles.profile_outputs(name, layer(*arguments, **keywords))

    def test_vpmaddubsw_saturates_pairs(self):
        # The pair is 64770 exactly, 32767 on AVX2; D = 2^-8.
        arguments = dict(x=[[255, 255]], w=[[127, 127]], sx=2.0**-8, types=profiles.MIXED8)
        self.assertEqual(self.outputs("ort", **arguments), [253])
        self.assertEqual(self.outputs("ort-avx2", **arguments), [128])

    def test_measured_sum_of_eight(self):
        arguments = dict(
            x=[[255] * 8], w=[[127] * 8], sx=f32(0.065), sw=f32(0.01), types=profiles.MIXED8)
        self.assertEqual(self.outputs("ort", **arguments), [168])
        self.assertEqual(self.outputs("ort-avx2", **arguments), [85])

    def test_pairs_are_raw_adjacent_and_start_at_0(self):
        # Pairs (255*127 + 0) and (255*127) do not saturate, whatever the zero points.
        arguments = dict(
            x=[[255, 0, 255]], w=[[127, 0, 127]], sx=2.0**-8, zx=255, zw=0,
            types=profiles.MIXED8)
        self.assertEqual(self.outputs("ort", **arguments), [0])
        self.assertEqual(self.outputs("ort-avx2", **arguments), [0])
        # (255*127 + 255*127) loses 32003 before Zx * 254 is subtracted.
        arguments = dict(
            x=[[255, 255, 255]], w=[[127, 127, 127]], sx=2.0**-7, zx=255, zw=1, zy=255,
            types=profiles.MIXED8)
        total = 32767 + 255 * 127 - 255 * 381 - 1 * 765 + 3 * 255 * 1
        self.assertEqual(total, -32003)
        self.assertEqual(self.outputs("ort", **arguments), [255])
        self.assertEqual(self.outputs("ort-avx2", **arguments), [255 - 250])

    def test_other_types_do_not_saturate_pairs(self):
        arguments = dict(x=[[127, 127]], w=[[127, 127]], sx=2.0**-8)
        self.assertEqual(self.outputs("ort-avx2", **arguments), self.outputs("ort", **arguments))

    def test_multiplier_is_a_binary32_number(self):
        for sw, sy, truth, answer in ((0.1, 0.02, 3, 2), (0.7, 0.1, 3, 4)):
            subject = layer([[1]], [[1]], sx=0.5, sw=f32(sw), sy=f32(sy))
            self.assertEqual(exact_layer(subject)[1]["exact-even"], [truth])
            self.assertEqual(profiles.profile_outputs("ort", subject), [answer])

    def test_bias_wraps(self):
        self.assertEqual(self.outputs("ort", [[1]], [[1]], [2**31 - 1]), [-128])

    def test_accumulator_is_rounded_to_binary32(self):
        # 16908289 * 2^-18 is just above 64.5; in binary32 the accumulator is 16908288.
        arguments = dict(x=[[0]], w=[[0]], bias=[16908289], sx=2.0**-18)
        self.assertEqual(exact_layer(layer(**arguments))[1]["exact-even"], [65])
        self.assertEqual(self.outputs("ort", **arguments), [64])

    def test_every_operation_is_rounded_to_binary32(self):
        # Run on ONNX Runtime 1.32.0. Without the rounding of Sa * Sb the first gives -34, without
        # that of the accumulator the second gives -79.
        self.assertEqual(requantize(
            "ort", -6127, 0.03060992807149887, 0.027685875073075294, 0.15499712526798248), -33)
        self.assertEqual(requantize("ort", -27036725, 2.9034583803877467e-06, 1, 1), -78)

    def test_zero_point_is_added_after_rounding(self):
        self.assertEqual(self.outputs("ort", [[1]], [[1]], sx=0.5, zy=1), [1])

    def test_overflow_saturates_and_nan_gives_the_minimum(self):
        huge = dict(sx=f32(3e38), sw=f32(3e38))  # the product is infinite in binary32
        self.assertEqual(
            self.outputs("ort", [[1], [-1], [0]], [[1]], zy=3, **huge), [127, -128, -128])

    def test_activation_is_outside(self):
        with self.assertRaises(profiles.OutsideDomain):
            self.outputs("ort", [[1]], [[1]], attributes={"activation": "relu"})


class Exact(unittest.TestCase):
    def test_ties(self):
        answers = {"-5/2": (-2, -3, -2), "-3/2": (-2, -2, -1), "-1/2": (0, -1, 0),
                   "1/2": (0, 1, 1), "3/2": (2, 2, 2), "5/2": (2, 3, 3)}
        for value, answer in answers.items():
            self.assertEqual(exact.rounded(Fraction(value)), answer, value)

    def test_rounding_agrees_with_a_search(self):
        for numerator in range(-60, 61):
            for denominator in range(1, 13):
                y = Fraction(numerator, denominator)
                near = min(abs(n - y) for n in range(-61, 62))
                nearest = [n for n in range(-61, 62) if abs(n - y) == near]
                answer = (
                    next(n for n in nearest if len(nearest) == 1 or n % 2 == 0),
                    max(nearest, key=abs), max(nearest))
                self.assertEqual(exact.rounded(y), answer, y)
                self.assertEqual(round(y), answer[0])
                self.assertTrue(exact.agree(y, answer))
                for wrong in (answer[0] + 1, answer[0] - 1):
                    if wrong not in nearest:
                        self.assertFalse(exact.agree(y, (wrong, *answer[1:])))

    def test_rounded_before_the_zero_point_is_added(self):
        outputs = exact_layer(layer([[1]], [[1]], sx=0.5, zy=1))[1]
        self.assertEqual(outputs, {"exact-even": [1], "exact-away": [2], "exact-up": [2]})

    def test_activation_bounds_round_by_the_rule(self):
        # 6 / 12 is a tie.
        outputs = exact_layer(
            layer([[100]], [[1]], sy=12, attributes={"activation": "relu6"}))[1]
        self.assertEqual(outputs, {"exact-even": [0], "exact-away": [1], "exact-up": [1]})

    def test_relu_is_at_the_zero_point(self):
        outputs = exact_layer(
            layer([[-9], [9]], [[1]], zy=-3, attributes={"activation": "relu"}))[1]
        self.assertEqual(outputs["exact-away"], [-3, 6])

    def test_extreme_scales_stay_exact(self):
        subject = layer([[1]], [[1]], [1], sx=5e-324, sw=5e-324, sy=1.7976931348623157e308,
                        scale=5e-324, zeroPoint=0)
        step = Fraction(1, 2**1074)
        largest = (2 - Fraction(1, 2**52)) * 2**1023
        self.assertEqual(exact_layer(subject)[0], [(step * step + step) / largest])

    def test_against_three_plain_loops(self):
        random_source = random.Random(1)
        types = ("int8", "uint8", "int16")
        for _ in range(300):
            triple = tuple(random_source.choice(types) for _ in range(3))
            m, k, n = (random_source.randint(1, 4) for _ in range(3))

            def draw(type_name):
                return random_source.randint(TYPES[type_name].low, TYPES[type_name].high)

            def scales(count):
                values = [f32(math.exp(random_source.uniform(-9, 3))) for _ in range(count)]
                return values if count > 1 else values[0]

            x = [[draw(triple[0]) for _ in range(k)] for _ in range(m)]
            w = [[draw(triple[1]) for _ in range(k)] for _ in range(n)]
            sw, zw = scales(n), [draw(triple[1]) for _ in range(n)]
            sb, zb = scales(n), [random_source.randint(-9, 9) for _ in range(n)]
            bias = [random_source.randint(-1000, 1000) for _ in range(n)]
            general = random_source.random() < 0.5
            sx, sy, zx, zy = scales(1), scales(1), draw(triple[0]), draw(triple[2])
            subject = layer(
                x, w, bias, sx, sw, sy, zx, zw, zy, triple,
                **({"scale": sb, "zeroPoint": zb} if general else {}))
            values = exact_layer(subject)[0]
            for i in range(m):
                for j in range(n):
                    channel = Fraction(sw[j] if n > 1 else sw)
                    y = sum(Fraction(sx) * (x[i][c] - zx) * channel * (w[j][c] - zw[j])
                            for c in range(k))
                    if general:
                        y += (bias[j] - zb[j]) * Fraction(sb[j] if n > 1 else sb)
                    else:
                        y += bias[j] * Fraction(sx) * channel
                    self.assertEqual(values[i * n + j], y / Fraction(sy))


def nearest_binary32(value):
    """Of a Fraction, ties to even, by search among the multiples of its last place."""
    if value == 0:
        return 0.0
    exponent = max(value.numerator.bit_length() - value.denominator.bit_length() - 24, -149)
    while abs(value) / Fraction(2) ** exponent >= 2**24:
        exponent += 1
    rounded = float(round(value / Fraction(2) ** exponent) * Fraction(2) ** exponent)
    return math.copysign(math.inf, value) if abs(rounded) >= 2.0**128 else rounded


class Arithmetic(unittest.TestCase):
    def test_binary32_of_products_quotients_and_sums_is_rounded_once(self):
        random_source = random.Random(2)
        for _ in range(3000):
            low, high = random_source.choice([(-149, -100), (-75, -60), (-20, 20), (50, 70)])
            a, b = (f32(math.ldexp(random_source.getrandbits(24) | 1,
                                   random_source.randint(low, high) - 23)) or 1.0
                    for _ in range(2))
            self.assertEqual(f32(a * b), nearest_binary32(Fraction(a) * Fraction(b)))
            self.assertEqual(f32(a / b), nearest_binary32(Fraction(a) / Fraction(b)))
            self.assertEqual(f32(a + b), nearest_binary32(Fraction(a) + Fraction(b)))

    def test_binary32_overflow(self):
        self.assertEqual(f32(-3.5e38), -math.inf)
        self.assertEqual(f32(2.0**128 - 2.0**103), math.inf)  # a tie, to even
        self.assertEqual(f32(2.0**128 - 2.0**103 - 2.0**80), 2.0**128 - 2.0**104)

    def test_conversions(self):
        even, away = arithmetic.convert_half_even, arithmetic.convert_half_away
        lowest = -2**31
        for value in (math.nan, math.inf, -math.inf, 2.0**31, 1e30, -1e30):
            self.assertEqual((even(value), away(value)), (lowest, lowest))
        self.assertEqual([even(v) for v in (0.5, 1.5, -0.5, -1.5)], [0, 2, 0, -2])
        self.assertEqual([away(v) for v in (0.5, 1.5, -0.5, -1.5)], [1, 2, -1, -2])
        self.assertEqual(away(0.49999999999999994), 0)
        self.assertEqual(away(2.0**31 - 0.5), lowest)
        self.assertEqual(away(-2.0**31 - 0.5), lowest)

    def test_quantize_multiplier(self):
        derive = arithmetic.quantize_multiplier
        self.assertEqual(derive(0.0), (0, 0))
        self.assertEqual(derive(1.0), (2**30, 1))
        self.assertEqual(derive(0.75), (3 * 2**29, 0))
        self.assertEqual(derive(1 - 2.0**-40), (2**30, 1))  # q reaches 2^31
        self.assertEqual(derive(2.0**-32), (2**30, -31))
        self.assertEqual(derive(math.nextafter(2.0**-32, 0)), (2**30, -31))
        self.assertEqual(derive(2.0**-33), (0, 0))
        self.assertEqual(derive(0.5 + 2.0**-32), (2**30 + 1, 0))  # a tie, away from zero
        self.assertEqual(derive(math.inf)[0], 0)

    def test_fixed_point_steps_by_their_definition(self):
        random_source = random.Random(3)
        up = lambda value: math.floor(value + Fraction(1, 2))
        away = lambda value: up(value) if value >= 0 else -up(-value)
        for _ in range(5000):
            x = random_source.choice([1, 3, 1 << random_source.randint(0, 30)])
            x = x * random_source.choice([-1, 1]) if random_source.random() < 0.5 \
                else random_source.randint(-2**31, 2**31 - 1)
            q = random_source.choice([2**30, 3 * 2**29, random_source.randint(2**30, 2**31 - 1)])
            s = random_source.randint(-31, 0)
            high = up(Fraction(x * q, 2**31))
            self.assertEqual(arithmetic.high_product(x, q), high)
            low = Fraction(high, 2**-s)
            self.assertEqual(arithmetic.scale_double(x, q, s), away(low))
            self.assertEqual(arithmetic.scale_double_unsaturated(x, q, s), away(low))
            self.assertEqual(arithmetic.scale_double_saturating(x, q, s), away(low))
            self.assertEqual(arithmetic.scale_double_up(x, q, s), up(low))
            one = up(Fraction(x * q, 2**(31 - s)))
            self.assertEqual(arithmetic.scale_single(x, q, s), one)
            self.assertEqual(arithmetic.scale_single_wrapping(x, q, s), one)
            reduced = min(up(Fraction(q, 2**16)), 0x7FFF)
            self.assertEqual(
                arithmetic.scale_int64(x, q, s), up(Fraction(x * reduced, 2**(15 - s))))
        self.assertEqual(arithmetic.high_product(-2**31, -2**31), 2**31 - 1)


# Files

def line(members):
    return json.dumps(members, separators=(",", ":"))


def generated(cases, seed="7"):
    """A file as a generator writes it, from members without ids."""
    order = ("operator", "profile", "attributes", "inputs", "output", "constants")
    lines = [line({"hello": {"format": 1, "generator": 1, "seed": seed}})]
    for index, members in enumerate(cases):
        hashed = {key: members[key] for key in order if key in members}
        digest = hashlib.sha256(line(hashed).encode()).hexdigest()[:8]
        whole = {"id": f"{seed}-{index:07}-{digest}"}
        for key in ("operator", "classes", "refuse", *order[1:], "expected"):
            if key in members:
                whole[key] = members[key]
        lines.append(line(whole))
    return with_end("\n".join(lines) + "\n", len(cases))


def with_end(body, count):
    end = {"end": {"cases": count, "sha256": hashlib.sha256(body.encode()).hexdigest()}}
    return body + line(end) + "\n"


def by_hand(*cases):
    lines = [line({"hello": {"format": 1}})]
    for index, members in enumerate(cases):
        lines.append(line({**members, "id": f"case {index}"}))
    return "\n".join(lines) + "\n"


class Files(unittest.TestCase):
    def run_oracle(self, content, *options):
        if isinstance(content, str):
            content = content.encode()
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
            file.write(content)
            file.flush()
            output, errors = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
                status = oracle.main([file.name, "--jobs", "1", *options])
        return status, output.getvalue(), errors.getvalue()

    def summary(self, content, *options):
        status, output, errors = self.run_oracle(content, "--json", *options)
        self.assertEqual(errors, "")
        return status, json.loads(output)

    def answered(self, name="exact-even", **keywords):
        members = case([[1], [3]], [[1]], sx=0.5, profile=name, **keywords)
        members["expected"] = {"output": [0, 2], "exact": ["1/2", "3/2"]}
        return members


class WholeFiles(Files):
    def test_the_examples_agree(self):
        with open(os.path.join(FOLDER, "examples.jsonl"), "rb") as file:
            status, summary = self.summary(file.read())
        self.assertEqual((status, summary["first"]), (0, []))
        self.assertEqual((summary["cases"], summary["refused"], summary["outputs"]), (8, 1, 31))

    def test_generated_file_agrees_with_any_number_of_jobs(self):
        content = generated([self.answered()] * 200)
        self.assertEqual(self.summary(content), self.summary(content, "--jobs", "3"))
        status, summary = self.summary(content)
        self.assertEqual((status, summary["idsChecked"], summary["outputs"]), (0, 200, 400))

    def test_wrong_output_is_found(self):
        wrong = self.answered()
        wrong["expected"]["output"] = [1, 2]
        status, summary = self.summary(by_hand(self.answered(), wrong))
        self.assertEqual(status, 1)
        self.assertEqual(summary["profiles"]["exact-even"], {"outputs": 4, "mismatches": 1})
        self.assertEqual(summary["first"], [
            {"id": "case 1", "kind": "output exact-even", "index": 0, "expected": 1, "got": 0,
             "exact": "1/2"}])

    def test_wrong_exact_value_is_found(self):
        for text in ("2/4", "0.5", "-1/2"):
            wrong = self.answered()
            wrong["expected"]["exact"][0] = text
            status, summary = self.summary(by_hand(wrong))
            self.assertEqual((status, summary["kinds"]), (1, {"exact": 1}))

    def test_only_the_first_findings_are_kept(self):
        wrong = self.answered()
        wrong["expected"]["output"] = [9, 9]
        status, summary = self.summary(by_hand(*[wrong] * 30))
        self.assertEqual((status, summary["mismatches"], len(summary["first"])), (1, 60, 20))

    def test_nothing_compared_is_no_success(self):
        self.assertEqual(self.summary(by_hand())[0], 1)
        self.assertEqual(self.summary(by_hand(case([[1]], [[1]])))[0], 1)
        status, summary = self.summary(by_hand({"operator": "add"}))
        self.assertEqual((status, summary["skipped"]), (1, {"operator add": 1}))

    def test_unknown_keys_make_a_case_unsupported_except_at_the_top(self):
        unknown = self.answered()
        unknown["comment"] = {"any": "thing"}
        self.assertEqual(self.summary(by_hand(unknown))[0], 0)
        unknown["output"]["layout"] = "NHWC"
        status, summary = self.summary(by_hand(unknown))
        self.assertEqual((status, summary["skipped"]), (1, {"unknown key output.layout": 1}))

    def test_base64_of_every_type(self):
        for type_name, code in (("int8", "b"), ("uint8", "B"), ("int16", "h")):
            members = self.answered(types=(type_name,) * 3)
            pack = lambda values: base64.b64encode(struct.pack(f"<2{code}", *values)).decode()
            members["inputs"]["input"]["data"] = pack([1, 3])
            members["expected"]["output"] = pack([0, 2])
            self.assertEqual(self.summary(by_hand(members))[0], 0, type_name)

    def test_expected_output_outside_the_profile_is_found(self):
        members = self.answered("tflm", zw=0)
        members["inputs"]["input"]["scale"] = 0.1
        status, summary = self.summary(by_hand(members))
        self.assertEqual((status, summary["kinds"]["domain"]), (1, 1))

    def test_constants(self):
        members = self.answered("tflm")
        members["expected"]["output"] = [1, 2]
        members["constants"] = {"multiplier": [2**30], "shift": [0]}
        self.assertEqual(self.summary(by_hand(members))[0], 0)
        members["constants"] = {"multiplier": [2**30 + 1], "shift": [0]}
        status, summary = self.summary(by_hand(members))
        self.assertEqual((status, summary["kinds"]), (1, {"constants": 1}))


class Ids(Files):
    def test_known_digest(self):
        text = '{"id":"7-0000000-x","operator":"o","profile":"p","expected":{"a":[1.50, "]}"]}}'
        self.assertEqual(
            Line(text.encode()).digest(),
            hashlib.sha256(b'{"operator":"o","profile":"p"}').hexdigest())

    def test_the_text_of_numbers_counts(self):
        content = generated([self.answered()])
        changed = content.split("\n")
        changed[1] = changed[1].replace('"scale":0.5', '"scale":0.50')
        status, summary = self.summary(with_end("\n".join(changed[:2]) + "\n", 1))
        self.assertEqual((status, summary["kinds"]), (1, {"id.digest": 1}))

    def test_what_is_not_hashed_does_not_count(self):
        plain = self.answered()
        labelled = {**plain, "classes": ["zeroPoint.extremes"]}
        ids = [generated([members]).split('"id":"')[1][:18] for members in (plain, labelled)]
        self.assertEqual(ids[0], ids[1])
        self.assertEqual(self.summary(generated([labelled]))[0], 0)

    def test_irregular_lines_are_found(self):
        def rewrite(edit, kind):
            body = generated([self.answered()]).split("\n")
            body[1] = edit(body[1])
            status, summary = self.summary(with_end("\n".join(body[:2]) + "\n", 1))
            self.assertEqual(status, 1)
            self.assertIn(kind, summary["kinds"])
        rewrite(lambda text: text.replace("7-0000000-", "8-0000000-"), "id")
        rewrite(lambda text: text.replace("7-0000000-", "7-00000000-"), "id")
        rewrite(lambda text: text.replace("7-0000000-", "7-000000-"), "id")
        rewrite(lambda text: text.replace('"operator":', '"operator": '), "spaces")
        rewrite(lambda text: text.replace('0.5', '0.500000000000000001'), "decimal")
        profile = '"profile":"exact-even",'
        rewrite(lambda text: text.replace(profile, "")[:-1] + "," + profile[:-1] + "}", "keyOrder")

    def test_scales_are_binary32_unless_the_class_says_otherwise(self):
        members = self.answered()
        members["inputs"]["input"]["scale"] = 0.1
        del members["expected"]
        for classes, status in ((["random"], 1), (["scale.double"], 0)):
            content = generated([{**members, "classes": classes}, self.answered()])
            self.assertEqual(self.summary(content)[0], status)


class Faults(Files):
    def setUp(self):
        self.valid = case(
            [[1, 2], [3, 4]], [[1, 2], [3, 4], [5, 6]], [7, 8, 9], sw=[1, 2, 3])
        self.valid["inputs"]["weights"]["zeroPoint"] = [0, 1, 2]

    def broken(self, path, value):
        members = copy.deepcopy(self.valid)
        place = members
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return members

    FAULTS = [
        ("scale.negative", ("inputs", "input", "scale"), -1),
        ("scale.negative", ("inputs", "weights", "scale"), [1, -1, 1]),
        ("scale.zero", ("output", "scale"), 0),
        ("scale.zero", ("inputs", "bias", "scale"), -0.0),
        ("scale.nan", ("inputs", "weights", "scale"), [1, "NaN", 1]),
        ("scale.infinite", ("output", "scale"), "Infinity"),
        ("scale.infinite", ("output", "scale"), "-Infinity"),
        ("zeroPoint.range", ("inputs", "input", "zeroPoint"), 128),
        ("zeroPoint.range", ("inputs", "weights", "zeroPoint"), [0, 0, -129]),
        ("zeroPoint.range", ("output", "zeroPoint"), "9223372036854775807"),
        ("shape.mismatch", ("inputs", "input", "shape"), [2, 3]),
        ("shape.bias", ("inputs", "bias", "shape"), [4]),
        ("shape.output", ("output", "shape"), [3, 2]),
        ("shape.rank", ("inputs", "input", "shape"), [4]),
        ("shape.rank", ("inputs", "bias", "shape"), [3, 1]),
        ("shape.rank", ("output", "shape"), [2, 3, 1]),
        ("channels.count", ("inputs", "weights", "scale"), [1, 2]),
        ("channels.count", ("inputs", "weights", "zeroPoint"), [1, 2, 3, 4]),
        ("channels.count", ("output", "scale"), [1, 2, 3]),
        ("clamp.order", ("attributes", "clamp"), [5, 4]),
        ("clamp.range", ("attributes", "clamp"), [-129, 4]),
    ]

    def test_every_fault_alone(self):
        for fault, path, value in self.FAULTS:
            with self.subTest(fault=fault, path=path):
                members = self.broken(path, value)
                self.assertEqual(Case(members).faults(), {fault})
                self.assertEqual(self.summary(by_hand({**members, "refuse": fault}))[0], 0)
                other = "shape.zero"
                self.assertEqual(self.summary(by_hand({**members, "refuse": other}))[0], 1)

    def test_a_valid_case_may_break_no_rule(self):
        self.assertEqual(Case(self.valid).faults(), set())
        status, summary = self.summary(by_hand({**self.valid, "refuse": "scale.zero"}))
        self.assertEqual((status, summary["kinds"]), (1, {"refuse": 1}))
        members = self.broken(("output", "scale"), 0)
        status, summary = self.summary(by_hand(members))
        self.assertEqual((status, summary["kinds"]), (1, {"fault": 1}))

    def test_two_faults_are_not_one(self):
        members = self.broken(("output", "scale"), 0)
        members["output"]["zeroPoint"] = 500
        self.assertEqual(self.summary(by_hand({**members, "refuse": "scale.zero"}))[0], 1)

    def test_zero_and_overflowing_dimensions(self):
        members = copy.deepcopy(self.valid)
        members["inputs"]["input"].update(shape=[0, 2], data=[])
        members["output"]["shape"] = [0, 3]
        self.assertEqual(Case(members).faults(), {"shape.zero"})
        members["inputs"]["input"]["shape"] = [2**62, 2]
        members["output"]["shape"] = [2**62, 3]
        self.assertEqual(Case(members).faults(), {"shape.overflow"})
        self.assertEqual(self.summary(by_hand({**members, "refuse": "shape.overflow"}))[0], 0)
        members["inputs"]["input"]["data"] = [1]
        self.assertEqual(
            self.run_oracle(by_hand({**members, "refuse": "shape.overflow"}))[0], 2)

    def test_a_refused_case_expects_nothing(self):
        members = self.broken(("output", "scale"), 0)
        members.update(refuse="scale.zero", expected={"output": [0] * 6})
        self.assertEqual(self.summary(by_hand(members))[0], 1)


class BadFiles(Files):
    def refused(self, content, message):
        status, output, errors = self.run_oracle(content)
        self.assertEqual((status, output, errors.count("\n")), (2, "", 1), errors)
        self.assertIn(message, errors)

    def edited(self, old, new):
        content = by_hand(self.answered())
        self.assertIn(old, content)
        return content.replace(old, new, 1)

    def test_lines(self):
        good = by_hand(self.answered())
        self.refused("", "line 1: the file is empty")
        self.refused("{}\n", "line 1: expected a hello line")
        self.refused('{"hello":{"format":2}}\n', "line 1: format 2, expected 1")
        self.refused('{"hello":{"format":1,"generator":1}}\n', "without a seed")
        self.refused(good + "\n", "line 3: not JSON")
        self.refused(good + "[1]\n", "line 3: not JSON")
        self.refused(good + "{}\n", "line 3: no id")
        self.refused(good + '{"id":7}\n', "line 3: no id")
        self.refused(good + good, "line 3: a hello line must be the first")
        self.refused(good + '{"end":{}}\n{"end":{}}\n', "line 3: a hello line must be the first")
        self.refused(good + '{"id":"x","id":"y"}\n', 'line 3: duplicate key "id"')
        self.refused(good + '{"id":"x","a":{"b":1,"b":2}}\n', 'duplicate key "b"')
        self.refused(good + '{"id":"x"} {}\n', "line 3: not JSON")
        self.refused(good + '{"id":"x",}\n', "line 3: not JSON")
        self.refused(good + '{"id":"x"\n', "line 3: not JSON")
        self.refused(good + '{"id":NaN}\n', "NaN is not JSON")
        self.refused(good + '{"id":"x","a":' + "9" * 5000 + "}\n", "line 3: not JSON")
        self.refused(good + '{"id":"x","a":' + "[" * 200000 + "}\n", "line 3: nested too deeply")
        self.refused(good.encode() + b'{"id":"\xff"}\n', "line 3: not UTF-8")
        self.refused(b"\xef\xbb\xbf" + good.encode(), "line 1: not JSON")
        self.refused(good + good.split("\n")[1] + "\n", 'the id "case 0" occurs twice')

    def test_ends(self):
        content = generated([self.answered()])
        body = content[:content.index('{"end"')]
        self.refused(body, "no end line")
        self.refused(content[:-20], "line 3: not JSON")
        self.refused(content.replace('"cases":1', '"cases":2'), "2 cases announced, 1 found")
        self.refused(content.replace('"cases":1', '"cases":"a\\nb"'), '"a\\nb" cases announced')
        self.refused(content.replace("[0,2]", "[0,3]"), "checksum")
        self.refused(body + '{"end":{}}\n', "lacks cases or sha256")

    def test_cases(self):
        self.refused(self.edited('"data":[1,3]', '"data":[1]'), "1 elements, the shape has 2")
        self.refused(self.edited('"data":[1,3]', '"data":[1,300]'), "outside int8")
        self.refused(self.edited('"data":[1,3]', '"data":"!!"'), "not base64")
        self.refused(self.edited('"data":[1,3]', '"data":"AQ"'), "not base64")
        self.refused(self.edited('"data":[1,3]', '"data":null'), "expected base64 or a list")
        self.refused(self.edited('"data":[1,3]', '"data":[1,true]'), "expected an integer")
        self.refused(self.edited('"shape":[2,1]', '"shape":7'), "shape a list")
        self.refused(self.edited('"scale":0.5,', ''), "input.scale is missing")
        self.refused(self.edited('"scale":0.5,', '"scale":"half",'), "expected a number")
        self.refused(self.edited('"scale":0.5,', '"scale":{},'), "expected a number")
        self.refused(self.edited('"type":"int8",', ''), "input.type is missing")
        self.refused(self.edited('"inputs":', '"input":'), "inputs is missing")
        self.refused(self.edited('"attributes":{}', '"attributes":[]'), "expected an object")
        self.refused(self.edited('"attributes":{}', '"attributes":{"clamp":[1]}'), "clamp")
        self.refused(self.edited(
            '"attributes":{}', '"attributes":{"clamp":[1,2],"activation":"relu"}'), "exclude")
        self.refused(self.edited('"profile":"exact-even"', '"profile":7'), "expected a string")
        self.refused(self.edited('"exact":["1/2"', '"exact":["1","1/2"'), "list of 2 fractions")
        self.refused(self.edited('"output":[0,2]', '"output":[0]'), "1 elements")
        self.refused(self.edited('"expected":', '"constants":7,"expected":'), "constants")
        self.refused(self.edited('"expected":', '"expected":3,"x":'), "expected: not an object")

    def test_missing_file(self):
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            self.assertEqual(oracle.main(["/nonexistent/file"]), 2)
        self.assertIn("No such file", errors.getvalue())

    def test_bad_line_is_found_by_other_processes_too(self):
        status, _, errors = self.run_oracle(by_hand(self.answered()) + "{}\n", "--jobs", "2")
        self.assertEqual((status, errors.count("\n")), (2, 1))
        self.assertIn("line 3: no id", errors)


if __name__ == "__main__":
    unittest.main()
