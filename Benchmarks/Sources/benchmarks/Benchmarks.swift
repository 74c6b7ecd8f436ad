import Glibc
import LibraryImplementations

/// Speed, as ratios in one run: what qverify does beside what a person would use instead.
///
/// Machines differ from day to day, so no figure here is compared with one of another day. The two
/// sides of a ratio take turns, and the median over the turns is taken of each.
@main
enum Benchmarks {
  static func main() throws {
    let chosen = CommandLine.arguments.dropFirst()
    for benchmark in all where chosen.isEmpty || chosen.contains(benchmark.name) {
      print(benchmark.name)
      for line in try benchmark.run() { print("  \(line)") }
    }
  }

  private struct Benchmark {
    let name: String
    let run: () throws -> [String]
  }

  private static var all: [Benchmark] {
    [
      Benchmark(name: "check", run: CheckBenchmark.run),
      Benchmark(name: "oracles", run: OracleBenchmark.run),
      Benchmark(name: "lineFormat", run: LineFormatBenchmark.run),
      Benchmark(name: "kernels", run: KernelBenchmark.run),
      Benchmark(name: "library", run: LibraryBenchmark.run),
      Benchmark(name: "programs", run: ProgramBenchmark.run),
      Benchmark(name: "proofs", run: ProofBenchmark.run),
    ]
  }
}

/// Time of some work.
enum Stopwatch {
  /// Seconds that `work` takes.
  static func seconds(_ work: () throws -> Void) rethrows -> Double {
    var (begin, end) = (timespec(), timespec())
    clock_gettime(CLOCK_MONOTONIC, &begin)
    try work()
    clock_gettime(CLOCK_MONOTONIC, &end)
    return Double(end.tv_sec - begin.tv_sec) + Double(end.tv_nsec - begin.tv_nsec) * 1e-9
  }

  /// The median times of two pieces of work that take turns.
  static func medians(
    turns: Int = 7, _ first: () throws -> Void, _ second: () throws -> Void
  ) rethrows -> (first: Double, second: Double) {
    var (a, b): ([Double], [Double]) = ([], [])
    for _ in 0..<turns {
      a.append(try seconds(first))
      b.append(try seconds(second))
    }
    return (a.sorted()[turns / 2], b.sorted()[turns / 2])
  }
}

/// A number with two digits after the point.
func rounded(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  let rest = hundredths % 100
  return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
}
