/*
 * Finding the real AscendCL. An entry of the table (build/gen/shim/real_table.h) is found at its first call; this is how.
 */
#ifndef FX_REAL_H
#define FX_REAL_H

#include <stdbool.h>
#include <stdint.h>

/* Names of the functions by number, and the library of CANN that has each, generated. */
extern const char *const fx_api_names[];
extern const char *const fx_api_libraries[];

/* Opens the real libraries once; everything that needs one calls it. */
void fx_real_boot(void);

/* Finds a real function and puts it into its entry. NULL where no library has it, which is counted; then the entry stays. */
void *fx_real_bind(uint32_t api, void **entry);

/* Whether a real library has the function; true too where no real library was found at all, so that calls can say that. */
bool fx_real_has(uint32_t api);

/* Number of one of our functions by its name, 0 for other names; and its address. Generated. */
uint32_t fx_own_number(const char *name);
void *fx_own_address(uint32_t api);

/* dlsym as libc has it, past our override. */
void *fx_libc_dlsym(void *handle, const char *name);

/* A real library, for what has to be asked of one; NULL where there is none. */
void *fx_real_library(void);

/* Visits the real libraries that were opened, by path. */
void fx_real_each(void (*visit)(const char *path, void *with), void *with);

/* Whether the real library was found; where not, why in the faults. */
int fx_real_found(void);

#endif
