import Foundation
import Glibc

/// Files and folders of node test data.
enum TestFiles {
  /// Far above every file of the official data.
  static let limit = 1 << 29

  static func bytes(_ path: String) throws(VectorError) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    // A pipe would be waited for.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "it is not a file")
    }
    guard status.st_size <= limit else {
      throw .unreadable(path: path, reason: "it has more than \(limit) bytes")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unreadable(path: path, reason: "it cannot be read")
    }
    return Array(data)
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The names in a folder, in order.
  static func names(_ path: String) throws(VectorError) -> [String] {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .unreadable(path: path, reason: "it is not a folder")
    }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw .unreadable(path: path, reason: "it cannot be listed")
    }
  }
}
