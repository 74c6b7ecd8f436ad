/*
 * The example of Documentation/libraries.md with planted faults: the number of rows of a layer chooses
 * the fault, so that one run sees faulty calls among sound ones. Compiled with EXAMPLE set to the path
 * of the example.
 */
#define _GNU_SOURCE
#define qverify_fully_connected compute
#include EXAMPLE
#undef qverify_fully_connected

#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int32_t qverify_fully_connected(
    const qverify_fully_connected_args *args, char *message, size_t capacity);

/* Numbers from 100 on: fewer rows have no fault. Known to the tests by their numbers. */
enum {
  WRITE_PAST_OUTPUT = 100,
  WRITE_BEFORE_OUTPUT,
  WRITE_FAR_PAST_OUTPUT,
  CHANGE_INPUT,
  CHANGE_WEIGHTS,
  CHANGE_SCALE,
  CHANGE_ARGS,
  CHANGE_BIAS,
  READ_PAST_INPUT,
  READ_BEFORE_WEIGHTS,
  READ_PAST_BIAS,
  READ_PAST_SCALES,
  READ_PAST_SHAPE,
  LEAVE_UNWRITTEN,
  NULL_POINTER,
  WILD_POINTER,
  WILD_CALL,
  DIVIDE_BY_ZERO,
  ILLEGAL_INSTRUCTION,
  ABORT,
  EXIT,
  EXIT_AT_ONCE,
  KILL,
  TERMINATE,
  HANG,
  COUNTER,
  FIRST_CALL,
  PLACEMENT,
  OLD_OUTPUT,
  ALIGNED_16,
  ALIGNED_16_ROUND,
  SMASH_STACK,
  WRITE_ABOVE_FRAME,
  OVERFLOW_STACK,
  ALLOCATE_AND_CRASH,
  ALLOCATE_AND_FAIL,
  CLOSE_DESCRIPTORS,
  PRINT,
  FLOOD,
  ROUNDING_MODE,
  FLUSH_TO_ZERO,
  MMX,
  SIGNAL_HANDLER,
  SIGNAL_MASK,
  FORK,
  WRITE_LATER,
  END_THREAD,
  UNKNOWN_CODE,
  MESSAGE_WITHOUT_NUL,
  RETURN_ERROR,
  RETURN_REFUSED,
  RETURN_UNSUPPORTED,
  CLOBBER_REGISTER,
  UNINITIALISED_STACK,
  UNINITIALISED_HEAP,
  CODE_CHANGES,
  UNWRITTEN_AND_RIGHT,
  HANG_ONCE_BLOCKED,
  READ_OLD_MESSAGE,
  DIRECTION_FLAG,
  REALLY_LEAK,
};

static volatile int64_t sink;

static __attribute__((noinline)) int64_t recurse(volatile char *above, int64_t depth) {
  volatile char here[1024];
  here[0] = (char)depth;
  return depth < 0 ? above[0] : recurse(here, depth + 1) + here[0];
}

static __attribute__((noinline)) void smash(volatile char *past, int count) {
  volatile char local[16];
  for (int i = 0; i < count; i++) local[i] = past ? past[i] : 0x41;
  sink = local[3];
}

/* Until the process ends: one that stopped by itself might do so before it is looked at. */
static void *write_for_ever(void *output) {
  volatile int8_t *first = output;
  for (unsigned i = 0;; i++) first[0] = (int8_t)(i & 0x7F);
  return NULL;
}

#if defined(__x86_64__)
static void load_aligned(const void *address) {
  __asm__ volatile("movdqa (%0), %%xmm0" : : "r"(address) : "xmm0");
}
#else
static void load_aligned(const void *address) { (void)address; }
#endif

static int32_t add_to_output(const qverify_fully_connected_args *a, char *message, size_t capacity) {
  int8_t old = ((int8_t *)a->output.data)[2];
  int32_t code = compute(a, message, capacity);
  ((int8_t *)a->output.data)[2] += old;
  return code;
}

