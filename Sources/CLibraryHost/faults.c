#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "host.h"

/* The signals that a faulty library causes in its own thread. */
static const int signals[] = {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS, SIGTRAP, SIGSYS};
enum { SIGNALS = sizeof signals / sizeof *signals, CHECKED_SIGNALS = 5, HANDLER_STACK = 65536 };

host_answer *host_current_answer(void) {
  host_answers *answers = host.answers;
  uint32_t current = answers->current_case;
  return answers->phase == 2 && current < HOST_BATCH_CASES ? &answers->answers[current]
                                                          : &answers->general;
}

uint64_t host_memory_in_use(void) {
  char text[32];
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t count = read(file, text, sizeof text);
  close(file);
  uint64_t pages = 0;
  for (ssize_t index = 0; index < count && text[index] >= '0' && text[index] <= '9'; index++)
    pages = pages * 10 + (uint64_t)(text[index] - '0');
  return pages * 4096;
}

void host_end_with(int fault) {
  host_answer *answer = host_current_answer();
  answer->fault = fault;
  answer->is_last = 1;
  answer->memory_bytes = host_memory_in_use();
  answer->state = 1;
  _exit(70);
}

#if defined(__x86_64__)

/* What alignment an instruction that raised a general protection fault asks of its operand; 0: it
   is no such instruction. */
static int required_alignment(const uint8_t *code) {
  while (*code == 0x66 || *code == 0xF2 || *code == 0xF3 || *code == 0x2E || *code == 0x3E ||
         *code == 0x64 || *code == 0x65)
    code++;
  if (*code == 0xC5 || *code == 0xC4) {
    /* VEX: bit 2 of its last byte is the length. */
    int last = *code == 0xC5 ? code[1] : code[2];
    return last & 4 ? 32 : 16;
  }
  if (*code == 0x62) {
    int length = code[3] >> 5 & 3;
    return length == 2 ? 64 : length == 1 ? 32 : 16;
  }
  if ((*code & 0xF0) == 0x40) code++;
  return *code == 0x0F ? 16 : 0;
}

static void describe(host_answer *answer, const ucontext_t *context) {
  const greg_t *registers = context->uc_mcontext.gregs;
  greg_t error = registers[REG_ERR];
  answer->trap = (int32_t)registers[REG_TRAPNO];
  answer->instruction = (uint64_t)registers[REG_RIP];
  answer->access = error & 16 ? HOST_EXECUTE : error & 2 ? HOST_WRITE : HOST_READ;
  if (answer->trap == HOST_TRAP_GENERAL_PROTECTION) {
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    answer->alignment = required_alignment(code);
    answer->is_return = *code == 0xC3 || *code == 0xC2 || (*code == 0xF3 && code[1] == 0xC3);
  }
}

#else

static void describe(host_answer *answer, const ucontext_t *context) {
  (void)context;
  answer->trap = HOST_TRAP_PAGE_FAULT;
  answer->access = HOST_READ;
}

#endif

static void on_signal(int number, siginfo_t *information, void *context) {
  static volatile int is_ending;
  /* A process that the library forked: it has no answers to write to. */
  if (getpid() != host.process) _exit(71);
  if (__atomic_exchange_n(&is_ending, 1, __ATOMIC_SEQ_CST)) {
    for (;;) pause();
  }
  host_answer *answer = host_current_answer();
  answer->fault = HOST_FAULT_SIGNAL;
  answer->is_last = 1;
  answer->signal = number;
  answer->signal_code = information->si_code;
  answer->address = 0;
  answer->buffer = -1;
  answer->is_stack_overflow = 0;
  if (number == SIGSEGV || number == SIGBUS) {
    answer->address = (uint64_t)(uintptr_t)information->si_addr;
    describe(answer, context);
    if (answer->trap != HOST_TRAP_GENERAL_PROTECTION) {
      answer->buffer =
          host_find_buffer(information->si_addr, &answer->offset, &answer->length);
      const uint8_t *byte = information->si_addr;
      answer->is_stack_overflow =
          byte >= host.stack_guard && byte < host.stack_guard + host.stack_guard_size;
    }
  }
  answer->memory_bytes = host_memory_in_use();
  __atomic_store_n(&answer->state, 1, __ATOMIC_SEQ_CST);
  _exit(70);
}

int host_make_handler_stack(void) {
  void *memory = mmap(
      NULL, HANDLER_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  stack_t stack = {.ss_sp = memory, .ss_size = HANDLER_STACK};
  return sigaltstack(&stack, NULL);
}

int host_install_handlers(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (int index = 0; index < SIGNALS; index++) {
    if (sigaction(signals[index], &action, NULL) != 0) return -1;
  }
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, NULL);
}

int host_check_handlers(void) {
  struct sigaction action;
  for (int index = 0; index < CHECKED_SIGNALS; index++) {
    if (sigaction(signals[index], NULL, &action) != 0 || action.sa_sigaction != on_signal ||
        !(action.sa_flags & SA_SIGINFO)) {
      int number = signals[index];
      host_install_handlers();
      return number;
    }
  }
  sigset_t blocked;
  if (sigprocmask(SIG_SETMASK, NULL, &blocked) != 0 || !sigisemptyset(&blocked)) {
    host_install_handlers();
    return 0;
  }
  return -1;
}
