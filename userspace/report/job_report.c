// SPDX-License-Identifier: GPL-2.0
/* The reports that the rows of record/jobs.h name */
#include "report/job_report.h"

#define JOB_ROW(id, name, report, ...)	\
	[JOB_##id] = &(report),

const struct job_report *const job_reports[NR_JOBS] = {
#include "record/jobs.h"
};
