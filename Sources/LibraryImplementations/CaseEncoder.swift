import CLibraryHost
import ChildProcesses
import Glibc
import Implementations
import QuantizedArithmetic
import QuantizedLayers

/// Lays cases out in shared memory as the host reads them: `host_case` one after the other, then
/// their arrays.
struct CaseEncoder {
  /// Larger outputs are not asked for.
  static let maximumOutputBytes = 1 << 30

  /// Of an output as its shape says; 0 where that is nonsense, `nil` where it is too much.
  static func outputBytes(_ output: RawTensor) -> Int? {
    guard output.shape.allSatisfy({ $0 >= 0 }) else { return 0 }
    var count = output.type.byteCount
    for size in output.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      count = product
    }
    return count <= maximumOutputBytes ? count : nil
  }

  /// Writes the cases and says where each output will be in the memory of answers.
  ///
  /// - Throws: ``SpawnError`` where there is no memory.
  static func write(
    _ requests: ArraySlice<Request>, alignedOnly: Bool, to process: LibraryProcess
  ) throws(SpawnError) -> [Range<Int>] {
    var outputs: [Range<Int>] = []
    var answersEnd = LibraryProcess.outputsOffset
    var casesEnd = roundedUp(requests.count * MemoryLayout<host_case>.stride)
    for request in requests {
      let bytes = outputBytes(request.layer.output) ?? 0
      outputs.append(answersEnd..<answersEnd + bytes)
      answersEnd = LibraryProcess.roundedUp(answersEnd + bytes)
      casesEnd += arrayBytes(request)
    }
    try process.casesMemory.grow(to: casesEnd)
    try process.answersMemory.grow(to: answersEnd)
    var encoder = CaseEncoder(
      memory: process.casesMemory.bytes,
      end: roundedUp(requests.count * MemoryLayout<host_case>.stride))
    for (place, request) in requests.enumerated() {
      var encoded = encoder.encode(request, outputBytes: outputs[place].count)
      encoded.aligned_only = alignedOnly ? 1 : 0
      encoded.answer_offset = UInt64(outputs[place].lowerBound)
      encoder.memory.storeBytes(
        of: encoded, toByteOffset: place * MemoryLayout<host_case>.stride, as: host_case.self)
    }
    return outputs
  }

  private var memory: UnsafeMutableRawBufferPointer
  private var end: Int

  /// How much the arrays of a case take, at most.
  private static func arrayBytes(_ request: Request) -> Int {
    var count = roundedUp((request.profile ?? "").utf8.count + 1)
    let layer = request.layer
    for tensor in [layer.input, layer.weights, layer.bias, layer.output] {
      guard let tensor else { continue }
      count += roundedUp(tensor.data.count)
      count += 8 * (tensor.shape.count + tensor.scales.count + tensor.zeroPoints.count)
    }
    return count
  }

  private static func roundedUp(_ count: Int) -> Int { (count + 7) & ~7 }

  private mutating func encode(_ request: Request, outputBytes: Int) -> host_case {
    let layer = request.layer
    var encoded = host_case()
    encoded.tensors.0 = encode(layer.input)
    encoded.tensors.1 = encode(layer.weights)
    if let bias = layer.bias { encoded.tensors.2 = encode(bias) }
    encoded.tensors.3 = encode(layer.output)
    encoded.tensors.3.byte_count = Int64(outputBytes)
    let profile = Array((request.profile ?? "").utf8) + [0]
    encoded.profile_bytes = Int64(profile.count)
    encoded.profile_offset = profile.withUnsafeBytes { append($0) }
    encoded.clamp_low = layer.output.type.range.lowerBound
    encoded.clamp_high = layer.output.type.range.upperBound
    switch layer.activation {
    case .none: encoded.activation = 0
    case .relu: encoded.activation = 1
    case .relu6: encoded.activation = 2
    case .clamp(let low, let high):
      encoded.activation = 3
      encoded.clamp_low = low
      encoded.clamp_high = high
    }
    return encoded
  }

  private mutating func encode(_ tensor: RawTensor) -> host_tensor {
    var encoded = host_tensor()
    // As in the public header, where 0 is no type.
    encoded.type = Int32(tensor.type.code) + 1
    encoded.element_bytes = Int32(tensor.type.byteCount)
    encoded.rank = Int32(clamping: tensor.shape.count)
    encoded.scale_count = Int64(tensor.scales.count)
    encoded.zero_point_count = Int64(tensor.zeroPoints.count)
    encoded.byte_count = Int64(tensor.data.count)
    encoded.offsets.0 = tensor.data.withUnsafeBytes { append($0) }
    encoded.offsets.1 = tensor.shape.withUnsafeBytes { append($0) }
    encoded.offsets.2 = tensor.scales.withUnsafeBytes { append($0) }
    encoded.offsets.3 = tensor.zeroPoints.withUnsafeBytes { append($0) }
    return encoded
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let start = end
    UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: bytes)
    end = Self.roundedUp(start + bytes.count)
    return UInt64(start)
  }
}
