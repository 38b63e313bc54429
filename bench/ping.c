// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt a CPU repeatedly and time its responses: by how much one exceeds the
 * fastest is how long that CPU had interrupts disabled.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include "counter.h"
#include "internal.h"

static void fsb_respond(void *unused)
{
}

static int fsb_ping_once(u32 cpu, struct fsb_sample *sample)
{
	struct fsb_noise noise;
	u64 end;

	fsb_noise_read(&noise);
	sample->cpu = noise.cpu;
	sample->start = fsb_start();
	sample->ret = smp_call_function_single(cpu, fsb_respond, NULL, 1);
	end = fsb_end();
	sample->ticks = end - sample->start;
	sample->disturbed = fsb_noise_since(&noise);
	return sample->ret ? -ENODEV : 0;
}

static int fsb_ping_all(const struct fsb_ping *req, struct fsb_sample *samples)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < req->nr && !ret; i++) {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		ret = fsb_ping_once(req->cpu, &samples[i]);
	}
	return ret;
}

static int fsb_ping_validate(const struct fsb_ping *req)
{
	if (req->nr > FSB_MAX_PINGS)
		return -E2BIG;
	if (req->reserved)
		return -EBADRQC;
	if (req->cpu >= nr_cpu_ids || !cpu_online(req->cpu))
		return -ENODEV;
	return 0;
}

static int fsb_ping_in_barrier(struct fsb_ping *req, struct fsb_barrier_state *barrier,
			       struct fsb_sample **samples)
{
	int ret = fsb_ping_validate(req);

	if (ret)
		return ret;
	if (req->nr) {
		*samples = kvcalloc(req->nr, sizeof(**samples),
				    GFP_KERNEL_ACCOUNT);
		if (!*samples)
			return -ENOMEM;
	}
	ret = fsb_barrier_wait(barrier, &req->barrier);
	return ret ? ret : fsb_ping_all(req, *samples);
}

/* FSB_IOC_PING. Return: 0, or an error documented in folio_split_bench.h */
long fsb_ping(struct fsb_ping __user *user)
{
	struct fsb_sample *samples = NULL;
	struct fsb_barrier_state *barrier;
	struct fsb_ping req;
	int ret;

	if (copy_from_user(&req, user, sizeof(req)))
		return -EFAULT;
	if (req.version != FSB_VERSION)
		return -EPROTONOSUPPORT;
	ret = fsb_barrier_validate(&req.barrier);
	if (ret)
		return ret;
	barrier = fsb_barrier_join(&req.barrier, NULL);
	if (IS_ERR(barrier))
		return PTR_ERR(barrier);
	ret = fsb_ping_in_barrier(&req, barrier, &samples);
	fsb_barrier_leave(barrier, ret);
	if (!ret && (copy_to_user(u64_to_user_ptr(req.samples), samples,
				  req.nr * sizeof(*samples)) ||
		     copy_to_user(user, &req, sizeof(req))))
		ret = -EFAULT;
	kvfree(samples);
	return ret;
}
