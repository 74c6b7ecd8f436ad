/* Starting and ending other programs: what Swift cannot do between fork and exec. */
#ifndef QVERIFY_CHILD_PROCESSES_H
#define QVERIFY_CHILD_PROCESSES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What failed before the program ran. */
enum {
  CHILD_SPAWN_OK = 0,
  CHILD_SPAWN_FORK = 1,
  CHILD_SPAWN_DESCRIPTORS = 2,
  CHILD_SPAWN_LIMITS = 3,
  CHILD_SPAWN_FOLDER = 4,
  CHILD_SPAWN_EXECUTE = 5,
};

typedef struct child_spawn_request {
  /* A path, or a name that is looked for on PATH. */
  const char *executable;
  /* NULL-terminated; the first is the program's own name. */
  char **arguments;
  /* NULL-terminated. */
  char **environment;
  /* NULL: that of this process. */
  const char *working_folder;
  /* The child's descriptors 0 … count - 1; -1 stands for /dev/null. It has no others. */
  const int *descriptors;
  int descriptor_count;
  /* Bytes of address space; 0: no limit. */
  uint64_t memory_limit;
} child_spawn_request;

typedef struct child_spawn_result {
  int32_t process;
  /* CHILD_SPAWN_… */
  int failed_step;
  int error_number;
} child_spawn_result;

/* Starts a program as the leader of a process group of its own, with default signal handling and no
   core file. The kernel kills it when this process ends, whatever ends it. */
child_spawn_result child_spawn(const child_spawn_request *request);

/* A descriptor that becomes readable when the process ends, or -1 where the kernel has none. */
int child_open_exit_descriptor(int32_t process);

/* Whether the process has ended; it is not reaped. -1 where it is no child of this process. */
int child_has_ended(int32_t process);

/* Reaps a process that has ended: 0 and its exit status in `code`, or 1 and its signal. -1: none. */
int child_reap(int32_t process, int *code);

/* Both ends are closed on exec. 0, or an error number. */
int child_make_pipe(int ends[2]);
/* A pair of connected sockets that keep the bounds of messages. 0, or an error number. */
int child_make_sockets(int ends[2]);

/* SIGSEGV and so on; NULL for a number without a name. */
const char *child_signal_name(int number);

#ifdef __cplusplus
}
#endif

#endif
