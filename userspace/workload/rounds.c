// SPDX-License-Identifier: GPL-2.0
/* The rounds of a block, and what a repeated one follows */
#include "workload/rounds.h"

#include "record/arm.h"

void rounds_run(const uint8_t *order, unsigned int nr, const struct round_ops *ops,
		void *data)
{
	for (unsigned int i = 0; i < nr; i++) {
		while (!ops->run(data, i, order[i])) {
			if (i && order[i] != ARM_EMPTY)
				ops->precede(data, i, order[i - 1]);
		}
	}
}
