// SPDX-License-Identifier: GPL-2.0
/*
 * A barrier for requests of several processes: each prepares its folios and waits
 * until all have. Waiting has two phases, because wakeups are slow and serialized:
 * participants sleep until the last one arrives, then spin until all are awake.
 *
 * After its calls, a participant waits again until all have made theirs: the
 * cleanup takes locks that the calls of others must not contend for.
 *
 * A barrier exists as long as one of its requests does. A participant that fails,
 * is killed or times out aborts it, and nobody is left waiting.
 */
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "counter.h"
#include "internal.h"

/* Bound on the final spin */
#define SPIN_MS		2000
/* @awake is set far below zero when a participant gives up. */
#define GIVEN_UP	(INT_MIN / 2)

/**
 * struct fsb_barrier_state - a barrier in use
 * @list: entry in fsb_barriers
 * @token: identifies it
 * @nr: number of participants that it waits for
 * @joined: participants so far
 * @members: participants that have not left yet
 * @runners: participants with folios to split
 * @finished: runners that have made their calls
 * @ready: participants that are prepared
 * @awake: participants that spin; GIVEN_UP if one of them gave up
 * @error: why it was aborted, -errno; 0: it was not
 * @wait: where prepared participants sleep
 * @mm: of each of @runners, only ever compared
 */
struct fsb_barrier_state {
	struct list_head list;
	u64 token;
	u32 nr;
	u32 joined;
	u32 members;
	u32 runners;
	atomic_t finished;
	atomic_t ready;
	atomic_t awake;
	int error;
	wait_queue_head_t wait;
	const struct mm_struct *mm[FSB_MAX_PARTICIPANTS];
};

static LIST_HEAD(fsb_barriers);
static DEFINE_MUTEX(fsb_barriers_lock);

/* Return: 0, or an error documented in folio_split_bench.h */
int fsb_barrier_validate(const struct fsb_barrier *barrier)
{
	if (!barrier->token)
		return 0;
	if (!barrier->nr || barrier->nr > FSB_MAX_PARTICIPANTS)
		return -EUSERS;
	if (!barrier->wait_ms || barrier->wait_ms > FSB_MAX_WAIT_MS)
		return -ETIME;
	return 0;
}

static struct fsb_barrier_state *fsb_barrier_find(u64 token)
{
	struct fsb_barrier_state *g;

	list_for_each_entry(g, &fsb_barriers, list) {
		if (g->token == token)
			return g;
	}
	return NULL;
}

/* May a participant join, which has folios of @mm to split? */
static int fsb_barrier_admit(const struct fsb_barrier_state *g, u32 nr,
			     const struct mm_struct *mm)
{
	u32 i;

	if (READ_ONCE(g->error))
		return -ECANCELED;
	if (g->nr != nr || g->joined == g->nr)
		return -EALREADY;
	for (i = 0; mm && i < g->runners; i++) {
		if (g->mm[i] == mm)
			return -EDEADLK;
	}
	return 0;
}

/**
 * fsb_barrier_join() - join a barrier; the first participant creates it
 * @barrier: its token and size
 * @mm: the address space whose folios this participant splits; NULL: it splits none
 *
 * Return: the barrier, for fsb_barrier_leave(); NULL if none was asked for;
 * -EALREADY if it is full or of another size, -EDEADLK if another participant has
 * the same @mm, -ECANCELED if it was aborted, -ENOMEM.
 */
struct fsb_barrier_state *fsb_barrier_join(const struct fsb_barrier *barrier,
					   const struct mm_struct *mm)
{
	struct fsb_barrier_state *g;
	int ret;

	if (!barrier->token)
		return NULL;
	mutex_lock(&fsb_barriers_lock);
	g = fsb_barrier_find(barrier->token);
	if (!g) {
		g = kzalloc_obj(*g, GFP_KERNEL_ACCOUNT);
		if (!g) {
			g = ERR_PTR(-ENOMEM);
			goto out;
		}
		g->token = barrier->token;
		g->nr = barrier->nr;
		init_waitqueue_head(&g->wait);
		list_add(&g->list, &fsb_barriers);
	}
	ret = fsb_barrier_admit(g, barrier->nr, mm);
	if (ret) {
		g = ERR_PTR(ret);
		goto out;
	}
	g->joined++;
	g->members++;
	if (mm)
		g->mm[g->runners++] = mm;
out:
	mutex_unlock(&fsb_barriers_lock);
	return g;
}

