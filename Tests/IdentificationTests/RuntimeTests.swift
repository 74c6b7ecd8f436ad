#if !DEBUG
import Identification
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing

@testable import PlantedKernels

/// Black boxes with the arithmetic of runtimes that have no profile.
///
/// Each was found by running the runtime, and held against its source or against what it computed on
/// accumulators beside the steps.
struct RuntimeTests {
  private func described(
    _ kernel: Defect, _ types: TypeTriple, bias: ElementType? = nil
  ) throws -> (found: Identification, arithmetic: Arithmetic, open: [ArithmeticPart]) {
    let found = try identified(kernel, types, bias: bias, budget: 300)
    guard case .described(let arithmetic, let open, _) = found.conclusion else {
      Issue.record("\(found.conclusion)")
      throw NotDescribed()
    }
    return (found, arithmetic, open.map(\.part))
  }

  private struct NotDescribed: Error {}

  private static let mixed = TypeTriple(input: .uint8, weights: .int8, output: .uint8)

  /// TensorFlow Lite 2.14, reference kernels: `GetQuantizedConvolutionMultipler` multiplies in float and
  /// divides in double.
  @Test func tensorFlowLite214() throws {
    let kernel = Defect("TensorFlow Lite 2.14", "tflm") { kernel in
      kernel.requantize = FixedPoint(effectiveScale: { layer, channel in
        Double(Float(layer.inputScale) * Float(layer.weightScales[channel])) / layer.outputScale
      })
    }
    let (_, arithmetic, open) = try described(kernel, TypeTriple(.int8))
    #expect(arithmetic.effectiveScale == .binary32Product)
    #expect(arithmetic.fixedPoint?.highMultiply == .toNearestOrUp)
    #expect(arithmetic.fixedPoint?.rightShift == .toNearestOrAway)
    #expect(Set(open).isDisjoint(with: [.effectiveScale, .firstRounding, .rounding]))
  }

  /// oneDNN 2, matrix product with a bias of int32: sum and bias become floats, then are added.
  @Test func oneDNNWithABias() throws {
    let kernel = Defect("oneDNN 2", "ort") { kernel in
      kernel.add = { sum, bias in Int64(Float(wrapped(sum, bits: 32)) + Float(bias)) }
      kernel.keep = { sum, _ in sum }
      kernel.requantize = ZeroPointInFloat { layer, channel in
        Float(layer.inputScale) * Float(layer.weightScales[channel]) / Float(layer.outputScale)
      }
    }
    let (_, arithmetic, open) = try described(kernel, RuntimeTests.mixed, bias: .int32)
    #expect(arithmetic.bias == .addedInBinary32)
    #expect(arithmetic.zeroPointAddition == .beforeRounding)
    #expect(arithmetic.effectiveScale == .binary32)
    #expect(Set(open).isDisjoint(with: [.bias, .effectiveScale, .zeroPointAddition]))
  }

  /// PyTorch 1.13 with oneDNN 2: all scales are handed over as reciprocals.
  @Test func pyTorchWithOneDNN() throws {
    let kernel = Defect("PyTorch 1.13, oneDNN", "ort") { kernel in
      kernel.requantize = ZeroPointInFloat { layer, channel in
        let (input, weights) = (1 / Float(layer.inputScale), 1 / Float(layer.weightScales[channel]))
        return (1 / Float(layer.outputScale)) / (input * weights)
      }
    }
    let (_, arithmetic, open) = try described(kernel, RuntimeTests.mixed)
    #expect(arithmetic.effectiveScale == .binary32OfReciprocals)
    #expect(arithmetic.zeroPointAddition == .beforeRounding)
    #expect(Set(open).isDisjoint(with: [.effectiveScale, .zeroPointAddition]))
  }

  /// PyTorch's QNNPACK: a bias of zeros is divided by Si·Sw, which gives no number where the reciprocal
  /// of that overflows.
  @Test func pyTorchWithQNNPACK() throws {
    let kernel = Defect("PyTorch, QNNPACK", "ort") { kernel in
      kernel.prepare = { layer in
        for channel in layer.bias.indices {
          let product = Float(layer.inputScale) * Float(layer.weightScales[channel])
          if (1 / product).isInfinite { layer.bias[channel] = Int64(Int32.min) }
        }
      }
      kernel.requantize = InFloat(product: { accumulator, channel, layer in
        let product = Float(layer.inputScale) * Float(layer.weightScales[channel])
        return Float(accumulator) * (product * (1 / Float(layer.outputScale)))
      })
    }
    let (found, arithmetic, open) = try described(kernel, TypeTriple(.uint8))
    #expect(arithmetic.effectiveScale == .binary32Reciprocal)
    #expect(!open.contains(.effectiveScale))
    #expect(found.needsNormalScales)
    #expect(found.exceptions == ["scale.extreme"])
  }

  /// A RISC-V vector unit with `vxrm` = `rod`.
  @Test func riscVRoundingToOdd() throws {
    let kernel = Defect("vsmul and vssra, rod", "tflm") { kernel in
      kernel.requantize = FixedPoint(first: .odd, second: .odd)
    }
    let (_, arithmetic, open) = try described(kernel, TypeTriple(.int8))
    #expect(arithmetic.fixedPoint?.highMultiply == .toOdd)
    #expect(arithmetic.fixedPoint?.rightShift == .toOdd)
    #expect(Set(open).isDisjoint(with: [.firstRounding, .rounding]))
  }

  /// CMSIS-NN 22.9.0 with `CMSIS_NN_USE_SINGLE_ROUNDING`: an int31, and a shift count below 0.
  @Test func singleRoundingOfCMSISNN() throws {
    let kernel = Defect("CMSIS-NN, single rounding", "single-rounding") { kernel in
      kernel.requantize = HalvedInt32()
    }
    let (found, arithmetic, open) = try described(kernel, TypeTriple(.int8))
    #expect(arithmetic.fixedPoint?.result == .wrapsBeforeHalving)
    #expect(!open.contains(.result))
    // Every D, those with a negative count too.
    #expect(found.exceptions.isEmpty)
  }
}
#endif
