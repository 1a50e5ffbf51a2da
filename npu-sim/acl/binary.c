/*
 * Kernel binaries: host shared objects that follow npu_sim_kernel.h. A file is checked before the loader sees it (kind,
 * machine, segments inside the file), so that a wrong or torn one is an AscendCL error, not a crash. CANN answers every
 * binary that it cannot use, and every kernel name that is not in it, with 107000.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binary_image.h"
#include "engine.h"

sim_slab sim_binaries = SIM_SLAB(sim_binary, 4096);
sim_slab sim_functions = SIM_SLAB(sim_function, 65536);

#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define HOST_MACHINE EM_AARCH64
#else
#error "npu-sim: x86-64 and aarch64 only"
#endif

/* NULL where the image is a shared object of this machine whose segments lie inside it; otherwise what is wrong. */
static const char *defect(const unsigned char *image, size_t bytes) {
  Elf64_Ehdr header;
  if (bytes < sizeof header) return "it is too short";
  memcpy(&header, image, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return "it is no ELF file";
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) return "it is no 64-bit little-endian ELF file";
  if (header.e_type != ET_DYN) return "it is no shared object";
  if (header.e_machine != HOST_MACHINE) return "it is built for another machine";
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0) return "its program header is damaged";
  uint64_t table = (uint64_t)header.e_phnum * sizeof(Elf64_Phdr);
  if (header.e_phoff > bytes || table > bytes - header.e_phoff) return "it is cut short";
  for (uint32_t i = 0; i < header.e_phnum; i++) {
    Elf64_Phdr segment;
    memcpy(&segment, image + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC) continue;
    if (segment.p_offset > bytes || segment.p_filesz > bytes - segment.p_offset) return "it is cut short";
  }
  return NULL;
}

/*
 * A path to the open file, so that what was checked is what is loaded. The loader takes a library of the same name for
 * the same library, and descriptors are used again, so every path is spelled differently: the bits of a counter choose
 * between "/" and "/.", which mean the same.
 */
static void unique_path(char *path, size_t room, int file) {
  static uint32_t counter;
  uint32_t number = __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED);
  int length = snprintf(path, room, "/proc/self/fd");
  for (uint32_t bit = 0; bit < 32; bit++) length += snprintf(path + length, room - (size_t)length, number >> bit & 1 ? "/." : "/");
  snprintf(path + length, room - (size_t)length, "/%d", file);
}

/* Loads the open file and makes a handle; `name` is for messages. Closes the file. */
static aclError load(int file, const char *name, bool lazy, aclrtBinHandle *handle) {
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(file);
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: not a file", name);
  }
  const char *wrong = "it is empty";
  if (status.st_size > 0) {
    void *image = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    wrong = image != MAP_FAILED ? defect(image, (size_t)status.st_size) : "it cannot be read";
    if (image != MAP_FAILED) munmap(image, (size_t)status.st_size);
  }
  if (wrong != NULL) {
    close(file);
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: %s", name, wrong);
  }
  char path[128];
  unique_path(path, sizeof path, file);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  close(file);
  if (library == NULL) {
    const char *reason = dlerror();
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: %s", name, reason != NULL ? reason : "cannot be loaded");
  }
  const uint32_t *abi = dlsym(library, "npu_sim_kernel_abi");
  if (abi == NULL || *abi != NPU_SIM_KERNEL_ABI) {
    aclError error = abi == NULL ? sim_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: no kernel binary of the simulator (npu_sim_kernel_abi is missing)", name)
                                 : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: kernel interface %u, not %u", name, *abi, NPU_SIM_KERNEL_ABI);
    dlclose(library);
    return error;
  }
  sim_engine_lock();
  sim_binary *binary = sim_slab_take(&sim_binaries);
  if (binary != NULL) {
    const uint32_t *pure = dlsym(library, "npu_sim_kernel_work_from_args");
    binary->library = library;
    binary->lazy = lazy;
    binary->outcome = dlsym(library, "npu_sim_kernel_outcome");
    binary->work_from_args = pure != NULL && *pure != 0;
  }
  sim_engine_unlock();
  if (binary == NULL) {
    dlclose(library);
    return sim_fail(ACL_ERROR_RT_PROGRAM_USE_OUT, "no room for another kernel binary");
  }
  *handle = binary;
  return ACL_SUCCESS;
}

static aclError check_options(const aclrtBinaryLoadOptions *options, bool *lazy) {
  if (options == NULL) return ACL_SUCCESS;
  if (options->options == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "load options without a list");
  for (size_t i = 0; i < options->numOpt; i++) {
    int type = (int)options->options[i].type;
    if (type < ACL_RT_BINARY_LOAD_OPT_LAZY_LOAD || type > ACL_RT_BINARY_LOAD_OPT_CPU_KERNEL_MODE) {
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "load option %d is not known", type);
    }
    if (type == ACL_RT_BINARY_LOAD_OPT_CPU_KERNEL_MODE) {
      return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "AI CPU kernels are not simulated");
    }
    if (type == ACL_RT_BINARY_LOAD_OPT_LAZY_LOAD) *lazy = options->options[i].value.isLazyLoad != 0;
  }
  return ACL_SUCCESS;
}

