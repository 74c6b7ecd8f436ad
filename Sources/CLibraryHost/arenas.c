#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "host.h"

enum { PAGE = 4096, GUARD = 1 << 20 };

/* One page of bytes that no kernel writes by chance; kept read-only. */
static const uint8_t *canaries;

int host_make_canaries(void) {
  uint8_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return -1;
  uint64_t state = 0x9E3779B97F4A7C15u;
  for (size_t index = 0; index < PAGE; index++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    page[index] = (uint8_t)(state >> 32);
  }
  if (mprotect(page, PAGE, PROT_READ) != 0) return -1;
  canaries = page;
  return 0;
}

static void fill(host_arena *arena, size_t low, size_t high) {
  while (low < high) {
    size_t place = low % PAGE;
    size_t count = high - low < PAGE - place ? high - low : PAGE - place;
    memcpy(arena->base + low, canaries + place, count);
    low += count;
  }
}

static int is_filled(const host_arena *arena, size_t low, size_t high) {
  while (low < high) {
    size_t place = low % PAGE;
    size_t count = high - low < PAGE - place ? high - low : PAGE - place;
    if (memcmp(arena->base + low, canaries + place, count) != 0) return 0;
    low += count;
  }
  return 1;
}

static int fit(host_arena *arena, size_t needed) {
  size_t capacity = PAGE;
  while (capacity < needed) capacity *= 2;
  if (arena->map) munmap(arena->map, arena->map_size);
  arena->map = NULL;
  size_t size = capacity + 2 * (size_t)GUARD;
  uint8_t *map = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) return -1;
  if (mprotect(map + GUARD, capacity, PROT_READ | PROT_WRITE) != 0) {
    munmap(map, size);
    return -1;
  }
  arena->map = map;
  arena->map_size = size;
  arena->base = map + GUARD;
  arena->capacity = capacity;
  arena->low = arena->high = 0;
  fill(arena, 0, capacity);
  return 0;
}

uint8_t *host_place(host_arena *arena, size_t size, int placement, size_t unit) {
  size_t shift = placement == HOST_SHIFTED ? unit : 0;
  size_t needed = size + shift;
  /* Far too large means far too much to look through for damage. */
  int is_unfit = !arena->map || needed > arena->capacity ||
                 (arena->capacity > 4 * PAGE && needed < arena->capacity / 4);
  if (is_unfit && fit(arena, needed) != 0) return NULL;
  size_t low = placement == HOST_ENDING ? arena->capacity - size : shift;
  size_t high = low + size;
  if (arena->low < low) fill(arena, arena->low, arena->high < low ? arena->high : low);
  if (arena->high > high) fill(arena, arena->low > high ? arena->low : high, arena->high);
  arena->low = low;
  arena->high = high;
  return arena->base + low;
}

void host_clear(host_arena *arena) {
  fill(arena, arena->low, arena->high);
  arena->high = arena->low;
}

int host_is_intact(host_arena *arena, int64_t *offset) {
  if (is_filled(arena, 0, arena->low) && is_filled(arena, arena->high, arena->capacity)) return 1;
  size_t index = arena->high;
  while (index < arena->capacity && arena->base[index] == canaries[index % PAGE]) index++;
  if (index == arena->capacity) {
    index = arena->low;
    do index--;
    while (arena->base[index] == canaries[index % PAGE]);
  }
  *offset = (int64_t)index - (int64_t)arena->low;
  fill(arena, 0, arena->low);
  fill(arena, arena->high, arena->capacity);
  return 0;
}

int host_find_buffer(const void *address, int64_t *offset, int64_t *length) {
  const uint8_t *byte = address;
  for (int set = 0; set < 2; set++) {
    for (int buffer = 0; buffer < HOST_BUFFERS; buffer++) {
      const host_arena *arena = &host.arenas[set][buffer];
      if (!arena->map || byte < arena->map || byte >= arena->map + arena->map_size) continue;
      *offset = byte - (arena->base + arena->low);
      *length = (int64_t)(arena->high - arena->low);
      return buffer;
    }
  }
  return -1;
}
