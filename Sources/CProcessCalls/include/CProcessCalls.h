// Calls of the system that Swift's module of the C library leaves out.
#ifndef CPROCESSCALLS_H
#define CPROCESSCALLS_H

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

// A pipe whose ends no started program inherits; 0, or an error number.
int qv_pipe(int ends[2]);

// The folder that a started program works in; 0, or an error number.
int qv_spawn_in_folder(posix_spawn_file_actions_t *actions, const char *folder);

// Limits the address space of a process that runs already; 0, or an error number.
int qv_limit_memory(pid_t process, uint64_t bytes);

#endif
