"""A fully connected layer in affine quantization, under the test of qverify.

Try it:  qverify smoke --impl mine
         qverify check --impl mine --count 1000
"""

from fractions import Fraction

import qverify_adapter


def compute(case):
    """The output of one layer, row by row. Put the call of your kernel in here."""
    case.check()  # refuses scales, zero points and shapes that make no sense
    (rows, depth), channels = case.input.shape, case.weights.shape[0]
    low, high = case.clamp or (case.output.low, case.output.high)
    output = []
    for row in range(rows):
        for channel in range(channels):
            zero = of(case.weights.zero_point, channel)
            total = sum(
                (int(case.input.data[row][k]) - case.input.zero_point[0])
                * (int(case.weights.data[channel][k]) - zero)
                for k in range(depth))
            if case.bias:
                total += int(case.bias.data[channel])
            scale = (Fraction(case.input.scale[0]) * Fraction(of(case.weights.scale, channel))
                     / Fraction(case.output.scale[0]))
            # Exact, and rounded to the nearest integer, ties to even.
            value = round(total * scale) + case.output.zero_point[0]
            output.append(min(max(value, low), high))
    return output


def of(values, channel):
    """A parameter of a channel: one for all, or one a channel."""
    return values[channel] if len(values) > 1 else values[0]


qverify_adapter.serve(
    name="mine",
    version="1",
    claims=[{
        "operator": "fullyConnected",
        "types": ["int8,int8,int8", "uint8,uint8,uint8"],
        "bias": ["none", "accumulator"],
        "activations": ["none", "clamp"],
        "profile": "exact-even",
    }],
    compute=compute)
