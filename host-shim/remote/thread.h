/* Threads of ours in the client's process. */
#ifndef FX_REMOTE_THREAD_H
#define FX_REMOTE_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* Starts one that nobody waits for; false where there is none to be had. Signals of the program are not for it. */
static inline bool fx_thread_start(void *(*work)(void *)) {
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_create(&thread, NULL, work, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (started) (void)pthread_detach(thread);
  return started;
}

#endif
