"""Known answers of arm64 and TOSA: measured, or derived by hand from their definitions."""

import random
import unittest
from fractions import Fraction

import arm64
import profiles
import tosa
from arithmetic import f32
from test_oracle import layer, requantize

REFUSED = "refused"
COLUMNS = ("litert-reference-arm64", "litert-builtin-arm64", "litert-xnnpack-arm64")

# Measured under emulation, with int8 layers of K = 1 whose accumulator is the bias:
# accumulator, (Sx, Sw, Sy, Zy), the answers of COLUMNS.
MEASURED = [
    (3, (0.5, 0.25, 1.0, 0), (0, 0, 0)),
    (4, (0.5, 0.25, 1.0, 0), (1, 1, 0)),
    (-4, (0.5, 0.25, 1.0, 0), (-1, 0, 0)),
    (-12, (0.5, 0.25, 1.0, 0), (-2, -1, -2)),
    (20, (0.5, 0.25, 1.0, 0), (3, 3, 2)),
    (-20, (0.5, 0.25, 1.0, 0), (-3, -2, -2)),
    (-5, (0.5, 0.25, 1.0, 0), (-1, -1, -1)),
    (1, (0.5, 1.0, 1.0, 0), (1, 1, 0)),
    (-3, (0.5, 1.0, 1.0, 0), (-2, -1, -2)),
    (16908289, (0.001953125, 0.001953125, 1.0, 0), (65, 65, 64)),
    (2147483647, (1.5, 1.0, 0.5, 0), (127, -3, 127)),
    (1073741824, (1.5, 1.0, 0.5, 0), (127, 0, 127)),
    (-2112535998, (0.6469934582710266, 0.1571136713027954, 0.09973258525133133, -69),
     (127, 127, -128)),
    (-2147483648, (1.0, 1.0, 1.0, -1), (127, -1, -128)),
    (-2147483648, (1.5, 1.0, 1.0, -1), (127, -1, -128)),
    (1, (65536.0, 32768.0, 1.0, 0), (127, 0, REFUSED)),
    (-2147483648, (2.0**-16, 2.0**-16, 1.0, 0), (-1, 0, 0)),
    (2147483647, (2.0**-16, 2.0**-16, 1.0, 0), (0, 0, 0)),
]


