// SPDX-License-Identifier: GPL-2.0
/*
 * A barrier for requests: each has its folios prepared and waits until all of
 * its team have. It has two parts, for waking up takes long, and one after
 * the other: those who are there sleep until the last one comes, and then
 * spin until all are awake.
 *
 * Who has made its calls waits again, until all have: what a request does
 * after them takes locks that the calls of others are to find free.
 *
 * A team is there as long as one of its requests is. Who fails, is killed or
 * has waited long enough breaks it up, and none of those in it is left waiting.
 */
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "counter.h"
#include "internal.h"

/* Awake, the others are not far. */
#define SPIN_MS		2000
/* What the number of those awake is far below zero for: one has given up. */
#define GIVEN_UP	(INT_MIN / 2)

/**
 * struct fsb_gathering - a team
 * @list: among all teams
 * @token: its own
 * @nr: how many it is to have
 * @joined: how many have come so far
 * @members: how many have not left yet
 * @runners: how many have folios to split
 * @finished: how many of these have made their calls
 * @ready: how many are prepared
 * @awake: how many of these spin
 * @error: why it was broken up, -errno; 0: it was not
 * @wait: where those who are ready sleep
 * @mm: of each of @runners, to be compared with only
 */
struct fsb_gathering {
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
	const struct mm_struct *mm[FSB_MAX_TEAM];
};

static LIST_HEAD(fsb_teams);
static DEFINE_MUTEX(fsb_teams_lock);

/* Return: 0, or the refusal that folio_split_bench.h tells of */
int fsb_team_validate(const struct fsb_team *team)
{
	if (!team->token)
		return 0;
	if (!team->nr || team->nr > FSB_MAX_TEAM)
		return -EUSERS;
	if (!team->wait_ms || team->wait_ms > FSB_MAX_WAIT_MS)
		return -ETIME;
	return 0;
}

static struct fsb_gathering *fsb_team_find(u64 token)
{
	struct fsb_gathering *g;

	list_for_each_entry(g, &fsb_teams, list) {
		if (g->token == token)
			return g;
	}
	return NULL;
}

/* Can one more come, who has folios of @mm to split? */
static int fsb_team_admit(const struct fsb_gathering *g, u32 nr,
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
 * fsb_team_join() - be one of a team; the first one founds it
 * @team: which
 * @mm: this one has folios of it to split; NULL: it has none
 *
 * Return: the team, to be left; NULL if there is to be none; -EALREADY if it is
 * full or of another size, -EDEADLK if another one of @mm is in it, -ECANCELED if
 * it was broken up, -ENOMEM.
 */
struct fsb_gathering *fsb_team_join(const struct fsb_team *team,
				    const struct mm_struct *mm)
{
	struct fsb_gathering *g;
	int ret;

	if (!team->token)
		return NULL;
	mutex_lock(&fsb_teams_lock);
	g = fsb_team_find(team->token);
	if (!g) {
		g = kzalloc_obj(*g, GFP_KERNEL_ACCOUNT);
		if (!g) {
			g = ERR_PTR(-ENOMEM);
			goto out;
		}
		g->token = team->token;
		g->nr = team->nr;
		init_waitqueue_head(&g->wait);
		list_add(&g->list, &fsb_teams);
	}
	ret = fsb_team_admit(g, team->nr, mm);
	if (ret) {
		g = ERR_PTR(ret);
		goto out;
	}
	g->joined++;
	g->members++;
	if (mm)
		g->mm[g->runners++] = mm;
out:
	mutex_unlock(&fsb_teams_lock);
	return g;
}

/* Until all are awake. Others of our CPU may have to run for that. */
static int fsb_team_spin(struct fsb_gathering *g)
{
	unsigned long until = jiffies + msecs_to_jiffies(SPIN_MS);
	int awake = atomic_inc_return(&g->awake), ret;

	/* All of them go on, or none: who gives up does so for all. */
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

/* The others need not wait any longer. */
static void fsb_team_break(struct fsb_gathering *g, int error)
{
	cmpxchg(&g->error, 0, error);
	wake_up_all(&g->wait);
}

/* Be one more of @count, and sleep until it is @nr or the team is broken up. */
static long fsb_team_wait(struct fsb_gathering *g, atomic_t *count, u32 nr,
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
 * fsb_team_meet() - wait for the others
 * @g: the team; NULL: there is none to wait for
 * @team: released is set
 *
 * Return: 0 when all are there; -EINTR, -ETIMEDOUT, -ECANCELED.
 */
int fsb_team_meet(struct fsb_gathering *g, struct fsb_team *team)
{
	long left;
	int ret = 0;

	if (!g)
		return 0;
	left = fsb_team_wait(g, &g->ready, g->nr, team->wait_ms);
	if (left < 0)
		ret = -EINTR;
	else if (READ_ONCE(g->error))
		ret = -ECANCELED;
	else if (!left)
		ret = -ETIMEDOUT;
	else
		ret = fsb_team_spin(g);
	team->released = fsb_start();
	if (ret)
		fsb_team_break(g, ret);
	return ret;
}

/**
 * fsb_team_finish() - wait until the others have made their calls, too
 * @g: the team; NULL: there is none to wait for
 * @team: tells how long at most
 *
 * Ours are made, but what we do next would be in the way of who still is at it.
 * Who breaks the team up before all have made theirs does not wait either, and is
 * in the way: then no one's are good. Whatever comes after that is no matter.
 *
 * Return: 0 when all have; -EINTR, -ETIMEDOUT, -ECANCELED.
 */
int fsb_team_finish(struct fsb_gathering *g, const struct fsb_team *team)
{
	bool broken;
	long left;
	int ret = 0;

	if (!g)
		return 0;
	/* Before we count as one: after the last one does, it is too late for it. */
	broken = READ_ONCE(g->error);
	left = fsb_team_wait(g, &g->finished, g->runners, team->wait_ms);
	if (left < 0)
		ret = -EINTR;
	else if (broken)
		ret = -ECANCELED;
	else if (atomic_read(&g->finished) != g->runners)
		ret = left ? -ECANCELED : -ETIMEDOUT;
	if (ret)
		fsb_team_break(g, ret);
	return ret;
}

/**
 * fsb_team_leave() - be no longer one of it
 * @g: the team; may be NULL
 * @error: what the request returns: if not 0, the others need not wait
 */
void fsb_team_leave(struct fsb_gathering *g, int error)
{
	if (!g)
		return;
	mutex_lock(&fsb_teams_lock);
	if (error)
		fsb_team_break(g, error);
	if (!--g->members) {
		list_del(&g->list);
		kfree(g);
	}
	mutex_unlock(&fsb_teams_lock);
}
