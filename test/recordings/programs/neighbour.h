/* A second thread of the program with a stream of its own, so that the operators of the recording have competition. */
#ifndef NEIGHBOUR_H
#define NEIGHBOUR_H

/* Begins, in the caller's context. */
void neighbour_begin(void);
/* Lets it issue one more operator, while it is there. */
void neighbour_go(void);
/* Ends it, and says how many it issued and what they left in memory. */
void neighbour_end(void);

#endif
