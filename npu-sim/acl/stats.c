/*
 * FLEXNPU_SIM_STATS=FILE: what the devices did, as one JSON object, written when AscendCL is finalized and when the
 * process exits. The file is replaced as a whole, so a reader never sees half of it.
 */
#include <stdio.h>
#include <unistd.h>

#include "engine.h"

static void write_device(FILE *file, const sim_device *device, const char *indent) {
  uint64_t wall_ns = device->first_ns == SIM_NEVER || device->last_ns < device->first_ns ? 0 : device->last_ns - device->first_ns;
  sim_totals t = sim_model_totals(device->model, wall_ns);
  /* Utilization is of the published peak, over the time from the first submission to the last completion. */
  fprintf(file,
          "%s\"device\": %u,\n%s\"chip\": \"%s\",\n%s\"wall_ns\": %llu,\n%s\"busy_ns\": %llu,\n"
          "%s\"compute_utilization\": %.3f,\n%s\"vector_utilization\": %.3f,\n%s\"bandwidth_utilization\": %.3f,\n",
          indent, device->index, indent, sim_configuration.soc_name, indent, (unsigned long long)wall_ns, indent,
          (unsigned long long)t.busy_ns, indent, t.cube_permille / 1000.0, indent, t.vector_permille / 1000.0, indent,
          t.hbm_permille / 1000.0);
  fprintf(file,
          "%s\"kernels\": %llu,\n%s\"copies\": %llu,\n%s\"fills\": %llu,\n%s\"graphs\": %llu,\n"
          "%s\"cube_ops\": %.0f,\n%s\"vector_ops\": %.0f,\n%s\"hbm_bytes\": %.0f,\n%s\"link_bytes\": %.0f,\n%s\"copy_bytes\": %.0f",
          indent, (unsigned long long)device->kernels, indent, (unsigned long long)device->copies, indent,
          (unsigned long long)device->fills, indent, (unsigned long long)device->graphs, indent, t.cube_ops, indent,
          t.vector_ops, indent, t.hbm_bytes, indent, t.link_bytes, indent, t.copy_bytes);
}

/* The first device's figures at the top, those of the others in a list. */
static void write_all(FILE *file) {
  bool first = true, listed = false;
  fputs("{\n", file);
  for (uint32_t i = 0; i < sim_configuration.devices; i++) {
    const sim_device *device = sim_device_slot(i);
    if (device->model == NULL || sim_model_broken(device->model)) continue;
    if (!first) fputs(listed ? ",\n    {\n" : ",\n  \"others\": [\n    {\n", file);
    write_device(file, device, first ? "  " : "      ");
    if (!first) {
      fputs("\n    }", file);
      listed = true;
    }
    first = false;
  }
  fputs(listed ? "\n  ]\n}\n" : "\n}\n", file);
}

void sim_stats_write(void) {
  if (sim_configuration.stats_path == NULL) return;
  char path[4096];
  if (snprintf(path, sizeof path, "%s.%d.tmp", sim_configuration.stats_path, (int)getpid()) >= (int)sizeof path) return;
  FILE *file = fopen(path, "w");
  if (file == NULL) return;
  sim_engine_lock();
  write_all(file);
  sim_engine_unlock();
  if (fclose(file) != 0 || rename(path, sim_configuration.stats_path) != 0) unlink(path);
}

/* At exit other threads may hold the lock for good (a kernel that never returns): then there are no statistics. */
__attribute__((destructor)) static void write_at_exit(void) {
  if (sim_configuration.stats_path == NULL) return;
  for (int i = 0; i < 100; i++) {
    if (pthread_mutex_trylock(&sim_engine.lock) == 0) {
      sim_engine_unlock();
      sim_stats_write();
      return;
    }
    usleep(1000);
  }
}
