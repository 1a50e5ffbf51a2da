/*
 * A library that prints what it is given: structures by value, floats, many arguments, and a format with its values. What
 * by_value.c passes has to arrive the same through FlexNPU.
 */
#include <stdarg.h>
#include <stdio.h>

#include "acl/acl.h"

#define OUT __attribute__((visibility("default")))

OUT aclError aclInit(const char *config) {
  (void)config;
  return ACL_SUCCESS;
}
OUT aclError aclFinalize(void) { return ACL_SUCCESS; }

OUT aclError aclrtIpcOpenEventHandle(aclrtIpcEventHandle handle, aclrtEvent *event) {
  unsigned sum = 0;
  for (unsigned i = 0; i < sizeof handle.reserved; i++) sum += (unsigned char)handle.reserved[i] * (i + 1);
  printf("aclrtIpcOpenEventHandle %u %d\n", sum, event != NULL);
  return 11;
}

OUT aclError aclrtMemManagedAdvise(const void *const ptr, uint64_t size, aclrtMemManagedAdviseType advise, aclrtMemManagedLocation location) {
  printf("aclrtMemManagedAdvise %d %llu %d %d %d\n", ptr != NULL, (unsigned long long)size, advise, location.type, location.id);
  return 12;
}

OUT aclError aclrtMemManagedPrefetchAsync(const void *ptr, size_t size, aclrtMemManagedLocation location, uint32_t flags, aclrtStream stream) {
  printf("aclrtMemManagedPrefetchAsync %d %zu %d %d %u %d\n", ptr != NULL, size, location.type, location.id, flags, stream != NULL);
  return 13;
}

OUT aclError aclrtLaunchSIMTKernelWithHostArgs(void *func, dim3 grid, dim3 block, size_t memory, aclrtStream stream, aclrtLaunchKernelCfg *cfg,
                                               void *args, size_t bytes, aclrtPlaceHolderInfo *places, size_t count) {
  printf("aclrtLaunchSIMTKernelWithHostArgs %d %u,%u,%u %u,%u,%u %zu %d %d %d %zu %d %zu\n", func != NULL, grid.x, grid.y, grid.z, block.x,
         block.y, block.z, memory, stream != NULL, cfg != NULL, args != NULL, bytes, places != NULL, count);
  return 14;
}

OUT aclError aclmdlRIAddCondTask(aclmdlRICondTaskParams params, aclrtStream stream, uint32_t flags) {
  printf("aclmdlRIAddCondTask %d %d %u %d %d %u\n", params.handle != NULL, params.type, params.size, params.modelRIArray != NULL, stream != NULL, flags);
  return 15;
}

OUT aclError aclmdlSetAIPPDtcPixelMin(aclmdlAIPP *aipp, float first, float second, float third, float fourth, uint64_t index) {
  printf("aclmdlSetAIPPDtcPixelMin %d %g %g %g %g %llu\n", aipp != NULL, (double)first, (double)second, (double)third, (double)fourth, (unsigned long long)index);
  return 16;
}

OUT aclFloat16 aclFloatToFloat16(float value) { return (aclFloat16)(value * 2); }
OUT float aclFloat16ToFloat(aclFloat16 value) { return (float)value / 4; }

OUT aclError aclmdlSetAIPPCscParams(aclmdlAIPP *aipp, int8_t on, int16_t a, int16_t b, int16_t c, int16_t d, int16_t e, int16_t f, int16_t g, int16_t h,
                                    int16_t i, uint8_t j, uint8_t k, uint8_t l, uint8_t m, uint8_t n, uint8_t o) {
  printf("aclmdlSetAIPPCscParams %d %d %d %d %d %d %d %d %d %d %d %u %u %u %u %u %u\n", aipp != NULL, on, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  return 17;
}

OUT void aclAppLog(aclLogLevel level, const char *func, const char *file, uint32_t line, const char *format, ...) {
  printf("aclAppLog %d %s %s %u ", level, func, file, line);
  va_list values;
  va_start(values, format);
  vprintf(format, values);
  va_end(values);
  printf("\n");
}
