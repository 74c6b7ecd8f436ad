/*
 * The process in which a library under test runs: what it and the checking process say to each other.
 *
 * Cases and answers lie in two shared memories; a message on a socket says that a batch is there, and
 * one back that it is done. The checking process trusts nothing that it reads from the answers: the
 * library may have written over them.
 */
#ifndef QVERIFY_LIBRARY_HOST_H
#define QVERIFY_LIBRARY_HOST_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The hidden first argument; the second is HOST_PROTOCOL, the third the library's path. */
#define HOST_ARGUMENT "__library-host"
#define HOST_PROTOCOL "1"

/* The descriptors that the process is started with, beside the standard ones. */
enum { HOST_SOCKET = 3, HOST_CASES = 4, HOST_ANSWERS = 5, HOST_DESCRIPTORS = 6 };

enum { HOST_BATCH_CASES = 64, HOST_MESSAGE = 256, HOST_TEXT = 65536 };

/* The tensors of a case, in this order, and the arrays of each. */
enum { HOST_INPUT = 0, HOST_WEIGHTS = 1, HOST_BIAS = 2, HOST_OUTPUT = 3, HOST_TENSORS = 4 };
enum { HOST_DATA = 0, HOST_SHAPE = 1, HOST_SCALES = 2, HOST_ZERO_POINTS = 3, HOST_PARTS = 4 };

/* Buffers: tensor * HOST_PARTS + part, and three more. */
enum { HOST_ARGS = 16, HOST_PROFILE = 17, HOST_MESSAGE_BUFFER = 18, HOST_BUFFERS = 19 };

typedef struct host_tensor {
  int32_t type;
  int32_t rank;
  int64_t scale_count;
  int64_t zero_point_count;
  int64_t byte_count;
  int32_t element_bytes;
  int32_t reserved;
  /* Where its arrays begin in the shared memory, indexed by HOST_DATA …; an output has no data. */
  uint64_t offsets[HOST_PARTS];
} host_tensor;

typedef struct host_case {
  host_tensor tensors[HOST_TENSORS];
  uint64_t profile_offset;
  /* With its NUL. */
  int64_t profile_bytes;
  int64_t clamp_low;
  int64_t clamp_high;
  int32_t activation;
  /* 1: only with aligned buffers, to find out whether a fault comes from alignment. */
  int32_t aligned_only;
  /* Where the output goes in the memory of the answers. */
  uint64_t answer_offset;
} host_case;

/* What is wrong; host_answer's other fields say where. */
enum {
  HOST_FAULT_NONE = 0,
  /* The process received a signal; `signal`, `signal_code`, `address`, `access`, `trap`. */
  HOST_FAULT_SIGNAL = 1,
  /* `buffer`, `offset`: the first changed byte beside it, from its start. */
  HOST_FAULT_WROTE_OUTSIDE = 2,
  /* `buffer`, `offset` */
  HOST_FAULT_CHANGED_INPUT = 3,
  /* `offset` of the output. */
  HOST_FAULT_UNWRITTEN = 4,
  /* The same call twice: different answers. `offset`; `first`, `second`; the codes. */
  HOST_FAULT_CALL_TO_CALL = 5,
  /* The first call with a case differs from all calls after it. */
  HOST_FAULT_FIRST_CALL = 6,
  /* Different answers with buffers at other addresses. */
  HOST_FAULT_PLACEMENT = 7,
  /* Different answers where the output held something else before the call. */
  HOST_FAULT_OLD_OUTPUT = 8,
  /* The output changed after the call had returned. */
  HOST_FAULT_WROTE_LATER = 9,
  /* `code` is none of the interface's. */
  HOST_FAULT_CODE = 10,
  /* The message has no NUL. */
  HOST_FAULT_MESSAGE = 11,
  /* `first`: MXCSR, x87 control and tag words now; `second`: as they were. */
  HOST_FAULT_FLOATING_POINT = 12,
  /* `first`: a bit for each of rbx, rbp, r12 … r15, the direction flag, rsp. */
  HOST_FAULT_REGISTERS = 13,
  /* Something above the function's own frame was overwritten. */
  HOST_FAULT_STACK = 14,
  /* `signal`'s handling was changed; 0: the mask of blocked signals. */
  HOST_FAULT_SIGNAL_HANDLING = 15,
  /* The descriptor of the socket was closed. */
  HOST_FAULT_DESCRIPTORS = 16,
  /* The calling thread was ended. */
  HOST_FAULT_THREAD_ENDED = 17,
  /* The host itself has no memory left. */
  HOST_FAULT_MEMORY = 18,
};

