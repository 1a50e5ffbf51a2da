/* Graphs that this program captured. */
#ifndef FX_CAPTURED_H
#define FX_CAPTURED_H

#include <stdbool.h>

#include "acl/acl.h"

/* Whether the graph was captured here and lives. Others may be right, too. */
bool fx_graph_known(aclmdlRI graph);

#endif
