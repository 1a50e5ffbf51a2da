/* Memory shared between clients, by key; see executor/shares.h. On the loop's thread, but for fxd_imports_end. */
#include "executor/shares.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "executor/blocks.h"
#include "executor/remote.h"
#include "executor/serve.h"
#include "real_table.h"

/* A key and its end: as long as AscendCL asks programs to make room for (aclrtIpcMemGetExportKey: 65 bytes). */
#define KEY_BYTES 65u
/* Processes that may be named for a key. */
#define PIDS 64u

typedef struct share {
  struct share *next;
  char key[KEY_BYTES];
  uint32_t exporter;
  fxd_block *block; /* in use for the share, too */
  void *address;
  uint64_t bytes;
  bool open; /* to every client */
  uint32_t pid_count;
  int32_t pids[PIDS];
} share;

typedef struct fxd_import {
  struct fxd_import *next;
  char key[KEY_BYTES];
  fxd_block *block;
  void *address;
} fxd_import;

static share *shares;

static share **share_at(const char *key) {
  share **at = &shares;
  while (*at != NULL && strcmp((*at)->key, key) != 0) at = &(*at)->next;
  return at;
}

static fxd_import **import_at(fxd_client *c, const char *key) {
  fxd_import **at = &c->imports;
  while (*at != NULL && strcmp((*at)->key, key) != 0) at = &(*at)->next;
  return at;
}

/* Unguessable: who has it was given it. */
static bool make_key(char *key) {
  uint8_t random[(KEY_BYTES - 1) / 2];
  if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return false;
  for (size_t i = 0; i < sizeof random; i++) (void)snprintf(key + 2 * i, 3, "%02x", random[i]);
  return true;
}

aclError fxd_serve_aclrtIpcMemGetExportKey(fxd_call *c) {
  uint8_t *address = (uint8_t *)(uintptr_t)fxd_take(c);
  uint64_t bytes = fxd_take(c), flags = fxd_take(c);
  if (c->torn || bytes == 0 || flags > ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION) return ACL_ERROR_RT_PARAM_INVALID;
  fxd_block *b = c->ring->client->blocks;
  while (b != NULL && !(address >= (uint8_t *)b->address && bytes <= b->bytes && (uint64_t)(address - (uint8_t *)b->address) <= b->bytes - bytes))
    b = b->next;
  share *s = b != NULL ? calloc(1, sizeof *s) : NULL;
  if (b == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  if (s == NULL || !make_key(s->key)) {
    free(s);
    return ACL_ERROR_RT_RESOURCE_ALLOC_FAIL;
  }
  s->exporter = c->ring->client->number;
  s->block = b;
  s->address = address;
  s->bytes = bytes;
  s->open = flags == ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION;
  fxd_block_use(b);
  s->next = shares;
  shares = s;
  fxd_put_bytes(c, s->key, KEY_BYTES);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtIpcMemSetImportPid(fxd_call *c) {
  const char *key = fxd_take_text(c);
  size_t bytes;
  const void *pids = fxd_take_bytes(c, &bytes);
  if (c->torn || key == NULL || pids == NULL || bytes % sizeof(int32_t) != 0) return ACL_ERROR_RT_PARAM_INVALID;
  share *s = *share_at(key);
  size_t count = bytes / sizeof(int32_t);
  if (s == NULL || s->exporter != c->ring->client->number || count == 0 || count > PIDS - s->pid_count) return ACL_ERROR_RT_PARAM_INVALID;
  memcpy(s->pids + s->pid_count, pids, bytes);
  s->pid_count += (uint32_t)count;
  return ACL_SUCCESS;
}

static bool may_import(const share *s, const fxd_client *c) {
  bool may = s->open;
  for (uint32_t i = 0; i < s->pid_count && !may; i++) may = s->pids[i] == (int32_t)c->pid;
  return may;
}

aclError fxd_serve_aclrtIpcMemImportByKey(fxd_call *c) {
  const char *key = fxd_take_text(c);
  uint64_t flags = fxd_take(c);
  fxd_client *client = c->ring->client;
  if (c->torn || key == NULL || flags > ACL_RT_IPC_MEM_IMPORT_FLAG_ENABLE_PEER_ACCESS) return ACL_ERROR_RT_PARAM_INVALID;
  if (c->ring->context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  const share *s = *share_at(key);
  if (s == NULL || s->exporter == client->number || *import_at(client, key) != NULL || !may_import(s, client)) return ACL_ERROR_RT_PARAM_INVALID;
  fxd_import *import = calloc(1, sizeof *import);
  if (import == NULL || !fx_ranges_add(&client->held, s->address, s->bytes, 0)) {
    free(import);
    return ACL_ERROR_RT_MEMORY_ALLOCATION;
  }
  memcpy(import->key, s->key, KEY_BYTES);
  import->block = s->block;
  import->address = s->address;
  import->next = client->imports;
  client->imports = import;
  fxd_block_use(s->block);
  fxd_put(c, (uint64_t)(uintptr_t)s->address);
  fxd_put(c, s->bytes);
  return ACL_SUCCESS;
}

static void end_share(share **at) {
  share *s = *at;
  *at = s->next;
  fxd_block_release(s->block);
  free(s);
}

/* The address that the client may no longer use; 0 where it ends a key of its own. Behind all that the client issued. */
aclError fxd_serve_aclrtIpcMemClose(fxd_call *c) {
  const char *key = fxd_take_text(c);
  fxd_client *client = c->ring->client;
  if (c->torn || key == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  fxd_import **imported = import_at(client, key), *import = *imported;
  if (import != NULL) {
    fx_range taken;
    *imported = import->next;
    (void)fx_ranges_take(&client->held, import->address, &taken);
    fxd_put(c, (uint64_t)(uintptr_t)import->address);
    fxd_block_release(import->block);
    free(import);
    return ACL_SUCCESS;
  }
  share **at = share_at(key);
  if (*at == NULL || (*at)->exporter != client->number) return ACL_ERROR_RT_PARAM_INVALID;
  end_share(at);
  fxd_put(c, 0);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtDeviceGetBareTgid(fxd_call *c) {
  fxd_put(c, c->ring->client->pid);
  return ACL_SUCCESS;
}

void fxd_shares_end(uint32_t client) {
  fxd_enter_own(); /* the last use of a block may end here */
  for (share **at = &shares; *at != NULL;) {
    if ((*at)->exporter == client) end_share(at);
    else at = &(*at)->next;
  }
}

void fxd_imports_end(fxd_client *c) {
  while (c->imports != NULL) {
    fxd_import *import = c->imports;
    c->imports = import->next;
    fxd_block_release(import->block);
    free(import);
  }
}
