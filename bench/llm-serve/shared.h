/*
 * Memory that the process has in common with those it makes by fork, and locks in it. It lasts as long as they do: nothing
 * of it is given back.
 */
#ifndef SERVE_SHARED_H
#define SERVE_SHARED_H

#include <pthread.h>
#include <stddef.h>

/* Zeroed; ends the program where there is none. */
void *shared_array(size_t count, size_t size);

void shared_lock_begin(pthread_mutex_t *lock, pthread_cond_t *changed);

#endif