aclError sim_aclrtBinaryLoadFromFile(const char *path, aclrtBinaryLoadOptions *options, aclrtBinHandle *handle) {
  bool lazy = false;
  aclError error = check_options(options, &lazy);
  if (error != ACL_SUCCESS) return error;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary %s: %s", path, strerror(errno));
  return load(file, path, lazy, handle);
}

aclError sim_aclrtBinaryLoadFromData(const void *data, size_t length, const aclrtBinaryLoadOptions *options, aclrtBinHandle *handle) {
  bool lazy = false;
  aclError error = check_options(options, &lazy);
  if (error != ACL_SUCCESS) return error;
  if (length == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel binary in memory: length is 0");
  int file = memfd_create("npu-sim-kernels", MFD_CLOEXEC);
  if (file < 0) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host gives no memory file: %s", strerror(errno));
  for (size_t done = 0; done < length;) {
    ssize_t written = write(file, (const char *)data + done, length - done);
    if (written <= 0) {
      close(file);
      return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host has no %zu bytes for the kernel binary", length);
    }
    done += (size_t)written;
  }
  return load(file, "in memory", lazy, handle);
}

sim_binary *sim_binary_of(const void *handle, aclError *error) {
  sim_binary *binary = sim_slab_find(&sim_binaries, handle);
  if (binary != NULL && binary->unloaded) binary = NULL;
  *error = binary != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no kernel binary", handle);
  return binary;
}

void sim_binary_use(sim_binary *binary) { binary->uses++; }

/* Closes an unloaded binary that nothing uses any more. */
static void close_unused(sim_binary *binary) {
  if (!binary->unloaded || binary->uses > 0) return;
  while (binary->functions != NULL) {
    sim_function *function = binary->functions;
    binary->functions = function->next;
    sim_slab_give(&sim_functions, function);
  }
  sim_binary_image_end(binary);
  sim_binary_variables_end(binary);
  dlclose(binary->library);
  sim_slab_give(&sim_binaries, binary);
}

void sim_binary_unuse(sim_binary *binary) {
  binary->uses--;
  close_unused(binary);
}

aclError sim_aclrtBinaryUnLoad(aclrtBinHandle handle) {
  sim_engine_lock();
  aclError error;
  sim_binary *binary = sim_binary_of(handle, &error);
  if (binary != NULL) {
    binary->unloaded = true; /* its handles end now; queued launches still run */
    close_unused(binary);
  }
  sim_engine_unlock();
  return error;
}

sim_function *sim_function_of(aclrtFuncHandle handle) {
  sim_function *function = sim_slab_find(&sim_functions, handle);
  if (__builtin_expect(function == NULL || function->binary->unloaded, 0)) {
    sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no kernel", handle);
    return NULL;
  }
  return function;
}

/* The function of a name, known or new. Lock held. */
static aclError find_function(sim_binary *binary, const char *name, sim_function **found) {
  for (sim_function *function = binary->functions; function != NULL; function = function->next) {
    if (strcmp(function->name, name) == 0) {
      *found = function;
      return ACL_SUCCESS;
    }
  }
  char work_name[sizeof(((sim_function *)0)->name) + 8], parameters_name[sizeof(((sim_function *)0)->name) + 16];
  if (strlen(name) >= sizeof(((sim_function *)0)->name)) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the kernel name is too long");
  snprintf(work_name, sizeof work_name, "%s__work", name);
  void *compute = dlsym(binary->library, name);
  void *work = dlsym(binary->library, work_name);
  if (compute == NULL || work == NULL) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the kernel binary has no %s", compute == NULL ? name : work_name);
  }
  sim_function *function = sim_slab_take(&sim_functions);
  if (function == NULL) return sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room for another kernel");
  function->binary = binary;
  /* POSIX gives functions as object pointers; this is its own way to turn them back. */
  memcpy(&function->compute, &compute, sizeof compute);
  memcpy(&function->work, &work, sizeof work);
  memcpy(function->name, name, strlen(name) + 1);
  snprintf(parameters_name, sizeof parameters_name, "%s__parameters", name);
  function->parameters = dlsym(binary->library, parameters_name);
  function->next = binary->functions;
  binary->functions = function;
  *found = function;
  return ACL_SUCCESS;
}

aclError sim_aclrtBinaryGetFunction(const aclrtBinHandle handle, const char *name, aclrtFuncHandle *function_handle) {
  sim_engine_lock();
  aclError error;
  sim_binary *binary = sim_binary_of(handle, &error);
  sim_function *function = NULL;
  if (binary != NULL) error = find_function(binary, name, &function);
  sim_engine_unlock();
  if (error == ACL_SUCCESS) *function_handle = function;
  return error;
}

aclError sim_aclrtGetFunctionName(aclrtFuncHandle handle, uint32_t room, char *name) {
  sim_function *function = sim_function_of(handle);
  if (function == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  size_t bytes = strlen(function->name) + 1;
  if (room < bytes) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the name takes %zu bytes, not %u", bytes, room);
  memcpy(name, function->name, bytes);
  return ACL_SUCCESS;
}
