/* The report; see boot/report.h. */
#include "boot/report.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot/counters.h"
#include "boot/real.h"

typedef struct fx_list {
  FILE *out;
  const char *comma;
} fx_list;

static void put_path(const char *path, void *with) {
  fx_list *list = with;
  fputs(list->comma, list->out);
  fx_put_string(list->out, path);
  list->comma = ",";
}

static int put_library(struct dl_phdr_info *info, size_t bytes, void *with) {
  (void)bytes;
  if (info->dlpi_name != NULL && info->dlpi_name[0] == '/') put_path(info->dlpi_name, with); /* not the program, not the vDSO */
  return 0;
}

static void put_list(FILE *out, const char *name, void (*fill)(fx_list *list)) {
  fprintf(out, ",\"%s\":[", name);
  fill(&(fx_list){out, ""});
  fputc(']', out);
}

static void fill_libraries(fx_list *list) { (void)dl_iterate_phdr(put_library, list); }
static void fill_real(fx_list *list) { fx_real_each(put_path, list); }

char *fx_report_json(void) {
  char *text = NULL;
  size_t bytes = 0;
  Dl_info self;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return NULL;
  fputc('{', out);
  fx_counts_put(out);
  char program[4096];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[length > 0 ? length : 0] = '\0';
  fputs(",\"program\":", out);
  fx_put_string(out, program);
  put_list(out, "libraries", fill_libraries);
  put_list(out, "real", fill_real);
  bool known = dladdr((void *)fx_report_json, &self) != 0 && self.dli_fname != NULL;
  fputs(",\"self\":", out);
  fx_put_string(out, known ? self.dli_fname : "");
  /* Which dlsym a lookup by name finds first. */
  fprintf(out, ",\"finds_dlsym\":%s}", fx_libc_dlsym(RTLD_DEFAULT, "dlsym") == (void *)dlsym ? "true" : "false");
  return fclose(out) == 0 ? text : NULL;
}
