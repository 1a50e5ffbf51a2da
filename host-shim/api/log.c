/* The log of CANN takes a format and its values; values cannot be passed on, so the text is made here. */
#include <stdarg.h>
#include <stdio.h>

#include "boot/counters.h"
#include "boot/real.h"
#include "real_table.h"

/* A line of CANN's log is not longer. */
#define LINE_BYTES 1024

FX_EXPORT void aclAppLog(aclLogLevel logLevel, const char *func, const char *file, uint32_t line, const char *fmt, ...) {
  FX_COUNT(aclAppLog);
  if (fmt == NULL || fx_real_bind(FX_API_aclAppLog, (void **)(void *)&fx_real.aclAppLog) == NULL) return;
  char text[LINE_BYTES];
  va_list values;
  va_start(values, fmt);
  (void)vsnprintf(text, sizeof text, fmt, values);
  va_end(values);
  fx_real.aclAppLog(logLevel, func, file, line, "%s", text);
}
