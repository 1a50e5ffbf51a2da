/*
 * Kernels by function handle: the name's hash, which is how the core knows a kernel, and what the name says of the phase.
 */
#ifndef FX_FUNCTIONS_H
#define FX_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"

typedef struct fx_function fx_function;
struct fx_function {
  fx_function *next;
  aclrtFuncHandle handle;
  uint64_t key;      /* FNV-1a 64 of the name */
  uint32_t evidence; /* PhaseEvidence */
  _Atomic uint32_t named_on; /* devices whose recording has the name, a bit each */
  _Atomic uint32_t seen_alive; /* binaries that had been unloaded when the real library last knew it; ALWAYS for no handle */
  char name[];
};

/* The application got this function by this name. */
void fx_function_add(aclrtFuncHandle handle, const char *name);

/*
 * A kernel that the program names by an address of its own: known by the name it was registered with, or by the address;
 * nobody is asked, since the address is no handle. fx_function_of takes what this returns.
 */
aclrtFuncHandle fx_function_stub(const void *address);

/* The same for one of the kernels of a binary, which the program tells apart by a key. */
aclrtFuncHandle fx_function_keyed(const void *binary, uint64_t key);

/* The function; asks the real library for the name of one that FlexNPU did not see; NULL where there is none. */
const fx_function *fx_function_of(aclrtFuncHandle handle);

/* ACL_SUCCESS where the real library has it, or its error: asked again once a binary was unloaded. The function, if any. */
aclError fx_function_ask(aclrtFuncHandle handle, const fx_function **found);

/* A binary was unloaded, with functions that nobody counted. */
void fx_functions_doubt(void);

/* Whether the device's recording has its name: fx_function_first_use said so once. */
bool fx_function_named(const fx_function *function, int32_t device);

/* What the name of a kernel or an operator says of the phase: PhaseEvidence. */
uint32_t fx_phase_evidence(const char *name);

/* True the first time a device uses it. */
bool fx_function_first_use(const fx_function *function, int32_t device);

#endif
