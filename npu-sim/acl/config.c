/*
 * The environment variables of the simulator, read once. A wrong value is never ignored: aclInit and aclrtSetDevice
 * refuse with a message that names the variable and the value.
 */
#include "sim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names in the order of the model's chip table (npu-sim/model/chips.ts). */
static const char *const chip_names[] = {
    "Ascend910B1", "Ascend910B2", "Ascend910B3", "Ascend910B4", "Ascend910_9392", "Ascend910_9362",
};
#define CHIPS (sizeof chip_names / sizeof chip_names[0])
#define DEFAULT_CHIP 1u

sim_config sim_configuration;
bool sim_null_mode;

static pthread_once_t configure_once = PTHREAD_ONCE_INIT;

static void refuse(const char *variable, const char *value, const char *expected) {
  sim_configuration.error = ACL_ERROR_INVALID_PARAM;
  snprintf(sim_configuration.problem, sizeof sim_configuration.problem, "%s=%.100s: expected %s", variable, value, expected);
}

/* A whole decimal number from `least` to `most`. */
static bool parse_whole(const char *text, uint64_t least, uint64_t most, uint64_t *value) {
  if (*text < '0' || *text > '9') return false;
  char *end = NULL;
  unsigned long long parsed = strtoull(text, &end, 10);
  if (*end != '\0' || parsed < least || parsed > most) return false;
  *value = parsed;
  return true;
}

static void read_chip(void) {
  const char *value = getenv("FLEXNPU_SIM_CHIP");
  sim_configuration.chip = DEFAULT_CHIP;
  if (value != NULL && *value != '\0') {
    /* 910C is the card; a device is one die of it. */
    const char *name = strcmp(value, "Ascend910C") == 0 ? "Ascend910_9392" : value;
    uint32_t chip = 0;
    while (chip < CHIPS && strcmp(chip_names[chip], name) != 0) chip++;
    if (chip == CHIPS) {
      refuse("FLEXNPU_SIM_CHIP", value, "Ascend910B1, Ascend910B2, Ascend910B3, Ascend910B4, Ascend910C, Ascend910_9392 or Ascend910_9362");
      return;
    }
    sim_configuration.chip = chip;
  }
  sim_configuration.soc_name = chip_names[sim_configuration.chip];
}

static void read_speed(void) {
  const char *value = getenv("FLEXNPU_SIM_SPEED");
  sim_configuration.pace = SIM_PACE_CLOCK;
  sim_configuration.speed = 1.0;
  if (value == NULL || *value == '\0') return;
  if (strcmp(value, "max") == 0) {
    sim_configuration.pace = SIM_PACE_MAX;
    return;
  }
  if (strcmp(value, "null") == 0) {
    sim_configuration.pace = SIM_PACE_NULL;
    return;
  }
  char *end = NULL;
  double speed = strtod(value, &end);
  if (end == value || *end != '\0' || !isfinite(speed) || speed < 1e-6 || speed > 1e6) {
    refuse("FLEXNPU_SIM_SPEED", value, "a number from 0.000001 to 1000000, max or null");
    return;
  }
  sim_configuration.speed = speed;
}

/* A name of one path element, so that it names a file in /dev/shm and nothing else. */
static void read_machine(void) {
  const char *value = getenv("FLEXNPU_SIM_MACHINE");
  if (value == NULL || *value == '\0') return;
  size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
  if (value[length] != '\0' || length > 64 || value[0] == '.') {
    refuse("FLEXNPU_SIM_MACHINE", value, "1 to 64 letters, digits, '.', '_' or '-', no '.' in front");
    return;
  }
  sim_configuration.machine = strdup(value);
}

static void configure(void) {
  sim_configuration.error = ACL_SUCCESS;
  read_chip();
  read_speed();
  const char *devices = getenv("FLEXNPU_SIM_DEVICES");
  uint64_t number = 1;
  if (devices != NULL && *devices != '\0' && !parse_whole(devices, 1, SIM_MAX_DEVICES, &number)) {
    refuse("FLEXNPU_SIM_DEVICES", devices, "a whole number from 1 to 16");
  }
  sim_configuration.devices = (uint32_t)number;
  const char *launch = getenv("FLEXNPU_SIM_LAUNCH_NS");
  number = 0;
  if (launch != NULL && *launch != '\0' && !parse_whole(launch, 0, 1000000000u, &number)) {
    refuse("FLEXNPU_SIM_LAUNCH_NS", launch, "a whole number of nanoseconds from 0 to 1000000000");
  }
  sim_configuration.launch_ns = number;
  read_machine();
  const char *stats = getenv("FLEXNPU_SIM_STATS");
  if (stats != NULL && *stats != '\0') sim_configuration.stats_path = strdup(stats);
  sim_null_mode = sim_configuration.error == ACL_SUCCESS && sim_configuration.pace == SIM_PACE_NULL;
}

aclError sim_configure(void) {
  pthread_once(&configure_once, configure);
  if (__builtin_expect(sim_configuration.error == ACL_SUCCESS, 1)) return ACL_SUCCESS;
  return sim_fail(sim_configuration.error, "%s", sim_configuration.problem);
}
