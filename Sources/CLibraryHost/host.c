#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

enum { STACK = 8 << 20, STACK_GUARD = 16 << 20 };

host_state host;
static const char *library_path;

static void send_reply(uint32_t kind) {
  host_reply reply = {.kind = kind};
  while (send(host.socket, &reply, sizeof reply, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) _exit(0);
  }
}

/* Maps a shared memory anew when it has grown. A process that the library forks does not have it. */
static void *map_memory(int descriptor, int protection, void *old, size_t old_size, size_t size) {
  if (old) munmap(old, old_size);
  void *memory = mmap(NULL, size, protection, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) _exit(72);
  madvise(memory, size, MADV_DONTFORK);
  return memory;
}

static void map_cases(size_t size) {
  if (size == host.cases_size) return;
  host.cases = map_memory(
      host.cases_descriptor, PROT_READ, (void *)(uintptr_t)host.cases, host.cases_size, size);
  host.cases_size = size;
}

static void map_answers(size_t size) {
  if (size == host.answers_size) return;
  host.answers = map_memory(
      host.answers_descriptor, PROT_READ | PROT_WRITE, host.answers, host.answers_size, size);
  host.answers_size = size;
}

/* Out of the way of a library that closes the first few descriptors. */
static int move_descriptor(int descriptor) {
  struct rlimit files;
  rlim_t limit = 1024;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < limit) limit = files.rlim_cur;
  int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, limit > 32 ? (int)limit - 16 : 6);
  if (moved < 0) _exit(72);
  close(descriptor);
  return moved;
}

static void copy_text(char *target, size_t capacity, const char *text) {
  size_t index = 0;
  for (; text && text[index] && index + 1 < capacity; index++) target[index] = text[index];
  target[index] = 0;
}

static host_loaded *loaded_memory(void) {
  size_t offset = (sizeof(host_answers) + HOST_UNIT - 1) / HOST_UNIT * HOST_UNIT;
  return (host_loaded *)((uint8_t *)host.answers + offset);
}

static void __attribute__((noreturn)) refuse(const char *reason, const char *detail) {
  host_loaded *loaded = loaded_memory();
  snprintf(loaded->name, sizeof loaded->name, "%s%s", reason, detail);
  send_reply(HOST_NOT_LOADED);
  _exit(0);
}

static void *find(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  if (!symbol) refuse("it has no function ", name);
  return symbol;
}

void host_load(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    refuse(reason ? reason : "it cannot be loaded", "");
  }
  uint32_t (*abi_version)(void);
  int32_t (*describe)(qverify_description *);
  void *symbol = find(library, "qverify_abi_version");
  memcpy(&abi_version, &symbol, sizeof abi_version);
  uint32_t version = abi_version();
  if (version != QVERIFY_ABI_VERSION) {
    char text[128];
    snprintf(
        text, sizeof text, "%u of the interface; this program has version %d", version,
        QVERIFY_ABI_VERSION);
    refuse("it was written for version ", text);
  }
  symbol = find(library, "qverify_fully_connected");
  memcpy(&host.function, &symbol, sizeof host.function);
  host_loaded *loaded = loaded_memory();
  memset(loaded, 0, sizeof *loaded);
  symbol = dlsym(library, "qverify_describe");
  if (!symbol) return;
  memcpy(&describe, &symbol, sizeof describe);
  qverify_description description;
  memset(&description, 0, sizeof description);
  description.abi_version = QVERIFY_ABI_VERSION;
  int32_t code = describe(&description);
  if (code != QVERIFY_OK) {
    char text[32];
    snprintf(text, sizeof text, "%d", (int)code);
    refuse("qverify_describe returned ", text);
  }
  copy_text(loaded->name, sizeof loaded->name, description.name);
  copy_text(loaded->version, sizeof loaded->version, description.version);
  loaded->has_claims = description.claims != NULL;
  if (description.claims && strnlen(description.claims, HOST_TEXT) >= HOST_TEXT)
    refuse("its claims are longer than 65535 bytes", "");
  copy_text(loaded->claims, sizeof loaded->claims, description.claims);
}

