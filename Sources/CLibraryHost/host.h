/* What the parts of the host share. */
#ifndef LIBRARY_HOST_INTERNAL_H
#define LIBRARY_HOST_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "CLibraryHost.h"
#include "qverify.h"

typedef int32_t (*host_function)(const qverify_fully_connected_args *, char *, size_t);

/* A buffer between two stretches of unmapped pages; what it does not fill holds canaries. */
typedef struct host_arena {
  uint8_t *map;
  size_t map_size;
  uint8_t *base;
  size_t capacity;
  /* The buffer, from `base`. */
  size_t low;
  size_t high;
} host_arena;

/* One set for buffers that end at an unmapped page, one for those that begin at one or near it. */
typedef struct host_state {
  pid_t process;
  host_arena arenas[2][HOST_BUFFERS];
  host_answers *answers;
  size_t answers_size;
  const uint8_t *cases;
  size_t cases_size;
  int socket;
  int cases_descriptor;
  int answers_descriptor;
  /* The stack that the library is called on, and below it what must not be touched. */
  uint8_t *stack_guard;
  size_t stack_guard_size;
  host_function function;
  uint64_t threads_when_loaded;
} host_state;

extern host_state host;

/* Places a buffer of `size` bytes: arrangement HOST_ENDING … with elements of `unit` bytes. NULL: no
   memory. */
uint8_t *host_place(host_arena *arena, size_t size, int placement, size_t unit);
/* Whether all canaries are there; if not, `offset` is that of the nearest damaged byte from the
   buffer's start, and they are put back. */
int host_is_intact(host_arena *arena, int64_t *offset);
/* Overwrites the buffer, so that a pointer to it that was kept finds nothing there. */
void host_clear(host_arena *arena);
/* 0, or -1 without memory. */
int host_make_canaries(void);

/* The buffer whose pages or guards contain the address; -1: none. */
int host_find_buffer(const void *address, int64_t *offset, int64_t *length);

/* 0, or -1. The handlers, on a stack of their own. */
int host_install_handlers(void);
int host_make_handler_stack(void);
/* The signal whose handling is not the host's any more, 0 for the mask, -1 for none. Put back. */
int host_check_handlers(void);

/* Where a fault that is not found by comparing is noted, for the case or for none. */
host_answer *host_current_answer(void);
/* In bytes; 0: unknown. */
uint64_t host_memory_in_use(void);
/* Notes a fault outside the handler and ends the process. */
void host_end_with(int fault) __attribute__((noreturn));

/* What a call did to what belongs to its caller. */
typedef struct host_call_report {
  /* A bit for each of rbx, rbp, r12, r13, r14, r15, the direction flag, rsp. */
  uint64_t registers;
  /* Changed words above the frame. */
  uint64_t stack;
} host_call_report;

int32_t host_call(
    host_function function, const qverify_fully_connected_args *args, char *message,
    size_t capacity, host_call_report *report);

/* Control bits: MXCSR in bits 0 … 15, x87 control word in 16 … 31, tag word in 32 … 47. */
uint64_t host_floating_point(void);
void host_reset_floating_point(void);
uint64_t host_standard_floating_point(void);

/* Notes how many threads there are, after loading. */
void host_count_threads(void);
void host_judge(const host_case *tested, host_answer *answer);

void host_load(const char *path);

#endif
