/* The least that a program on pipes can do: every case is answered with zeros of the right size, found
   by a cheap look at its line. What is left of the time is qverify's own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *output;
static size_t used, room;

static void put(const char *bytes, size_t count) {
  if (used + count > room) {
    room = 2 * (used + count);
    output = realloc(output, room);
    if (!output) _exit(1);
  }
  memcpy(output + used, bytes, count);
  used += count;
}

static void flush(void) {
  for (size_t done = 0; done < used;) {
    ssize_t count = write(1, output + done, used - done);
    if (count <= 0) _exit(1);
    done += (size_t)count;
  }
  used = 0;
}

static void answer(const char *line, const char *end) {
  const char *id = line + 7, *id_end = memchr(id, '"', (size_t)(end - id));
  /* The output is the last tensor, and has no data: it is within the last few hundred bytes. */
  const char *place = NULL;
  for (const char *at = end - 10; at > line && !place; at--)
    if (memcmp(at, "\"output\":{", 10) == 0) place = at;
  if (!id_end || !place) _exit(2);
  int size = strncmp(place + 18, "int16", 5) == 0 ? 2 : 1;
  const char *shape = strstr(place, "\"shape\":[");
  long rows = 0, channels = 0;
  if (!shape || sscanf(shape + 9, "%ld,%ld", &rows, &channels) != 2) _exit(3);
  long bytes = rows * channels * size;
  put("{\"id\":\"", 7);
  put(id, (size_t)(id_end - id));
  put("\",\"output\":\"", 12);
  for (long group = 0; group < bytes / 3; group++) put("AAAA", 4);
  if (bytes % 3 == 1) put("AA==", 4);
  if (bytes % 3 == 2) put("AAA=", 4);
  put("\"}\n", 3);
}

int main(void) {
  size_t capacity = 1 << 22, held = 0;
  char *input = malloc(capacity);
  if (!input) return 1;
  const char *hello =
      "{\"hello\":{\"format\":1,\"name\":\"trivial\",\"version\":\"1\",\"claims\":[{\"operator\":"
      "\"fullyConnected\",\"types\":[\"int8,int8,int8\",\"uint8,uint8,uint8\",\"int16,int8,int16\"],"
      "\"profile\":\"exact-even\"}]}}\n";
  put(hello, strlen(hello));
  flush();
  for (;;) {
    ssize_t count = read(0, input + held, capacity - held - 1);
    if (count <= 0) return 0;
    held += (size_t)count;
    char *line = input, *end;
    while ((end = memchr(line, '\n', (size_t)(input + held - line)))) {
      *end = 0;
      if (strncmp(line, "{\"id\":\"", 7) == 0) answer(line, end);
      line = end + 1;
    }
    held = (size_t)(input + held - line);
    memmove(input, line, held);
    flush();
  }
}
