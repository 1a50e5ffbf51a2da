/*
 * A program as Python is to torch_npu: linked to nothing of CANN, it opens the library that is, RTLD_LOCAL. Arguments:
 * kernel binary, then the steps that client.c takes.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  void *client = dlopen("libclient.so", RTLD_NOW | RTLD_LOCAL);
  if (client == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  void *address = dlsym(client, "client_main");
  int (*run)(int, char **);
  memcpy(&run, &address, sizeof run);
  return run(argc, argv);
}
