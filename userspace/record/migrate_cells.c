// SPDX-License-Identifier: GPL-2.0
/* The cells of the job migrate: names, checks, what they are compared with */
#include "record/cell.h"

/* A fragmented machine has no room for more THPs than these. */
#define FRAGMENT_MAX_THPS	64

static void set_name(struct cell *cell)
{
	cell_add_name(cell, "%s-%s-%u", cell_directions[cell->direction],
		      cell_kinds[cell->kind], cell->thps);
	if (cell->threads > 1)
		cell_add_name(cell, "-t%u", cell->threads);
}

static const char *check(const struct cell *cell)
{
	uint64_t thps = (uint64_t)cell->thps * cell->threads;

	if (cell->devices > cell->threads)
		return "there are more devices than threads";
	if (thps > 256)
		return "thps times threads is 256 at most";
	if (thps * cell->reps > 1024)
		return "thps times threads times reps is 1024 at most";
	if (cell->kind == KIND_FRAGMENT &&
	    (cell->threads > 1 ||
	     thps * cell->reps * ((uint64_t)cell->blocks + cell->warmup) >
	     FRAGMENT_MAX_THPS))
		return "fragment has one thread, and 64 THPs of each arm at most";
	return NULL;
}

/* On a clock, each of three passes has its warm-up. */
static uint64_t seconds(const struct cell *cell)
{
	uint64_t blocks = cell->blocks + UINT64_C(3) * cell->warmup;

	return (blocks * cell->reps * 3 + 8) * cell->thps * cell->threads / 3 +
	       (cell->kind == KIND_FRAGMENT ? 120 : 20);
}

static void add_first(json_t *doc, const struct cell *cell)
{
	json_object_set_new(doc, "folio", json_string(cell->direction == TO_DEV ?
						      "anon" : "device-private"));
	json_object_set_new(doc, "order", json_integer(cell->kind == KIND_PAGES ? 0 : 9));
	json_object_set_new(doc, "new_order", json_integer(cell->kind == KIND_NONE ? 9 : 0));
}

/* The migration of whole THPs */
static struct cell base(const struct cell *cell, const struct cell *usual)
{
	struct cell whole = *cell;

	(void)usual;
	whole.kind = KIND_NONE;
	return whole;
}

const struct cell_ops migrate_cells = {
	.set_name = set_name, .check = check, .seconds = seconds,
	.add_first = add_first, .base = base,
};
