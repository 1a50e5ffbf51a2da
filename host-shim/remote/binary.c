/* Kernel binaries are read here and travel as bytes, in a file that the daemon maps: it opens none of our choice. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remote/call.h"
#include "remote/error.h"
#include "remote/pinned.h"
#include "remote_client.h"

/* More than AscendCL has: a wrong count is not followed. */
#define OPTIONS_LIMIT 64u

static aclError check_options(const aclrtBinaryLoadOptions *options) {
  if (options == NULL) return ACL_SUCCESS;
  if (options->options == NULL) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "load options without a list");
  if (options->numOpt > OPTIONS_LIMIT) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu load options", options->numOpt);
  return ACL_SUCCESS;
}

/* Asks the daemon to load what is in pinned memory. */
static aclError load(const void *image, size_t bytes, const aclrtBinaryLoadOptions *options, aclrtBinHandle *handle) {
  fx_call c;
  const void *list = options != NULL ? options->options : NULL;
  size_t list_bytes = options != NULL ? options->numOpt * sizeof *options->options : 0;
  aclError error = fx_call_open(&c, FX_API_aclrtBinaryLoadFromData, 24 + fx_packed_bytes(list, list_bytes));
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)image);
  fx_call_put(&c, bytes);
  fx_call_put_bytes(&c, list, list_bytes);
  fx_call_put(&c, 1);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  *handle = (aclrtBinHandle)(uintptr_t)fx_call_take(&c);
  return fx_call_close(&c);
}

static aclError read_all(int file, uint8_t *into, size_t bytes, const char *path) {
  while (bytes > 0) {
    ssize_t got = read(file, into, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: %s", path, got < 0 ? strerror(errno) : "it became shorter");
    into += got;
    bytes -= (size_t)got;
  }
  return ACL_SUCCESS;
}

static aclError load_file(int file, const char *path, const aclrtBinaryLoadOptions *options, aclrtBinHandle *handle) {
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: not a file", path);
  if (status.st_size <= 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: it is empty", path);
  aclError error;
  size_t bytes = (size_t)status.st_size;
  uint8_t *image = fx_pinned_take(bytes, &error);
  if (image == NULL) return error;
  error = read_all(file, image, bytes, path);
  if (error == ACL_SUCCESS) error = load(image, bytes, options, handle);
  (void)fx_pinned_give(image);
  return error;
}

aclError fx_remote_aclrtBinaryLoadFromFile(const char *binPath, aclrtBinaryLoadOptions *options, aclrtBinHandle *binHandle) {
  if (binPath == NULL || binHandle == NULL) return fx_remote_no_pointer();
  aclError error = check_options(options);
  if (error != ACL_SUCCESS) return error;
  int file = open(binPath, O_RDONLY | O_CLOEXEC);
  if (file < 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: %s", binPath, strerror(errno));
  error = load_file(file, binPath, options, binHandle);
  (void)close(file);
  return error;
}

aclError fx_remote_aclrtBinaryLoadFromData(const void *data, size_t length, const aclrtBinaryLoadOptions *options, aclrtBinHandle *binHandle) {
  if (data == NULL || binHandle == NULL) return fx_remote_no_pointer();
  aclError error = check_options(options);
  if (error != ACL_SUCCESS) return error;
  if (length == 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary in memory: length is 0");
  void *image = fx_pinned_take(length, &error);
  if (image == NULL) return error;
  memcpy(image, data, length);
  error = load(image, length, options, binHandle);
  (void)fx_pinned_give(image);
  return error;
}
