#include "host.h"

/* Calls the library and finds out what it did to what belongs to its caller. */

#if defined(__x86_64__)

/* In call_x86_64.S. */
int32_t host_call_checked(
    host_function function, const qverify_fully_connected_args *args, char *message,
    size_t capacity, host_call_report *report);

int32_t host_call(
    host_function function, const qverify_fully_connected_args *args, char *message,
    size_t capacity, host_call_report *report) {
  return host_call_checked(function, args, message, capacity, report);
}

uint64_t host_floating_point(void) {
  struct {
    uint16_t control, reserved0, status, reserved1, tags, reserved2;
    uint32_t rest[4];
  } x87;
  uint32_t vector;
  __asm__ volatile("fnstenv %0\n\tfldcw %0\n\tstmxcsr %1" : "=m"(x87), "=m"(vector));
  /* The lowest six bits of MXCSR only tell what happened. */
  return (uint64_t)(vector & 0xFFC0u) | (uint64_t)x87.control << 16 | (uint64_t)x87.tags << 32;
}

uint64_t host_standard_floating_point(void) { return UINT64_C(0xFFFF037F1F80); }

void host_reset_floating_point(void) {
  uint32_t vector = 0x1F80;
  __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(vector));
}

#else

int32_t host_call(
    host_function function, const qverify_fully_connected_args *args, char *message,
    size_t capacity, host_call_report *report) {
  report->registers = 0;
  report->stack = 0;
  return function(args, message, capacity);
}

#if defined(__aarch64__)
uint64_t host_floating_point(void) {
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control;
}

void host_reset_floating_point(void) {
  uint64_t control = 0;
  __asm__ volatile("msr fpcr, %0" : : "r"(control));
}
#else
uint64_t host_floating_point(void) { return 0; }
void host_reset_floating_point(void) {}
#endif

uint64_t host_standard_floating_point(void) { return 0; }

#endif
