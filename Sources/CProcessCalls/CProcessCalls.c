#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CProcessCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

int qv_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno; }

int qv_spawn_in_folder(posix_spawn_file_actions_t *actions, const char *folder) {
  return posix_spawn_file_actions_addchdir_np(actions, folder);
}

int qv_limit_memory(pid_t process, uint64_t bytes) {
  struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
  return prlimit(process, RLIMIT_AS, &limit, NULL) == 0 ? 0 : errno;
}
