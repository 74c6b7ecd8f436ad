import ArgumentParser
import Glibc
import JSONLines
import ProfileFiles
import Profiles
import Synchronization

/// `--profile`: a name, or a file with a profile in it.
enum ProfileOption {
  /// Where added profiles came from, by name.
  private static let paths = Mutex<[String: String]>([:])

  /// The name that a text stands for; a file is read, and its profile made known.
  ///
  /// - Throws: a `ValidationError` naming the file and what is wrong in it.
  static func name(_ text: String) throws -> String {
    guard Profiles.named(text) == nil, text.contains("/") || text.hasSuffix(".json") else {
      return text
    }
    let bytes = try contents(text)
    let profile: Profile
    do throws(ProfileFileError) {
      profile = try ProfileFile.profile(bytes)
    } catch {
      throw ValidationError("\(text): \(error)")
    }
    guard Profiles.add(profile) else {
      throw ValidationError("\(text): the name \(profile.name) is that of a built-in profile")
    }
    paths.withLock { $0[profile.name] = text }
    return profile.name
  }

  /// What `--profile` has to be to mean a profile of this name.
  static func text(_ name: String) -> String { paths.withLock { $0[name] } ?? name }

  private static func contents(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else {
      throw ValidationError("\(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    guard count < bytes.count else {
      throw ValidationError("\(path): a profile has less than 1 MiB")
    }
    return Array(bytes.prefix(count))
  }
}
