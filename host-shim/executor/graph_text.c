/*
 * A graph's description, which the real library writes to a file: to one of the daemon's, for as long as the call takes.
 * The client gets the text piece by piece and writes its own file, with its own rights.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "executor/executor.h"
#include "real_table.h"

/* What fits an answer beside its three words. */
#define PIECE_BYTES (FLEXNPU_RING_REPLY_BYTES - 64u)

/* A piece of the file from `offset` on, behind the size of the whole and its own. */
static aclError put_piece(fxd_call *c, const char *path, uint64_t offset) {
  struct stat about;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  char *piece = fxd_scratch(c, PIECE_BYTES);
  ssize_t bytes = -1;
  if (file >= 0 && piece != NULL && fstat(file, &about) == 0 && offset <= (uint64_t)about.st_size)
    bytes = pread(file, piece, PIECE_BYTES, (off_t)offset);
  if (file >= 0) (void)close(file);
  if (bytes < 0) return ACL_ERROR_RT_FILE_WRITE;
  fxd_put(c, (uint64_t)about.st_size);
  fxd_put(c, (uint64_t)bytes);
  fxd_put_bytes(c, piece, (size_t)bytes);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclmdlRIDebugJsonPrint(fxd_call *c) {
  aclmdlRI graph;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_GRAPH, &graph);
  uint32_t flags = (uint32_t)fxd_take(c);
  uint64_t offset = fxd_take(c);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  char folder[] = "/tmp/flexnpu-graph-XXXXXX", path[sizeof folder + sizeof "/graph.json"];
  if (mkdtemp(folder) == NULL) return ACL_ERROR_RT_FILE_WRITE;
  (void)snprintf(path, sizeof path, "%s/graph.json", folder);
  error = fx_real.aclmdlRIDebugJsonPrint(graph, path, flags);
  if (error == ACL_SUCCESS) error = put_piece(c, path, offset);
  (void)unlink(path);
  (void)rmdir(folder);
  return error;
}
