"""The exact value of every output, and its correctly rounded quantization.

All scales are binary64 numbers, hence rationals, so

    y = ( sum (qi - Zi)(qw - Zw) * Si * Sw + (qb - Zb) * Sb ) / So

is a rational that is computed here without any rounding. A bias in accumulator units has
Sb = Si * Sw (the real product) and Zb = 0.
"""

from fractions import Fraction

from arithmetic import saturate
from vectors import ACTIVATIONS

RULES = ("exact-even", "exact-away", "exact-up")


def exact_values(layer):
    """y of every output, row by row, before activation and zero point."""
    output_scale = Fraction(layer.sy)
    steps = [Fraction(layer.sx) * Fraction(scale) / output_scale for scale in layer.sw]
    if layer.sb is None:
        steps = [(step.numerator, step.denominator) for step in steps] * layer.m
        return [
            Fraction(total * numerator, denominator)
            for total, (numerator, denominator) in zip(layer.accumulators(), steps)]
    biases = [
        (value - zero_point) * Fraction(scale) / output_scale
        for value, zero_point, scale in zip(layer.bias, layer.zb, layer.sb)]
    return [
        total * step + bias
        for total, step, bias in zip(layer.sums(), steps * layer.m, biases * layer.m)]


def text(value):
    """Lowest terms, "3" for whole numbers."""
    return str(value)


def rounded(y):
    """The integers nearest to y: ties to even, away from zero, up, in the order of RULES."""
    below, rest = divmod(y.numerator, y.denominator)
    if 2 * rest < y.denominator:
        return below, below, below
    above = below + 1
    if 2 * rest > y.denominator:
        return above, above, above
    return (above if below % 2 else below), (above if above > 0 else below), above


def agree(y, roundings):
    """Whether three roundings of y keep what their rules say: a check by other means."""
    even, away, up = roundings
    numerator, denominator = y.numerator, y.denominator
    for value in roundings:
        if not -denominator <= 2 * (value * denominator - numerator) <= denominator:
            return False
    if denominator == 2:  # in lowest terms, exactly the ties
        return even % 2 == 0 and abs(away) > abs(y) and up > y
    return even == away == up


def after_activation(layer, y):
    """The activation in reals: y limited to [f/So, g/So]."""
    low, high = ACTIVATIONS[layer.activation]
    if low is not None:
        y = max(y, low / Fraction(layer.sy))
    if high is not None:
        y = min(y, high / Fraction(layer.sy))
    return y


def exact_outputs(layer, values):
    """The outputs by each of RULES, and the positions where a rounding broke its own rule."""
    low, high = layer.low, layer.high
    if layer.clamp:
        low, high = max(low, layer.clamp[0]), min(high, layer.clamp[1])
    outputs, defects = tuple([] for _ in RULES), []
    for index, y in enumerate(values):
        if layer.activation != "none":
            y = after_activation(layer, y)
        roundings = rounded(y)
        if not agree(y, roundings):
            defects.append(index)
        for column, value in zip(outputs, roundings):
            column.append(saturate(value + layer.zy, low, high))
    return dict(zip(RULES, outputs)), defects