/* Spin until all are awake. Other tasks of this CPU may have to run for that. */
static int fsb_barrier_spin(struct fsb_barrier_state *g)
{
	unsigned long until = jiffies + msecs_to_jiffies(SPIN_MS);
	int awake = atomic_inc_return(&g->awake), ret;

	/* All continue or none does: giving up is atomic, and for all. */
	while (awake != g->nr) {
		if (awake < 0)
			return -ECANCELED;
		ret = 0;
		if (signal_pending(current))
			ret = -EINTR;
		else if (READ_ONCE(g->error))
			ret = -ECANCELED;
		else if (time_after(jiffies, until))
			ret = -ETIMEDOUT;
		if (ret && atomic_cmpxchg(&g->awake, awake, GIVEN_UP) == awake)
			return ret;
		cond_resched();
		cpu_relax();
		awake = atomic_read(&g->awake);
	}
	return 0;
}

/* Wake the others: they return -ECANCELED. */
static void fsb_barrier_abort(struct fsb_barrier_state *g, int error)
{
	cmpxchg(&g->error, 0, error);
	wake_up_all(&g->wait);
}

/* Increment @count, and sleep until it is @nr or the barrier is aborted. */
static long fsb_barrier_sleep(struct fsb_barrier_state *g, atomic_t *count, u32 nr,
			      u32 wait_ms)
{
	if (atomic_inc_return(count) == nr)
		wake_up_all(&g->wait);
	return wait_event_interruptible_timeout(g->wait,
						atomic_read(count) == nr ||
						READ_ONCE(g->error),
						msecs_to_jiffies(wait_ms));
}

/**
 * fsb_barrier_wait() - wait until all participants are prepared
 * @g: the barrier; NULL: return at once
 * @barrier: wait_ms is the timeout; released is set
 *
 * Return: 0 when all are; -EINTR, -ETIMEDOUT, -ECANCELED.
 */
int fsb_barrier_wait(struct fsb_barrier_state *g, struct fsb_barrier *barrier)
{
	long left;
	int ret = 0;

	if (!g)
		return 0;
	left = fsb_barrier_sleep(g, &g->ready, g->nr, barrier->wait_ms);
	if (left < 0)
		ret = -EINTR;
	else if (READ_ONCE(g->error))
		ret = -ECANCELED;
	else if (!left)
		ret = -ETIMEDOUT;
	else
		ret = fsb_barrier_spin(g);
	barrier->released = fsb_start();
	if (ret)
		fsb_barrier_abort(g, ret);
	return ret;
}

/**
 * fsb_barrier_wait_done() - wait until all participants have made their calls
 * @g: the barrier; NULL: return at once
 * @barrier: wait_ms is the timeout
 *
 * The caller's cleanup would disturb calls that are still being made. A participant
 * that aborts before all calls are made does not wait, and may disturb them: the
 * samples of all are invalid then. An abort after that is harmless.
 *
 * Return: 0 when all have; -EINTR, -ETIMEDOUT, -ECANCELED.
 */
int fsb_barrier_wait_done(struct fsb_barrier_state *g, const struct fsb_barrier *barrier)
{
	bool aborted;
	long left;
	int ret = 0;

	if (!g)
		return 0;
	/* Read before we are counted: an abort after the last one is harmless. */
	aborted = READ_ONCE(g->error);
	left = fsb_barrier_sleep(g, &g->finished, g->runners, barrier->wait_ms);
	if (left < 0)
		ret = -EINTR;
	else if (aborted)
		ret = -ECANCELED;
	else if (atomic_read(&g->finished) != g->runners)
		ret = left ? -ECANCELED : -ETIMEDOUT;
	if (ret)
		fsb_barrier_abort(g, ret);
	return ret;
}

/**
 * fsb_barrier_leave() - leave a barrier; the last participant frees it
 * @g: the barrier; may be NULL
 * @error: what the request returns; if not 0, the barrier is aborted
 */
void fsb_barrier_leave(struct fsb_barrier_state *g, int error)
{
	if (!g)
		return;
	mutex_lock(&fsb_barriers_lock);
	if (error)
		fsb_barrier_abort(g, error);
	if (!--g->members) {
		list_del(&g->list);
		kfree(g);
	}
	mutex_unlock(&fsb_barriers_lock);
}
