/* A graph's description: the daemon's library makes the text, the file is written here, with the program's own rights. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote/call.h"
#include "remote/capture.h"
#include "remote/error.h"
#include "remote_client.h"

/* A piece of the text from `offset` on, and how long the whole is. */
static aclError fetch(aclmdlRI graph, uint32_t flags, uint64_t offset, uint8_t *piece, size_t *bytes, uint64_t *whole) {
  fx_call c;
  aclError error = fx_call_open(&c, FX_API_aclmdlRIDebugJsonPrint, 24);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)graph);
  fx_call_put(&c, flags);
  fx_call_put(&c, offset);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  *whole = fx_call_take(&c);
  uint64_t here = fx_call_take(&c);
  *bytes = here < FLEXNPU_RING_REPLY_BYTES ? (size_t)here : 0;
  fx_call_take_bytes(&c, piece, *bytes);
  return fx_call_close(&c);
}

aclError fx_remote_aclmdlRIDebugJsonPrint(aclmdlRI modelRI, const char *path, uint32_t flags) {
  if (path == NULL) return fx_remote_no_pointer();
  aclError error = fx_graph_check(modelRI);
  uint8_t *piece = error == ACL_SUCCESS ? malloc(FLEXNPU_RING_REPLY_BYTES) : NULL;
  if (error != ACL_SUCCESS) return error;
  if (piece == NULL) return fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for the description of a graph");
  uint64_t done = 0, whole = 0;
  size_t bytes = 0;
  FILE *file = NULL; /* not before there is something to write: an error leaves a file as it was */
  do {
    if ((error = fetch(modelRI, flags, done, piece, &bytes, &whole)) != ACL_SUCCESS) break;
    if (file == NULL && (file = fopen(path, "we")) == NULL)
      error = fx_remote_fail(ACL_ERROR_RT_FILE_WRITE, "%s cannot be written: %s", path, strerror(errno));
    else if (fwrite(piece, 1, bytes, file) != bytes)
      error = fx_remote_fail(ACL_ERROR_RT_FILE_WRITE, "%s cannot be written", path);
    done += bytes;
  } while (error == ACL_SUCCESS && bytes > 0 && done < whole);
  free(piece);
  if (file != NULL && fclose(file) != 0 && error == ACL_SUCCESS)
    error = fx_remote_fail(ACL_ERROR_RT_FILE_WRITE, "%s cannot be written", path);
  return error;
}
