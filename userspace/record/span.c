// SPDX-License-Identifier: GPL-2.0
/* When the threads of a round were in their calls */
#include "record/span.h"

uint64_t span_skew(const uint64_t span[][2], unsigned int threads)
{
	uint64_t last = 0;

	for (unsigned int i = 0; i < threads; i++)
		last = span[i][0] > last ? span[i][0] : last;
	return last;
}

double span_overlap(const uint64_t span[][2], unsigned int threads)
{
	uint64_t begins = span_skew(span, threads), ends = UINT64_MAX, all = 0;

	for (unsigned int i = 0; i < threads; i++) {
		ends = span[i][1] < ends ? span[i][1] : ends;
		all = span[i][1] > all ? span[i][1] : all;
	}
	return ends > begins ? (double)(ends - begins) / all : 0;
}
