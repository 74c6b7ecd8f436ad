/* Faults that damage more than buffers. The number of rows chooses; the right answer is all ones. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "qverify.h"

static const int8_t *kept;
static jmp_buf place;
static int has_place;

static int32_t right(const qverify_fully_connected_args *a) {
  memset(a->output.data, 1, (size_t)a->output.byte_count);
  return QVERIFY_OK;
}

/* Overwrites the memories that are shared with another process, of those that are mapped so. */
static void overwrite_shared(const char *protection) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (maps && fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    if (strstr(line, "memfd") && strstr(line, protection) &&
        sscanf(line, "%lx-%lx", &start, &end) == 2)
      memset((void *)start, 0xFF, end - start);
  }
  if (maps) fclose(maps);
}

uint32_t qverify_abi_version(void) { return QVERIFY_ABI_VERSION; }

int32_t qverify_fully_connected(
    const qverify_fully_connected_args *a, char *message, size_t capacity) {
  (void)message;
  (void)capacity;
  switch (a->input.shape[0]) {
    case 101: /* Keeps a pointer from one call to the next. */
      if (!kept) kept = a->weights.data;
      memset(a->output.data, kept[0], (size_t)a->output.byte_count);
      return QVERIFY_OK;
    case 102: { /* Writes past the end of memory of its own. */
      char *memory = malloc(16);
      for (volatile int i = 0; i < 64; i++) memory[i] = 0x41;
      free(memory);
      return right(a);
    }
    case 103: /* Jumps into a function that has returned. */
      if (!has_place) {
        has_place = 1;
        if (setjmp(place)) abort();
        return right(a);
      }
      longjmp(place, 1);
    case 104: overwrite_shared("rw-s"); return right(a);
    case 105: overwrite_shared("r--s"); return right(a);
    case 106: munmap((void *)((uintptr_t)a->output.data & ~(uintptr_t)4095), 4096); return right(a);
    case 107: raise(SIGSTOP); return right(a);
    case 108: /* A process that goes on by itself. */
      if (fork() == 0) {
        for (volatile int forever = 1; forever;) {
        }
      }
      return right(a);
    case 109: { /* All descriptors that there are. */
      int ends[2];
      for (int i = 0; i < 2000 && pipe(ends) == 0; i++) {
      }
      return right(a);
    }
    case 110: /* The parent of a process that returns in its place. */
      if (fork() != 0) _exit(0);
      return right(a);
#if defined(__x86_64__)
    case 111:
      if (__builtin_cpu_supports("avx"))
        __asm__ volatile("vmovaps (%0), %%ymm0" : : "r"(a->input.data) : "xmm0");
      return right(a);
#endif
    default: return right(a);
  }
}
