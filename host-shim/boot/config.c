/*
 * Reads the environment into fx_config. Values are copied, because a program may change its environment later.
 */
#include "boot/config.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "boot/counters.h"
#include "records.h"

static fx_config config;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A copy of what is kept; NULL for none. */
static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value != NULL && *value != '\0' ? strdup(value) : NULL;
}

static void read_policy(void) {
  static const struct {
    const char *name;
    uint32_t id;
  } policies[] = {
#define POLICY(policy_name, policy_id) {policy_name, policy_id},
      FLEXNPU_POLICIES(POLICY)
#undef POLICY
  };
  config.policy = FLEXNPU_POLICY_ID_DYNAMIC_PD;
  config.policy_name = "dynamic-pd";
  const char *asked = getenv("FLEXNPU_POLICY");
  if (asked == NULL || *asked == '\0') return;
  for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
    if (strcmp(asked, policies[i].name) == 0) {
      config.policy = policies[i].id;
      config.policy_name = policies[i].name;
      return;
    }
  fx_fault("FLEXNPU_POLICY=%s is no policy; %s is used", asked, config.policy_name);
}

static void read_parameters(void) {
  const char *text = getenv("FLEXNPU_POLICY_PARAMS");
  const char *at = text;
  for (int i = 0; at != NULL && *at != '\0' && i < 4; i++) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(at, &end, 10);
    /* strtoull would take a sign and spaces too. */
    if (*at < '0' || *at > '9' || errno != 0 || (*end != ',' && *end != '\0')) {
      fx_fault("FLEXNPU_POLICY_PARAMS=%s: parameter %d is no number; defaults are used", text, i);
      memset(config.parameters, 0, sizeof config.parameters);
      return;
    }
    config.parameters[i] = value;
    at = *end == ',' ? end + 1 : end;
  }
  if (at != NULL && *at != '\0') fx_fault("FLEXNPU_POLICY_PARAMS=%s: more than four parameters; the rest is ignored", text);
}

static void read_role(void) {
  const char *role = getenv("FLEXNPU_ROLE");
  config.role = FLEXNPU_PHASE_UNKNOWN;
  if (role == NULL || *role == '\0') return;
  if (strcmp(role, "prefill") == 0) config.role = FLEXNPU_PHASE_PREFILL;
  else if (strcmp(role, "decode") == 0) config.role = FLEXNPU_PHASE_DECODE;
  else fx_fault("FLEXNPU_ROLE=%s is neither prefill nor decode; the phase is detected", role);
}

static void read_config(void) {
  config.real_path = variable("FLEXNPU_REAL");
  config.record_path = variable("FLEXNPU_RECORD");
  config.stats_path = variable("FLEXNPU_STATS");
  config.daemon_path = variable("FLEXNPU_DAEMON");
  read_policy();
  read_parameters();
  read_role();
}

const fx_config *fx_config_get(void) {
  pthread_once(&once, read_config);
  return &config;
}
