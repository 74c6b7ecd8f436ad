#define _GNU_SOURCE
#include "CChildProcesses.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A child is killed when the thread that made it ends. Threads of a pool come and go, so one thread
   that stays as long as the process makes them all. */
static struct {
  pthread_mutex_t turn;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  const child_spawn_request *request;
  child_spawn_result result;
  int done;
  int started;
} spawner = {
    .turn = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .changed = PTHREAD_COND_INITIALIZER,
};

typedef struct spawn_state {
  const child_spawn_request *request;
  pid_t parent;
  /* Above the child's own descriptors; one for each. */
  int *sources;
  volatile int failed_step;
  volatile int error_number;
} spawn_state;

static void fail(spawn_state *state, int step) {
  state->error_number = errno;
  state->failed_step = step;
  _exit(127);
}

static void place_descriptors(spawn_state *state) {
  const child_spawn_request *request = state->request;
  int count = request->descriptor_count;
  for (int target = 0; target < count; target++) {
    int source = request->descriptors[target];
    if (source < 0) {
      source = open("/dev/null", O_RDWR | O_CLOEXEC);
      if (source < 0) fail(state, CHILD_SPAWN_DESCRIPTORS);
    }
    /* First out of the way of all targets, so that no source is overwritten. */
    state->sources[target] = fcntl(source, F_DUPFD_CLOEXEC, count);
    if (state->sources[target] < 0) fail(state, CHILD_SPAWN_DESCRIPTORS);
  }
  for (int target = 0; target < count; target++) {
    if (dup2(state->sources[target], target) < 0) fail(state, CHILD_SPAWN_DESCRIPTORS);
  }
  /* 4: CLOSE_RANGE_CLOEXEC. */
  if (syscall(SYS_close_range, (unsigned)count, ~0U, 4) != 0) {
    for (int other = count; other < 1024; other++) fcntl(other, F_SETFD, FD_CLOEXEC);
  }
}

static void set_limits(spawn_state *state) {
  struct rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) fail(state, CHILD_SPAWN_LIMITS);
  uint64_t bytes = state->request->memory_limit;
  if (bytes != 0) {
    struct rlimit memory;
    if (getrlimit(RLIMIT_AS, &memory) != 0) fail(state, CHILD_SPAWN_LIMITS);
    if (memory.rlim_max == RLIM_INFINITY || bytes < memory.rlim_max) {
      memory.rlim_cur = memory.rlim_max = bytes;
      if (setrlimit(RLIMIT_AS, &memory) != 0) fail(state, CHILD_SPAWN_LIMITS);
    }
  }
}

/* Runs in the child, in the parent's memory, all signals blocked. */
static void __attribute__((noreturn, noinline)) become(spawn_state *state) {
  const child_spawn_request *request = state->request;
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* It may have ended before it could be noticed. */
  if (getppid() != state->parent) _exit(127);
  place_descriptors(state);
  if (request->working_folder && chdir(request->working_folder) != 0)
    fail(state, CHILD_SPAWN_FOLDER);
  set_limits(state);
  sigset_t signals;
  sigemptyset(&signals);
  sigprocmask(SIG_SETMASK, &signals, NULL);
  execvpe(request->executable, request->arguments, request->environment);
  fail(state, CHILD_SPAWN_EXECUTE);
  _exit(127);
}

static child_spawn_result make_process(const child_spawn_request *request) {
  spawn_state state = {.request = request, .parent = getpid()};
  child_spawn_result result = {.process = -1, .failed_step = CHILD_SPAWN_FORK};
  state.sources = calloc((size_t)request->descriptor_count + 1, sizeof *state.sources);
  if (!state.sources) {
    result.error_number = ENOMEM;
    return result;
  }
  /* Not fork: copying the tables of a large process takes longer than the rest. */
  pid_t process = vfork();
  if (process == 0) become(&state);
  result.process = process;
  if (process < 0) {
    result.error_number = errno;
  } else {
    result.failed_step = state.failed_step;
    result.error_number = state.error_number;
    if (result.failed_step != CHILD_SPAWN_OK) {
      int code;
      child_reap(process, &code);
      result.process = -1;
    }
  }
  free(state.sources);
  return result;
}

static void *serve(void *unused) {
  (void)unused;
  pthread_mutex_lock(&spawner.lock);
  for (;;) {
    while (!spawner.request) pthread_cond_wait(&spawner.changed, &spawner.lock);
    spawner.result = make_process(spawner.request);
    spawner.request = NULL;
    spawner.done = 1;
    pthread_cond_broadcast(&spawner.changed);
  }
  return NULL;
}

/* 0, or an error number. */
static int start_spawner(void) {
  /* The thread has every signal blocked, and so has a child until it is set up. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error) return error;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  error = pthread_create(&thread, &attributes, serve, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (!error) spawner.started = 1;
  return error;
}

child_spawn_result child_spawn(const child_spawn_request *request) {
  child_spawn_result result = {.process = -1, .failed_step = CHILD_SPAWN_FORK};
  pthread_mutex_lock(&spawner.turn);
  if (!spawner.started) result.error_number = start_spawner();
  if (spawner.started) {
    pthread_mutex_lock(&spawner.lock);
    spawner.done = 0;
    spawner.request = request;
    pthread_cond_broadcast(&spawner.changed);
    while (!spawner.done) pthread_cond_wait(&spawner.changed, &spawner.lock);
    result = spawner.result;
    pthread_mutex_unlock(&spawner.lock);
  }
  pthread_mutex_unlock(&spawner.turn);
  return result;
}
