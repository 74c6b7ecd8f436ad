internal import CFastKernels

/// The integer type of a tensor's elements, stored little-endian.
package enum KernelElement: String, CaseIterable, Hashable, Sendable {
  case int8, uint8, int16, int32, int64

  /// The representable integers; `-128...127` for ``int8``.
  package var range: ClosedRange<Int64> {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32_768...32_767
    case .int32: -2_147_483_648...2_147_483_647
    case .int64: Int64.min...Int64.max
    }
  }

  /// The size of one element in bytes.
  package var byteCount: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16: 2
    case .int32: 4
    case .int64: 8
    }
  }

  /// The C kernels' name of an operand's type; meaningless for the bias types.
  var code: Int32 {
    switch self {
    case .int8: Int32(FK_INT8.rawValue)
    case .uint8: Int32(FK_UINT8.rawValue)
    case .int16, .int32, .int64: Int32(FK_INT16.rawValue)
    }
  }
}

/// Which instructions form the dot products and the requantization; the results are the same.
package enum KernelPath: String, CaseIterable, Hashable, Sendable {
  /// Plain C for the baseline instruction set.
  case portable
  /// `vpmaddwd` on widened int16.
  case avx2
  /// `vpdpbusd` and `vpdpwssd` on 512-bit vectors.
  case avx512vnni

  var code: Int32 {
    switch self {
    case .portable: Int32(FK_PORTABLE.rawValue)
    case .avx2: Int32(FK_AVX2.rawValue)
    case .avx512vnni: Int32(FK_AVX512VNNI.rawValue)
    }
  }

  private static let supportsAVX2 = fk_supports(KernelPath.avx2.code) != 0
  private static let supportsVNNI = fk_supports(KernelPath.avx512vnni.code) != 0

  /// Whether this machine and its operating system offer the instructions.
  package var isAvailable: Bool {
    switch self {
    case .portable: true
    case .avx2: Self.supportsAVX2
    case .avx512vnni: Self.supportsVNNI
    }
  }

  /// The fastest path of this machine.
  package static var best: KernelPath {
    supportsVNNI ? .avx512vnni : supportsAVX2 ? .avx2 : .portable
  }
}

/// The arithmetic by which accumulators become outputs, bit for bit.
package enum KernelProfile: String, CaseIterable, Hashable, Sendable {
  /// The true value, correctly rounded, ties to even.
  case exactEven = "exact-even"
  /// The true value, correctly rounded, ties away from zero.
  case exactAway = "exact-away"
  /// The true value, correctly rounded, ties toward +∞.
  case exactUp = "exact-up"
  /// TensorFlow Lite Micro: two roundings, half up, then half away from zero.
  case tflm
  /// TFLITE_SINGLE_ROUNDING builds: one rounding, half up.
  case singleRounding = "single-rounding"
  /// LiteRT 2.3.0, reference kernels on x86: binary64, half away from zero.
  case litertReference = "litert-reference"
  /// LiteRT 2.3.0, optimized kernels (ruy) on x86 with AVX: two roundings, both half up.
  case litertBuiltin = "litert-builtin"
  /// LiteRT 2.3.0, XNNPACK on x86 with AVX-512: binary32, half to even.
  case litertXNNPACK = "litert-xnnpack"
  /// ONNX Runtime 1.32.0 on x86: binary32, clamp, half to even.
  case ort

  /// Whether the profile is the correctly rounded value, for all types and scales.
  package var isExact: Bool { tieRule != nil }

  /// The tie rule of the exact profiles.
  var tieRule: TieRule? {
    switch self {
    case .exactEven: .even
    case .exactAway: .away
    case .exactUp: .up
    default: nil
    }
  }
}

/// A bound on the outputs, fused into the layer.
package enum KernelActivation: Hashable, Sendable {
  case none
  /// max(y, 0).
  case relu
  /// min(max(y, 0), 6).
  case relu6
  /// Bounds in output integers, zero point included, inside the output type.
  case clamp(low: Int64, high: Int64)
}
