/* SPDX-License-Identifier: GPL-2.0 */
/* Which report prints the cells of a job */
#ifndef SPLITBENCH_JOB_REPORT_H
#define SPLITBENCH_JOB_REPORT_H

#include "report/table_parts.h"

extern const struct job_report *const job_reports[NR_JOBS];

#endif /* SPLITBENCH_JOB_REPORT_H */
