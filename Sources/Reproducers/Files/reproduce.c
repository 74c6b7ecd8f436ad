/*
@HEADING@
 *
 * cc -std=c99 -o reproduce reproduce.c -ldl && ./reproduce ./LIBRARY.so
 * exit status: 0 right, 1 wrong, 2 could not be tried
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "qverify.h"

@CASE@

typedef int32_t (*call)(const qverify_fully_connected_args *, char *, size_t);

/* Memory that ends (or begins) where the array does: one byte beyond is a fault. */
static unsigned char *placed(const void *data, size_t bytes, int at_end, unsigned char filler) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), inner = (bytes / page + 1) * page;
  unsigned char *all = mmap(
      NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED || mprotect(all + page, inner, PROT_READ | PROT_WRITE)) exit(2);
  memset(all + page, filler, inner);
  all += page + (at_end ? inner - bytes : 0);
  if (data) {
    memcpy(all, data, bytes);
    all -= at_end ? inner - bytes : 0;
    mprotect(all, inner, PROT_READ);
    all += at_end ? inner - bytes : 0;
  }
  return all;
}

/* Whether something was written before or behind the output. */
static int spilled(const unsigned char *output, int at_end, unsigned char filler) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), inner = (output_bytes / page + 1) * page, i;
  const unsigned char *first = at_end ? output + output_bytes - inner : output;
  for (i = 0; i < inner; i++)
    if ((first + i < output || first + i >= output + output_bytes) && first[i] != filler) return 1;
  return 0;
}

static int compared(const output_element *output) {
  int i, wrong = 0;
  for (i = 0; i < expected_count; i++) {
    long long got = output[i];
    int is_wrong = got < lowest[i] || got > highest[i];
    wrong += is_wrong;
    if (i < 8 || (is_wrong && wrong <= 32))
      printf("output %d: expected %lld, got %lld%s\n", i, (long long)expected[i], got,
          is_wrong ? "  WRONG" : "");
  }
  printf("%d of %d outputs are wrong\n", wrong, (int)expected_count);
  return wrong > 0;
}

/* One call; 0: right, 1: wrong, 2: not offered. */
static int called(call function, int at_end, unsigned char filler) {
  qverify_fully_connected_args args;
  char message[256] = "";
  unsigned char *output = placed(NULL, output_bytes, at_end, filler);
  int32_t code;
  memset(&args, 0, sizeof args);
  describe_input(&args.input);
  args.input.byte_count = input_data_count * sizeof *input_data;
  args.input.data = placed(input_data, (size_t)args.input.byte_count, at_end, filler);
  describe_weights(&args.weights);
  args.weights.byte_count = weights_data_count * sizeof *weights_data;
  args.weights.data = placed(weights_data, (size_t)args.weights.byte_count, at_end, filler);
  if (HAS_BIAS) {
    describe_bias(&args.bias);
    args.bias.byte_count = bias_data_count * sizeof *bias_data;
    args.bias.data = placed(bias_data, (size_t)args.bias.byte_count, at_end, filler);
  }
  describe_output(&args.output);
  args.output.byte_count = (int64_t)output_bytes;
  args.output.data = output;
  describe_attributes(&args);
  code = function(&args, message, sizeof message);
  message[sizeof message - 1] = 0;
#ifdef REFUSED
  printf("expected: refused, since %s\ngot: return code %d %s\n", REFUSED, (int)code, message);
  return code != QVERIFY_REFUSED;
#else
  if (code != QVERIFY_OK) {
    printf("expected: outputs\ngot: return code %d %s\n", (int)code, message);
    return code == QVERIFY_UNSUPPORTED ? 2 : 1;
  }
  if (spilled(output, at_end, filler)) {
    printf("it wrote outside its output\n");
    return 1;
  }
  return compared((const output_element *)(const void *)output);
#endif
}

static int tried(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  union { void *pointer; call function; } symbol;
  int turn, status = 0;
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  symbol.pointer = dlsym(library, "qverify_fully_connected");
  if (!symbol.pointer) {
    fprintf(stderr, "%s has no function qverify_fully_connected\n", path);
    return 2;
  }
  /* Twice, at different addresses and with different contents of the output before. */
  for (turn = 0; turn < 2 && status == 0; turn++) {
    alarm(SECONDS);
    status = called(symbol.function, turn == 0, turn == 0 ? 0x55 : 0xAA);
  }
  return status;
}

int main(int count, char **arguments) {
  pid_t child;
  int state = 0;
  if (count != 2) {
    fprintf(stderr, "usage: %s LIBRARY (a path with a slash)\n", arguments[0]);
    return 2;
  }
  child = fork();
  if (child < 0) return 2;
  if (child == 0) {
    int status = tried(arguments[1]);
    fflush(stdout);
    _exit(status);
  }
  if (waitpid(child, &state, 0) != child) return 2;
  if (WIFEXITED(state)) return WEXITSTATUS(state);
  printf("got: the call was ended by signal %d (%s)\n", WTERMSIG(state),
      WTERMSIG(state) == SIGALRM ? "no answer in time" : strsignal(WTERMSIG(state)));
  return 1;
}