/* What the arrangement of the buffers was. */
enum { HOST_ENDING = 0, HOST_BEGINNING = 1, HOST_SHIFTED = 2 };

enum { HOST_READ = 0, HOST_WRITE = 1, HOST_EXECUTE = 2 };
/* Traps of x86; 0 elsewhere. */
enum { HOST_TRAP_GENERAL_PROTECTION = 13, HOST_TRAP_PAGE_FAULT = 14 };

typedef struct host_answer {
  /* 0: not done; 1: done. */
  int32_t state;
  /* HOST_FAULT_… */
  int32_t fault;
  /* What the function returned first, and in the call that it differs from. */
  int32_t code;
  int32_t other_code;
  /* HOST_INPUT * HOST_PARTS + HOST_DATA …; -1: none. */
  int32_t buffer;
  int32_t placement;
  int64_t offset;
  /* Bytes of the buffer. */
  int64_t length;
  /* Elements, as bytes in order, or what the fault says. */
  uint64_t first;
  uint64_t second;
  int32_t signal;
  int32_t signal_code;
  int32_t trap;
  int32_t access;
  uint64_t address;
  uint64_t instruction;
  /* 1: the address lies where the stack would grow to. */
  int32_t is_stack_overflow;
  /* Of an instruction that requires it; 0: unknown. */
  int32_t alignment;
  /* 1: the instruction was a return. */
  int32_t is_return;
  /* 1: the process ended with it. */
  int32_t is_last;
  /* Address space in use, when the process ended. */
  uint64_t memory_bytes;
  char message[HOST_MESSAGE];
} host_answer;

/* The beginning of the memory of answers. */
typedef struct host_answers {
  /* Of the call that is being made: case, and how many calls have begun. */
  volatile uint32_t current_case;
  volatile uint32_t calls;
  /* 1 while the library is loaded, 2 while a call is made, 0 otherwise. */
  volatile uint32_t phase;
  uint32_t reserved;
  host_answer answers[HOST_BATCH_CASES];
  /* Faults outside all cases: at loading, or between calls. */
  host_answer general;
} host_answers;

/* From the checking process: a batch is there. The memories have grown to these sizes. */
typedef struct host_request {
  uint32_t cases;
  uint32_t reserved;
  uint64_t cases_bytes;
  uint64_t answers_bytes;
} host_request;

/* To the checking process: loaded, or a batch is done. */
enum { HOST_LOADED = 1, HOST_NOT_LOADED = 2, HOST_DONE = 3 };
typedef struct host_reply {
  uint32_t kind;
  uint32_t reserved;
} host_reply;

/* After loading, in the memory of answers behind host_answers. */
typedef struct host_loaded {
  /* What the library says of itself, each NUL-terminated; or in `name`, why it was not loaded. */
  char name[HOST_MESSAGE * 4];
  char version[HOST_MESSAGE];
  char claims[HOST_TEXT];
  int32_t has_claims;
  int32_t reserved;
} host_loaded;

/* Where things lie, for both sides: multiples of this. */
enum { HOST_UNIT = 64 };

/* The process of the library, if the arguments say so: does not return then. */
void library_host_main(int count, char **arguments);

/* For the checking process: the texts after loading, in its memory of answers. */
const char *library_host_name(const void *loaded);
const char *library_host_version(const void *loaded);
/* NULL: none. */
const char *library_host_claims(const void *loaded);

/* For the checking process: a shared memory that can grow and not shrink; -1 and errno. */
int library_host_make_memory(uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif
