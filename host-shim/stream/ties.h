/*
 * Graphs that record events for what runs outside of them, or wait for such events: to other operators a run of theirs
 * is a record or a wait itself, at the call that queues it, and nothing may go the other way round.
 */
#ifndef FX_TIES_H
#define FX_TIES_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"

/*
 * In place of a flag of aclrtRecordEventWithFlag or aclrtStreamWaitEventWithFlag: the operator stands for what a run of a
 * graph does, beside it, and does nothing itself.
 */
#define FX_TIED 0x80000000u

typedef struct fx_tie {
  aclrtEvent event;
  bool records;
} fx_tie;

typedef struct fx_ties {
  fx_tie *ties; /* the caller's to free */
  uint32_t count;
} fx_ties;

/*
 * A node of the graph records the event, or waits for it; NULL: that was tried, and settles how the event is used all the
 * same. Without memory it is a fault.
 */
void fx_tie_add(aclmdlRI graph, fx_tie tie);

/* What runs of the graph are tied to; costs nothing where no graph is. */
fx_ties fx_ties_of(aclmdlRI graph);

/* Whether the event is, or was: the real library may refuse other uses. */
bool fx_event_tied(aclrtEvent event);

/* Whether any graph is tied to anything. */
bool fx_ties_any(void);

/* It ends; another may come at its address. */
void fx_ties_forget_graph(aclmdlRI graph);
void fx_ties_forget_event(aclrtEvent event);

#endif
