"""Valid fully connected layers, and their exact integer sums."""

from operator import mul

from arithmetic import is_binary32
from lines import BadFile
from vectors import Unsupported, decode

SIZE_LIMIT = 2**26  # multiplications in one case


class Layer:
    """A valid fully connected layer with its data. M rows, depth K, N output channels.

    Lists of weights' and bias' parameters have N entries, whether per tensor or per channel.
    """

    def __init__(self, case):
        """Only for a case without faults, whose data were checked."""
        if case.bias and case.bias.scales is None and any(case.bias.zero_points):
            raise BadFile("bias.zeroPoint without bias.scale")
        (self.m, self.k), self.n = case.input.shape, case.weights.shape[0]
        if self.m * self.k * self.n > SIZE_LIMIT:
            raise Unsupported(f"more than {SIZE_LIMIT} multiplications")
        self.types = (case.input.type, case.weights.type, case.output.type)
        self.sx, self.zx = case.input.scales[0], case.input.zero_points[0]
        self.sw, self.zw = self._wide(case.weights.scales), self._wide(case.weights.zero_points)
        self.sy, self.zy = case.output.scales[0], case.output.zero_points[0]
        # One scale means per tensor, also where there is one channel.
        self.per_channel = len(case.weights.scales) > 1
        self.low, self.high = case.output.element.low, case.output.element.high
        self.activation, self.clamp = case.activation, case.clamp
        self.rows = self._rows(case.input)
        self.columns = self._rows(case.weights)
        self.bias_type, self.bias, self.sb, self.zb = None, [0] * self.n, None, None
        if case.bias:
            self.bias_type = case.bias.type
            self.bias = decode(case.bias.data, case.bias.type, "bias.data")
            if case.bias.scales is not None:
                self.sb = self._wide(case.bias.scales)
                self.zb = self._wide(case.bias.zero_points)
        self._products = None

    def _wide(self, values):
        return values * self.n if len(values) == 1 else values

    def _rows(self, tensor):
        values = decode(tensor.data, tensor.type, f"{tensor.name}.data")
        return [values[i:i + self.k] for i in range(0, len(values), self.k)]

    @property
    def scales(self):
        return [self.sx, *self.sw, *(self.sb or []), self.sy]

    @property
    def has_binary32_scales(self):
        return all(is_binary32(scale) for scale in self.scales)

    def sums(self, weight_zero_points=None):
        """Exact sums of (x - Zx)(w - Zw), row by row, without bias; zero points by row sums."""
        zw = self.zw if weight_zero_points is None else weight_zero_points
        if self._products is None:
            self._products = [
                [sum(map(mul, row, column)) for column in self.columns] for row in self.rows]
        column_terms = [
            self.zx * (self.k * z - sum(column)) for z, column in zip(zw, self.columns)]
        result = []
        for row, products in zip(self.rows, self._products):
            total = sum(row)
            result.extend(
                product - z * total + term
                for product, z, term in zip(products, zw, column_terms))
        return result

    def accumulators(self, weight_zero_points=None):
        """The sums with the raw bias added, unlimited integers."""
        biases = self.bias * self.m
        return [total + bias for total, bias in zip(self.sums(weight_zero_points), biases)]
