// SPDX-License-Identifier: GPL-2.0
/* Calls by their entries and returns: pairs, results, and what is within what */
#include "analysis/watched.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>

#include "util/util.h"

/**
 * struct task - calls of a task that have begun
 * @id: of the task
 * @open: bit of each function that it is in
 * @since: when it entered them
 * @order: of the folio
 * @new_order: that it is to be split to
 * @inside: time of splits since it entered the one of WATCHED_PAGES
 * @nr_inside: how many
 */
struct task {
	int id;
	unsigned int open;
	uint64_t since[WATCHED_MAX];
	int order[WATCHED_MAX];
	int new_order[WATCHED_MAX];
	uint64_t inside;
	uint64_t nr_inside;
};

static int by_id(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

struct watched *watched_new(void)
{
	struct watched *w = calloc(1, sizeof(*w));

	if (!w)
		die(EXIT_HARNESS, "out of memory");
	return w;
}

void watched_free(struct watched *w)
{
	for (unsigned int i = 0; i < w->nr; i++)
		stats_hist_free(w->calls[i].hist);
	tdestroy(w->tasks, free);
	free(w);
}

unsigned int watched_add(struct watched *w, const char *name, const char *title,
			 enum watched_role role)
{
	w->calls[w->nr] = (struct watched_calls){
		.name = name, .title = title, .role = role, .hist = stats_hist_new(),
	};
	return w->nr++;
}

static struct task *find(struct watched *w, int id)
{
	struct task key = { .id = id }, **found = tfind(&key, &w->tasks, by_id);

	return found ? *found : NULL;
}

static struct task *find_or_add(struct watched *w, int id)
{
	struct task *task = find(w, id);

	if (task)
		return task;
	task = calloc(1, sizeof(*task));
	if (task)
		task->id = id;
	if (!task || !tsearch(task, &w->tasks, by_id))
		die(EXIT_HARNESS, "out of memory");
	return task;
}

/* Tasks come and go: who is in no call is forgotten. */
static void forget_idle(struct watched *w, struct task *task)
{
	if (task->open)
		return;
	tdelete(task, &w->tasks, by_id);
	free(task);
}

void watched_enter(struct watched *w, int task, unsigned int function, uint64_t when,
		   int order, int new_order)
{
	struct task *t = find_or_add(w, task);

	/* None of them calls itself: the return was missed. */
	if (t->open & 1U << function)
		w->calls[function].partial++;
	t->open |= 1U << function;
	t->since[function] = when;
	t->order[function] = order;
	t->new_order[function] = new_order;
	if (w->calls[function].role == WATCHED_PAGES) {
		t->inside = 0;
		t->nr_inside = 0;
	}
}

static void count_result(struct watched *w, const struct watched_result *is)
{
	for (unsigned int i = 0; i < w->nr_results; i++) {
		struct watched_result *r = &w->results[i];

		if (r->function == is->function && r->order == is->order &&
		    r->new_order == is->new_order && r->result == is->result) {
			r->n++;
			return;
		}
	}
	if (w->nr_results < WATCHED_MAX_RESULTS)
		w->results[w->nr_results++] = *is;
	else
		w->more_results++;
}

static bool is_in_pages(const struct watched *w, const struct task *t)
{
	for (unsigned int i = 0; i < w->nr; i++) {
		if (w->calls[i].role == WATCHED_PAGES && t->open & 1U << i)
			return true;
	}
	return false;
}

void watched_leave(struct watched *w, int task, unsigned int function, uint64_t when,
		   const int *result)
{
	struct watched_calls *calls = &w->calls[function];
	struct task *t = find(w, task);
	uint64_t ticks;

	if (!t || !(t->open & 1U << function)) {
		calls->partial++;
		return;
	}
	t->open &= ~(1U << function);
	ticks = when - t->since[function];
	if (when < t->since[function] || stats_hist_add(calls->hist, ticks)) {
		calls->partial++;
		forget_idle(w, t);
		return;
	}
	calls->total += ticks;
	if (result) {
		calls->errors += *result != 0;
		count_result(w, &(struct watched_result){
			.function = function, .order = t->order[function],
			.new_order = t->new_order[function], .result = *result, .n = 1,
		});
	}
	if (calls->role == WATCHED_PAGES) {
		w->inside += t->inside;
		w->nr_inside += t->nr_inside;
	} else if (calls->role == WATCHED_SPLIT) {
		if (is_in_pages(w, t)) {
			t->inside += ticks;
			t->nr_inside++;
		} else {
			w->nr_outside++;
		}
	}
	forget_idle(w, t);
}

static void count_open(const void *node, VISIT visit, void *watched)
{
	const struct task *t = *(struct task *const *)node;
	struct watched *w = watched;

	if (visit != postorder && visit != leaf)
		return;
	for (unsigned int i = 0; i < w->nr; i++)
		w->calls[i].partial += t->open >> i & 1;
}

void watched_gap(struct watched *w)
{
	twalk_r(w->tasks, count_open, w);
	tdestroy(w->tasks, free);
	w->tasks = NULL;
}

void watched_end(struct watched *w)
{
	watched_gap(w);
}

uint64_t watched_total(const struct watched *w, enum watched_role role)
{
	uint64_t total = 0;

	for (unsigned int i = 0; i < w->nr; i++)
		total += w->calls[i].role == role ? w->calls[i].total : 0;
	return total;
}

uint64_t watched_n(const struct watched *w, enum watched_role role)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < w->nr; i++)
		n += w->calls[i].role == role ? stats_hist_n(w->calls[i].hist) : 0;
	return n;
}

double watched_share(const struct watched *w, bool whole)
{
	uint64_t all = watched_total(w, WATCHED_PAGES);

	if (whole)
		all += watched_total(w, WATCHED_SETUP) + watched_total(w, WATCHED_FINALIZE);
	return all ? (double)w->inside / all : NAN;
}
