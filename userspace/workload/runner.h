/* SPDX-License-Identifier: GPL-2.0 */
/* All cells of a boot, by their jobs, into the boot's record */
#ifndef SPLITBENCH_RUNNER_H
#define SPLITBENCH_RUNNER_H

#include "workload/job.h"

/* Measure all cells of a boot, into that run's folder. */
void measure_boot(struct measure *m, const char *run_dir);

#endif /* SPLITBENCH_RUNNER_H */