class MeasuredOnArm64(unittest.TestCase):
    def test_requantization(self):
        for accumulator, parameters, answers in MEASURED:
            for name, answer in zip(COLUMNS, answers):
                with self.subTest(profile=name, accumulator=accumulator, parameters=parameters):
                    if answer == REFUSED:
                        with self.assertRaises(profiles.OutsideDomain):
                            requantize(name, accumulator, *parameters)
                    else:
                        self.assertEqual(requantize(name, accumulator, *parameters), answer)

    def test_two_roundings_without_dot_product(self):
        # 100.38: measured 101, since 16 bits of 201.26 are rounded again.
        def output(name):
            return requantize(
                name, 822329, 2.0**-13, 1, 1, types=profiles.UINT8)
        self.assertEqual(output("litert-xnnpack-arm64-rndnu16"), 101)
        self.assertEqual(output("litert-xnnpack-arm64-rndnu"), 100)

    def test_rndnu_rounds_the_binary32_product_half_up(self):
        rng = random.Random(5)
        for _ in range(2_000):
            scale = f32(2.0**rng.randint(-31, 7) * rng.uniform(0.5, 1))
            accumulator = rng.randint(-400, 400) * 2**rng.randint(0, 22)
            y = accumulator * Fraction(scale)
            wanted = min(max(int((y + Fraction(1, 2)) // 1) + 9, 0), 255)
            got = requantize(
                "litert-xnnpack-arm64-rndnu", accumulator, scale, 1, 1, zy=9,
                types=profiles.UINT8)
            self.assertEqual(got, wanted, (accumulator, scale))

    def test_rndnu16s_multiplier_is_renormalised(self):
        self.assertEqual(arm64.narrow_multiplier(1 - 2.0**-24), (16384, 1))
        self.assertEqual(arm64.narrow_multiplier(0.75), (24576, 0))

    def test_conversions_saturate(self):
        self.assertEqual(arm64.convert(float("nan"), round), 0)
        self.assertEqual(arm64.convert(float("inf"), round), 2**31 - 1)
        self.assertEqual(arm64.convert(-3.0e9, round), -2**31)

    def test_ort_gives_the_zero_point_for_what_is_not_a_number(self):
        # Si * Sw overflows in binary32: infinity times 0.
        for name, answer in (("ort", -128), ("ort-arm64", 5)):
            self.assertEqual(requantize(name, 0, 2.0**100, 2.0**100, 1, zy=5), answer)
            self.assertEqual(requantize(name, 1, 2.0**100, 2.0**100, 1, zy=5), 127)


class OtherKernels(unittest.TestCase):
    """Measured on an emulated Nehalem, Neoverse N1 and Cortex-A53."""

    def outputs(self, name, **keywords):
        return profiles.profile_outputs(name, layer(**keywords))

    def test_a_batch_of_one_is_rounded_twice(self):
        for name in ("litert-builtin-sse", "litert-builtin-arm64", "litert-builtin-arm64-nodot"):
            for m, k, n, answer in ((1, 8, 4, 0), (2, 8, 4, -1), (1, 7, 4, -1), (1, 8, 3, -1)):
                got = self.outputs(
                    name, x=[[3] * k] * m, w=[[0] * k] * n, zx=3, sx=0.5, sw=0.25, bias=[-5] * n)
                self.assertEqual(got, [answer] * (m * n), (name, m, k, n))

    def test_the_left_shift_depends_on_the_position(self):
        for m, n in ((1, 5), (5, 1)):
            got = self.outputs(
                "litert-builtin-sse", x=[[3]] * m, w=[[1]] * n, zx=3, sx=2.0, zy=10,
                bias=[2**30] * n, types=profiles.UINT8)
            self.assertEqual(got, [10, 10, 10, 10, 255])

    def test_pairs_wrap(self):
        lowest = [-128] + [0] * 7 + [-128]
        for name, answer in (
                ("litert-builtin-arm64", 64), ("litert-builtin-arm64-nodot", -64),
                ("ort-arm64", 64), ("ort-arm64-nodot", -64)):
            self.assertEqual(self.outputs(name, x=[lowest], w=[lowest], sy=512.0), [answer])
        for name, answer in (("litert-builtin-arm64", 1), ("litert-builtin-arm64-nodot", 0)):
            self.assertEqual(self.outputs(name, x=[[1]], w=[[1]], types=profiles.UINT8), [answer])


class Tosa(unittest.TestCase):
    def test_multipliers(self):
        self.assertEqual(tosa.multiplier(1.0, 31), (2**30, 30))
        self.assertEqual(tosa.multiplier(0.75, 15), (24576, 15))
        self.assertEqual(tosa.multiplier(1 - 2.0**-40, 31), (2**30, 30))
        self.assertEqual(tosa.multiplier(2.0**-33, 31), (2**29, 62))
        self.assertEqual(tosa.multiplier(2.0**-300, 31), (0, 62))

    def test_each_rounding_by_hand(self):
        # D = 1/8, so shift 33: 3/8 gains 1/8 by the carry, a tie goes up, to even when inexact.
        rows = {"tosa-single": (0, 0, 1, 0), "tosa-double": (1, 0, 1, -1),
                "tosa-single-16": (0, 0, 1, 0), "tosa-inexact": (0, 0, 0, 0)}
        for name, answers in rows.items():
            for accumulator, answer in zip((3, -3, 4, -4), answers):
                got = requantize(name, accumulator, 0.5, 0.25, 1.0)
                self.assertEqual(got, answer, (name, accumulator))

    def test_double_round_is_single_round_up_to_a_shift_of_31(self):
        for accumulator in range(-300, 300):
            self.assertEqual(
                requantize("tosa-double", accumulator, 0.75, 1, 1),
                requantize("tosa-single", accumulator, 0.75, 1, 1))

    def test_what_is_unpredictable_is_outside(self):
        # D = 1: shift 30, values of 29 bits.
        for name in ("tosa-single", "tosa-double"):
            self.assertEqual(requantize(name, 2**29 - 1, 1, 1, 1), 127)
            self.assertEqual(requantize(name, -2**29, 1, 1, 1), -128)
            for accumulator in (2**29, -2**29 - 1):
                with self.assertRaises(profiles.OutsideDomain):
                    requantize(name, accumulator, 1, 1, 1)
        for name in ("tosa-single-16", "tosa-inexact"):
            self.assertEqual(requantize(name, 2**29, 1, 1, 1), 127)
            with self.assertRaises(profiles.OutsideDomain):
                requantize(name, 2**30, 2, 1, 1)
        with self.assertRaises(profiles.OutsideDomain):
            requantize("tosa-single-16", 0, 2.0**13, 1, 1)

    def test_accumulators_of_16_bit_inputs_pass_int32(self):
        depth = 1024
        for name in ("tosa-single-16", "tosa-inexact"):
            subject = layer(
                [[-32768] * depth], [[-128] * depth], sx=2.0**-20, types=profiles.INT16X8)
            self.assertEqual(profiles.profile_outputs(name, subject), [4096])

    def test_one_zero_point_of_the_weights(self):
        for name in ("tosa-single", "tosa-inexact"):
            subject = layer([[1]], [[1], [1]], sw=[1, 1], zw=[0, 1])
            with self.assertRaises(profiles.OutsideDomain):
                profiles.profile_outputs(name, subject)
            subject = layer([[1]], [[1], [1]], sw=[1, 1], zw=[3, 3])
            self.assertEqual(profiles.profile_outputs(name, subject), [-2, -2])


if __name__ == "__main__":
    unittest.main()
