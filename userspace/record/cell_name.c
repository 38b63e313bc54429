// SPDX-License-Identifier: GPL-2.0
/* The names of cells, and the cells that they are compared with */
#include <string.h>

#include "record/job_facts.h"

/* @own: the job's own part of the name has the parameters that are BUILT_IN. */
static void add_param(struct cell *cell, const struct cell_param *p, bool own)
{
	unsigned int value = cell_param_value(p, cell);

	if (!cell_param_is_of(p, cell->job) ||
	    value == cell_param_usual(p, cell->job))
		return;
	if (p->texts)
		cell_add_name(cell, "%s", p->texts[value]);
	else if (p->format && p->words)
		cell_add_name(cell, p->format, p->words[value]);
	else if (p->format)
		cell_add_name(cell, p->format, value);
	else if (!own && p->words)
		cell_add_name(cell, "-%s", p->words[value]);
	else if (!own && !p->is_size)
		cell_add_name(cell, "-%s-%u", p->name, value);
}

void cell_set_name(struct cell *cell)
{
	const struct job_facts *facts = &job_facts[cell->job];
	bool own = facts->cells && facts->cells->set_name;

	*cell->name = '\0';
	if (own)
		facts->cells->set_name(cell);
	else
		cell_add_name(cell, "%s", facts->name);
	for (int i = 0; i < NR_PARAMS; i++)
		add_param(cell, &cell_param[i], own);
}

struct cell cell_split(unsigned int new_order)
{
	struct cell cell = cell_usual(JOB_SPLIT);

	cell.new_order = new_order;
	cell_set_name(&cell);
	return cell;
}

bool cell_base(const struct cell *cell, struct cell *base)
{
	const struct cell_ops *ops = job_facts[cell->job].cells;
	struct cell usual = cell_usual(cell->job);

	if (!ops || !ops->base)
		return false;
	*base = ops->base(cell, &usual);
	cell_set_name(base);
	return strcmp(base->name, cell->name);
}
