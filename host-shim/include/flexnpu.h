/*
 * What a program may tell FlexNPU, if it wants to; no program has to. The functions are found with dlsym, so that a
 * program runs with and without FlexNPU.
 */
#ifndef FLEXNPU_H
#define FLEXNPU_H

#ifdef __cplusplus
extern "C" {
#endif

/* Phases of LLM serving. */
enum flexnpu_phase { FLEXNPU_UNKNOWN = 0, FLEXNPU_PREFILL = 1, FLEXNPU_DECODE = 2, FLEXNPU_MIXED = 3 };

/*
 * Says which phase an aclrtStream runs from here on; FLEXNPU_UNKNOWN takes it back. This is the strongest evidence there
 * is. Returns 0, or 100000 (ACL_ERROR_INVALID_PARAM) for a phase that is none.
 */
int flexnpu_phase_hint(void *stream, int phase);

#ifdef __cplusplus
}
#endif

#endif
