/*
 * What the environment asks of FlexNPU in this process. Read once, before anything else; a value that makes no sense is
 * reported as a fault and its default taken, since a library has no one to ask (the CLI checks the same values first).
 */
#ifndef FX_CONFIG_H
#define FX_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

typedef struct fx_config {
  const char *real_path;   /* FLEXNPU_REAL: folder or file of the real library; NULL searches */
  uint32_t policy;         /* FLEXNPU_POLICY: number of the policy */
  const char *policy_name; /* its name */
  uint64_t parameters[4];  /* FLEXNPU_POLICY_PARAMS: p0,p1,p2,p3 */
  const char *record_path; /* FLEXNPU_RECORD: file of the recording, or NULL */
  const char *stats_path;  /* FLEXNPU_STATS: file for counts at exit, or NULL */
  const char *daemon_path; /* FLEXNPU_DAEMON: socket of the daemon that runs our operators; NULL for in-process */
  uint32_t role;           /* FLEXNPU_ROLE: Phase of the whole process, UNKNOWN where unset */
} fx_config;

/* The configuration of the process; the first call reads it. */
const fx_config *fx_config_get(void);

#endif
