// SPDX-License-Identifier: GPL-2.0
/* A pattern for every byte of a THP, written and compared */
#include "sys/pattern.h"

#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/util.h"

struct pattern pattern_new(size_t size, uint64_t seed)
{
	struct pattern p = {
		.base = malloc(size), .size = size,
		.page_size = sysconf(_SC_PAGESIZE),
	};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	if (!p.base || !rng)
		die(EXIT_HARNESS, "out of memory");
	gsl_rng_set(rng, seed);
	for (size_t i = 0; i < size; i += sizeof(uint32_t)) {
		uint32_t word = gsl_rng_get(rng);

		memcpy(p.base + i, &word, sizeof(word));
	}
	gsl_rng_free(rng);
	return p;
}

void pattern_free(struct pattern *p)
{
	free(p->base);
}

/* The first word of a page: of this page of this THP, and no other's. */
static uint64_t stamp_of(uint64_t stamp, size_t page)
{
	return (stamp * 512 + page + 1) * 0x9e3779b97f4a7c15ULL;
}

void pattern_fill(const struct pattern *p, void *to, uint64_t stamp)
{
	memcpy(to, p->base, p->size);
	for (size_t page = 0; page < p->size / p->page_size; page++) {
		uint64_t word = stamp_of(stamp, page);

		memcpy((char *)to + page * p->page_size, &word, sizeof(word));
	}
}

size_t pattern_wrong(const struct pattern *p, const void *is, uint64_t stamp)
{
	size_t wrong = 0;

	for (size_t page = 0; page < p->size / p->page_size; page++) {
		const char *at = (const char *)is + page * p->page_size;
		uint64_t word = stamp_of(stamp, page);

		wrong += memcmp(at, &word, sizeof(word)) ||
			 memcmp(at + sizeof(word),
				p->base + page * p->page_size + sizeof(word),
				p->page_size - sizeof(word));
	}
	return wrong;
}
