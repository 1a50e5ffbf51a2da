/*
 * Finding the real AscendCL. The table (build/gen/shim/real_table.h) fills itself at the first call; this is how.
 */
#ifndef FX_REAL_H
#define FX_REAL_H

#include <stdint.h>

/* Names of the functions by number, generated. */
extern const char *const fx_api_names[];

/* Fills the table of real functions once; every lazy entry calls it. */
void fx_real_boot(void);

/* A function that the real library does not have was called. */
void fx_real_missing(uint32_t api);

/* Puts what `find` gives for each name into the table, generated. */
void fx_real_fill(void *(*find)(const char *name));

/* Our own function for a name of the table, generated; NULL for other names. */
void *fx_own_symbol(const char *name);

/* dlsym as libc has it, past our override. */
void *fx_libc_dlsym(void *handle, const char *name);

/* Whether the real library was found; where not, why in the faults. */
int fx_real_found(void);

#endif