/* Computes batches until nobody asks any more. */
static void serve(void) {
  for (;;) {
    host_request request;
    ssize_t count = recv(host.socket, &request, sizeof request, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count != (ssize_t)sizeof request) _exit(count < 0 ? 72 : 0);
    map_cases(request.cases_bytes);
    map_answers(request.answers_bytes);
    const host_case *cases = (const host_case *)host.cases;
    for (uint32_t index = 0; index < request.cases && index < HOST_BATCH_CASES; index++) {
      host.answers->current_case = index;
      host.answers->phase = 2;
      host_judge(&cases[index], &host.answers->answers[index]);
      host.answers->phase = 0;
    }
    send_reply(HOST_DONE);
  }
}

static void *work(void *unused) {
  (void)unused;
  /* A library that crashes while it is loaded is noticed too; one that has handlers of its own gets
     the host's again afterwards. */
  if (host_make_handler_stack() != 0 || host_install_handlers() != 0) _exit(72);
  host.answers->phase = 1;
  host_load(library_path);
  host.answers->phase = 0;
  if (host_install_handlers() != 0) _exit(72);
  host_reset_floating_point();
  host_count_threads();
  send_reply(HOST_LOADED);
  serve();
  return NULL;
}

/* A thread whose stack lies where the host knows it, above a stretch of unmapped pages. */
static void run_on_known_stack(void) {
  size_t size = (size_t)STACK + STACK_GUARD;
  uint8_t *memory =
      mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) _exit(72);
  if (mprotect(memory + STACK_GUARD, STACK, PROT_READ | PROT_WRITE) != 0) _exit(72);
  host.stack_guard = memory;
  host.stack_guard_size = STACK_GUARD;
  pthread_attr_t attributes;
  pthread_t thread;
  if (pthread_attr_init(&attributes) != 0 ||
      pthread_attr_setstack(&attributes, memory + STACK_GUARD, STACK) != 0 ||
      pthread_create(&thread, &attributes, work, NULL) != 0)
    _exit(72);
  pthread_join(thread, NULL);
  host_end_with(HOST_FAULT_THREAD_ENDED);
}

void library_host_main(int count, char **arguments) {
  if (count != 4 || strcmp(arguments[1], HOST_ARGUMENT) != 0) return;
  if (strcmp(arguments[2], HOST_PROTOCOL) != 0) _exit(73);
  host.process = getpid();
  library_path = arguments[3];
  setvbuf(stdout, NULL, _IOLBF, 0);
  host.socket = move_descriptor(HOST_SOCKET);
  host.cases_descriptor = move_descriptor(HOST_CASES);
  host.answers_descriptor = move_descriptor(HOST_ANSWERS);
  struct stat cases, answers;
  if (fstat(host.cases_descriptor, &cases) != 0 || fstat(host.answers_descriptor, &answers) != 0)
    _exit(72);
  map_cases((size_t)cases.st_size);
  map_answers((size_t)answers.st_size);
  if (host_make_canaries() != 0) _exit(72);
  run_on_known_stack();
}

int library_host_make_memory(uint64_t bytes) {
  int memory = memfd_create("qverify", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) return -1;
  /* A memory that shrinks under a reader would kill it. */
  if (ftruncate(memory, (off_t)bytes) != 0 || fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
    int error = errno;
    close(memory);
    errno = error;
    return -1;
  }
  return memory;
}

const char *library_host_name(const void *loaded) { return ((const host_loaded *)loaded)->name; }

const char *library_host_version(const void *loaded) {
  return ((const host_loaded *)loaded)->version;
}

const char *library_host_claims(const void *loaded) {
  const host_loaded *texts = loaded;
  return texts->has_claims ? texts->claims : NULL;
}