static __attribute__((noinline)) int32_t compute_with_fault(
    const qverify_fully_connected_args *a, char *message, size_t capacity) {
  static int calls, first_calls;
  int64_t fault = a->input.rank == 2 ? a->input.shape[0] : 0;
  volatile int8_t *output = a->output.data;
  volatile int8_t *input = (volatile int8_t *)(uintptr_t)a->input.data;
  int64_t last = a->output.byte_count - 1;
  int32_t code;
  if (fault == OLD_OUTPUT) return add_to_output(a, message, capacity);
  int8_t kept = fault >= 100 ? output[4] : 0;
  code = compute(a, message, capacity);
  switch (fault) {
    case WRITE_PAST_OUTPUT: output[last + 1] = 1; break;
    case WRITE_BEFORE_OUTPUT: output[-1] = 1; break;
    case WRITE_FAR_PAST_OUTPUT: output[last + 300000] = 1; break;
    case CHANGE_INPUT: input[4] ^= 1; break;
    case CHANGE_WEIGHTS: ((int8_t *)(uintptr_t)a->weights.data)[1] ^= 3; break;
    case CHANGE_SCALE: ((double *)(uintptr_t)a->weights.scales)[0] = 7; break;
    case CHANGE_ARGS: ((qverify_fully_connected_args *)(uintptr_t)a)->activation = 9; break;
    case CHANGE_BIAS: ((int32_t *)(uintptr_t)a->bias.data)[1] = 5; break;
    case READ_PAST_INPUT: sink = input[a->input.byte_count]; break;
    case READ_BEFORE_WEIGHTS: sink = ((volatile int8_t *)(uintptr_t)a->weights.data)[-1]; break;
    case READ_PAST_BIAS: sink = ((volatile int32_t *)(uintptr_t)a->bias.data)[2]; break;
    case READ_PAST_SCALES:
      sink = (int64_t)((volatile double *)(uintptr_t)a->input.scales)[1];
      break;
    case READ_PAST_SHAPE: sink = ((volatile int64_t *)(uintptr_t)a->bias.shape)[1]; break;
    case LEAVE_UNWRITTEN: output[4] = kept; break;
    case NULL_POINTER: *(volatile int *)8 = 1; break;
    case WILD_POINTER: sink = *(volatile int *)0x123456789000; break;
    case WILD_CALL: ((void (*)(void))0x123456789000)(); break;
    case DIVIDE_BY_ZERO: sink = 1 / (sink & 0); break;
    case ILLEGAL_INSTRUCTION: __builtin_trap();
    case ABORT:
      fprintf(stderr, "assertion failed:\n  depth > 0\n");
      abort();
    case EXIT: exit(3);
    case EXIT_AT_ONCE: _exit(0);
    case KILL: kill(getpid(), SIGKILL); break;
    case TERMINATE: kill(getpid(), SIGTERM); break;
    case HANG:
      for (;;) sink = 0;
    case COUNTER: output[1] = (int8_t)calls++; break;
    case FIRST_CALL:
      if (first_calls++ == 0) output[1] ^= 1;
      break;
    case PLACEMENT: output[3] ^= (uintptr_t)a->input.data & 1 ? 1 : 0; break;
    case ALIGNED_16:
    case ALIGNED_16_ROUND: load_aligned(a->weights.data); break;
    case SMASH_STACK: smash(NULL, 256); break;
    case WRITE_ABOVE_FRAME: {
      volatile uintptr_t *frame = __builtin_frame_address(0);
      frame[30] = 1;
      break;
    }
    case OVERFLOW_STACK: sink = recurse((char *)a, 0); break;
    case ALLOCATE_AND_CRASH:
      for (;;) {
        char *memory = malloc(1 << 20);
        memory[0] = 1;
      }
    case ALLOCATE_AND_FAIL: {
      void *memory = malloc((size_t)1 << 50);
      sink = memory != NULL;
      if (!memory) {
        snprintf(message, capacity, "out of memory");
        return QVERIFY_ERROR;
      }
      break;
    }
    case CLOSE_DESCRIPTORS:
      for (int i = 0; i < 4096; i++) close(i);
      break;
    case PRINT:
      printf("from the library\n");
      fprintf(stderr, "and its errors\n");
      break;
    case FLOOD:
      for (int i = 0; i < 20000; i++) printf("%0100d\n", i);
      break;
    case ROUNDING_MODE: fesetround(FE_UPWARD); break;
#if defined(__x86_64__)
    case FLUSH_TO_ZERO: {
      uint32_t control = 0x1F80 | 0x8040;
      __asm__ volatile("ldmxcsr %0" : : "m"(control));
      break;
    }
    case MMX: __asm__ volatile("pxor %%mm0, %%mm0" : : : "mm0"); break;
    case DIRECTION_FLAG: __asm__ volatile("std"); break;
#endif
    case SIGNAL_HANDLER: signal(SIGSEGV, SIG_IGN); break;
    case SIGNAL_MASK: {
      sigset_t all;
      sigfillset(&all);
      sigprocmask(SIG_SETMASK, &all, NULL);
      break;
    }
    case FORK: sink = fork(); break;
    case WRITE_LATER: {
      pthread_t thread;
      pthread_create(&thread, NULL, write_for_ever, (void *)(uintptr_t)a->output.data);
      pthread_detach(thread);
      break;
    }
    case END_THREAD: pthread_exit(NULL);
    case UNKNOWN_CODE: return 7;
    case MESSAGE_WITHOUT_NUL: memset(message, 'x', capacity); return QVERIFY_REFUSED;
    case RETURN_ERROR: snprintf(message, capacity, "the table\nis missing"); return QVERIFY_ERROR;
    case RETURN_REFUSED: snprintf(message, capacity, "too odd"); return QVERIFY_REFUSED;
    case RETURN_UNSUPPORTED: return QVERIFY_UNSUPPORTED;
    case UNINITIALISED_STACK: {
      volatile int8_t local[4000];
      output[0] = local[2000];
      break;
    }
    case UNINITIALISED_HEAP: {
      volatile int8_t *memory = malloc(100);
      output[0] = memory[50];
      free((void *)(uintptr_t)memory);
      break;
    }
    case CODE_CHANGES: return calls++ % 2 ? QVERIFY_REFUSED : QVERIFY_OK;
    case UNWRITTEN_AND_RIGHT:
      /* Both patterns are right answers of somebody: every element is written. */
      for (int64_t i = 0; i <= last; i++) output[i] = i % 2 ? 0x5A : (int8_t)0xA5;
      break;
    case HANG_ONCE_BLOCKED: {
      sigset_t all;
      sigfillset(&all);
      sigprocmask(SIG_SETMASK, &all, NULL);
      setsid();
      for (;;) sink = 0;
    }
    case REALLY_LEAK: sink = (int64_t)(uintptr_t)malloc(1000); break;
    default: break;
  }
  return code;
}

int32_t qverify_fully_connected(
    const qverify_fully_connected_args *a, char *message, size_t capacity) {
  int64_t fault = a->input.rank == 2 ? a->input.shape[0] : 0;
  int32_t code = compute_with_fault(a, message, capacity);
#if defined(__x86_64__)
  /* Not told to the compiler, which therefore does not restore it. */
  if (fault == CLOBBER_REGISTER) __asm__ volatile("xorl %r15d, %r15d");
#else
  (void)fault;
#endif
  return code;
}

/* Faults of loading, chosen when it is compiled. */
#if defined(CRASH_AT_LOADING)
__attribute__((constructor)) static void crash(void) { *(volatile int *)16 = 1; }
#elif defined(EXIT_AT_LOADING)
__attribute__((constructor)) static void leave(void) {
  fprintf(stderr, "no licence\n");
  exit(4);
}
#endif
