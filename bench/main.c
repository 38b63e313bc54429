// SPDX-License-Identifier: GPL-2.0
/*
 * folio_split_bench: time single calls of the split of an unmapped folio
 *
 * A file in debugfs, for root. Each request is self-contained: it isolates THPs of
 * the caller, splits them back to back, and restores them, so that nothing outlives
 * the request, even if the caller is killed. No kernel address is exposed.
 */
#include <linux/cacheflush.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* A split that fails so often is at fault, and not a transient reference */
#define FSB_TRIES	3
/* How long to wait for a transient reference to be dropped, each time, us */
#define FSB_PAUSE_US	500

static struct dentry *fsb_file;

/**
 * struct fsb_work - the state of a request
 * @mm: of the caller
 * @req: the request
 * @folios: the folios, in the order of their addresses
 * @samples: their samples
 * @arms: their arms
 * @pfns: src and dst arrays of all of them
 * @events: counters; NULL: none
 * @spoiler: what evicts the caches before each call; NULL: nothing
 * @barrier: where to wait for other requests; NULL: nowhere
 * @transient_ref: a folio had a reference that was dropped within milliseconds
 */
struct fsb_work {
	struct mm_struct *mm;
	struct fsb_run req;
	struct fsb_folio *folios;
	struct fsb_sample *samples;
	unsigned long *pfns;
	struct fsb_events *events;
	struct fsb_spoiler *spoiler;
	struct fsb_barrier_state *barrier;
	bool transient_ref;
	u8 arms[FSB_MAX_FOLIOS];
};

/* FSB_RUN_MAPPED is of whole THPs, and whether one is in the swapcache is not chosen. */
static int fsb_validate_flags(const struct fsb_run *req)
{
	const u32 cache = FSB_RUN_COLD | FSB_RUN_WARM;

	if (req->flags & ~(FSB_RUN_MAPPED | FSB_RUN_SWAPCACHE | cache))
		return -EBADRQC;
	if ((req->flags & cache) == cache)
		return -EBADRQC;
	if (req->flags & FSB_RUN_MAPPED && req->flags & FSB_RUN_SWAPCACHE)
		return -EBADRQC;
	if (req->flags & FSB_RUN_COLD && !IS_ENABLED(CONFIG_X86))
		return -EOPNOTSUPP;
	return 0;
}

/* An anonymous folio of order 1 does not exist. */
static int fsb_validate_orders(const struct fsb_run *req)
{
	if (req->order < 2 || req->order > HPAGE_PMD_ORDER)
		return -ECHRNG;
	if (req->flags & FSB_RUN_MAPPED && req->order != HPAGE_PMD_ORDER)
		return -ECHRNG;
	if (req->new_order == 1 || req->new_order >= req->order)
		return -ERANGE;
	if (req->flags & FSB_RUN_SWAPCACHE && req->new_order)
		return -ERANGE;
	return 0;
}

static int fsb_validate(const struct fsb_run *req)
{
	int ret;

	if (!req->nr || req->nr > FSB_MAX_FOLIOS)
		return -E2BIG;
	ret = fsb_validate_flags(req);
	if (!ret)
		ret = fsb_validate_orders(req);
	if (ret)
		return ret;
	if (req->slow_loops > FSB_MAX_SLOW)
		return -EDOM;
	if (req->spoil_kib > FSB_MAX_SPOIL_KIB)
		return -EFBIG;
	if (req->nr_events > FSB_MAX_EVENTS)
		return -ENOBUFS;
	if (!IS_ALIGNED(req->addr, HPAGE_PMD_SIZE))
		return -EINVAL;
	return 0;
}

static enum fsb_state fsb_state(const struct fsb_work *w)
{
	return w->req.flags & FSB_RUN_MAPPED ? FSB_MAPPED : FSB_UNMAPPED;
}

static int fsb_read_arms(struct fsb_work *w)
{
	u32 i;

	if (copy_from_user(w->arms, u64_to_user_ptr(w->req.arms), w->req.nr))
		return -EFAULT;
	for (i = 0; i < w->req.nr; i++) {
		if (w->arms[i] >= fsb_nr_ops)
			return -ENXIO;
		if (!fsb_ops[w->arms[i]].run[fsb_state(w)])
			return -EOPNOTSUPP;
	}
	return 0;
}

static int fsb_alloc(struct fsb_work *w)
{
	const u32 nr = w->req.nr;
	u32 i;

	w->folios = kvcalloc(nr, sizeof(*w->folios), GFP_KERNEL_ACCOUNT);
	w->samples = kvcalloc(nr, sizeof(*w->samples), GFP_KERNEL_ACCOUNT);
	w->pfns = kvcalloc(nr, 2 * HPAGE_PMD_NR * sizeof(*w->pfns),
			   GFP_KERNEL_ACCOUNT);
	if (!w->folios || !w->samples || !w->pfns)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		struct migrate_vma *args = &w->folios[i].args;

		args->src = w->pfns + 2 * i * HPAGE_PMD_NR;
		args->dst = args->src + HPAGE_PMD_NR;
	}
	return 0;
}

static void fsb_free(struct fsb_work *w)
{
	fsb_events_free(w->events);
	fsb_spoiler_free(w->spoiler);
	kvfree(w->folios);
	kvfree(w->samples);
	kvfree(w->pfns);
	kfree(w);
}

static struct vm_area_struct *fsb_find_vma(struct fsb_work *w)
{
	unsigned long size = w->req.nr * HPAGE_PMD_SIZE;
	struct vm_area_struct *vma;
	unsigned long end;

	if (check_add_overflow((unsigned long)w->req.addr, size, &end))
		return ERR_PTR(-ENOMEM);
	vma = vma_lookup(w->mm, w->req.addr);
	if (!vma || end > vma->vm_end)
		return ERR_PTR(-ENOMEM);
	if (!vma_is_anonymous(vma) ||
	    (vma->vm_flags & (VM_SPECIAL | VM_SHARED)))
		return ERR_PTR(-EMEDIUMTYPE);
	return vma;
}

/* Flush or read the struct pages, as requested. */
static void fsb_set_caches(const struct fsb_work *w, const struct fsb_folio *f)
{
	struct page *page = folio_page(f->folio, 0) + f->first;
	const unsigned long size = sizeof(*page) << f->order;
	unsigned long i;

#ifdef CONFIG_X86
	if (w->req.flags & FSB_RUN_COLD)
		clflush_cache_range(page, size);
#endif
	if (w->req.flags & FSB_RUN_WARM) {
		for (i = 0; i < size; i += sizeof(unsigned long))
			READ_ONCE(*(unsigned long *)((char *)page + i));
	}
}

/* The timed part. Nothing is locked, allocated or printed between the calls. */
static void fsb_measure(struct fsb_work *w)
{
	const enum fsb_state state = fsb_state(w);
	struct fsb_noise noise;
	u32 i;

	fsb_events_start(w->events);
	for (i = 0; i < w->req.nr; i++) {
		struct fsb_sample *sample = &w->samples[i];

		fsb_spoil(w->spoiler);
		fsb_set_caches(w, &w->folios[i]);
		fsb_noise_read(&noise);
		sample->cpu = noise.cpu;
		fsb_ops[w->arms[i]].run[state](w->folios[i].target, &w->req,
					       sample);
		sample->disturbed = fsb_noise_since(&noise);
	}
	fsb_events_stop(w->events, &w->req);
}

/* Check a folio; if it has an extra reference, wait a little for that to be dropped. */
static void fsb_check_one(struct fsb_work *w, u32 i)
{
	struct fsb_sample *sample = &w->samples[i];
	const u32 before = sample->fault;
	u32 tries;

	for (tries = 0; tries < FSB_TRIES; tries++) {
		sample->fault = before;
		fsb_check(&w->folios[i], sample);
		if (sample->fault != FSB_FAULT_REFS)
			break;
		usleep_range(FSB_PAUSE_US, 2 * FSB_PAUSE_US);
	}
	w->transient_ref |= tries && !sample->fault;
}

static void fsb_check_all(struct fsb_work *w)
{
	u64 start = fsb_start();
	u32 i;

	for (i = 0; i < w->req.nr; i++) {
		struct fsb_sample *sample = &w->samples[i];

		if (sample->ret)
			sample->fault |= FSB_FAULT_RETURN;
		else if (fsb_ops[w->arms[i]].splits)
			w->folios[i].new_order = w->req.new_order;
		if (fsb_state(w) == FSB_MAPPED)
			fsb_check_mapped(&w->folios[i], sample);
		else
			fsb_check_one(w, i);
		if (fsb_ops[w->arms[i]].undo && !sample->ret)
			fsb_ops[w->arms[i]].undo(w->folios[i].target);
	}
	w->req.check_ticks = fsb_end() - start;
}

/* Would a call that returned -EAGAIN do so again, without an extra reference? */
static bool fsb_refuses(const struct fsb_work *w, u32 i)
{
	const struct fsb_op *op = &fsb_ops[w->arms[i]];
	struct folio *folio = w->folios[i].target;
	struct fsb_sample again;
	u32 tries;

	for (tries = 0; tries < FSB_TRIES; tries++) {
		if (folio_ref_count(folio) !=
		    folio_expected_ref_count(folio) + 1)
			return false;
		op->run[FSB_UNMAPPED](folio, &w->req, &again);
		if (!again.ret && op->undo)
			op->undo(folio);
		if (again.ret != -EAGAIN)
			return again.ret != 0;
	}
	return true;
}

/*
 * Was a call disturbed by a transient reference? A mapped folio can get one at any
 * time between our check and the split, which then fails as it should. An unmapped
 * folio can get one from the shrinker of the deferred split list, or from swapoff,
 * that is dropped before we check.
 */
static int fsb_disturbed(const struct fsb_work *w)
{
	u32 i;

	for (i = 0; i < w->req.nr; i++) {
		if (w->samples[i].ret == -EAGAIN &&
		    (fsb_state(w) == FSB_MAPPED || !fsb_refuses(w, i)))
			return -EBUSY;
	}
	return w->transient_ref ? -EBUSY : 0;
}

/*
 * Did a call break a guarantee? That takes precedence over any other result. After
 * -EAGAIN, the extra reference and the return value are no faults.
 */
static bool fsb_has_fault(const struct fsb_work *w)
{
	const u32 reference = FSB_FAULT_RETURN | FSB_FAULT_REFS;
	u32 i;

	for (i = 0; i < w->req.nr; i++) {
		const struct fsb_sample *sample = &w->samples[i];

		if (sample->ret == -EAGAIN ?
		    fsb_state(w) == FSB_UNMAPPED && sample->fault & ~reference :
		    sample->fault)
			return true;
	}
	return false;
}

static unsigned long fsb_addr(const struct fsb_work *w, u32 i)
{
	return w->req.addr + i * HPAGE_PMD_SIZE;
}

static int fsb_take_one(struct fsb_work *w, u32 i, struct vm_area_struct *vma)
{
	int ret;

	if (fatal_signal_pending(current))
		return -EINTR;
	if (fsb_state(w) == FSB_MAPPED)
		return fsb_take_mapped(&w->folios[i], vma, fsb_addr(w, i));
	ret = fsb_take(&w->folios[i], vma, fsb_addr(w, i), &w->req);
	if (ret)
		return ret;
	ret = fsb_supports(&w->folios[i], &w->req);
	if (ret)
		fsb_put_back(&w->folios[i], &w->req);
	return ret;
}

static void fsb_put_back_one(struct fsb_work *w, u32 i)
{
	if (fsb_state(w) == FSB_MAPPED)
		fsb_put_back_mapped(&w->folios[i]);
	else
		fsb_put_back(&w->folios[i], &w->req);
}

/*
 * Isolate all folios before the first PMD is split: if one cannot be isolated, the
 * others are restored as PMD-mapped. The barrier comes last, so that nothing is left
 * to do between it and the first call. Return: how many were isolated.
 */
static u32 fsb_prepare(struct fsb_work *w, struct vm_area_struct *vma,
		       int *error)
{
	u32 i, taken;

	*error = 0;
	for (i = 0; i < w->req.nr && !*error; i++)
		*error = fsb_probe(vma, fsb_addr(w, i), fsb_state(w));
	for (taken = 0; taken < w->req.nr && !*error; taken++) {
		*error = fsb_take_one(w, taken, vma);
		if (*error)
			break;
	}
	for (i = 0; i < taken && !*error && fsb_state(w) == FSB_UNMAPPED; i++)
		*error = fsb_split_pmd(&w->folios[i], &w->req);
	for (i = 0; i < taken && !*error && fsb_state(w) == FSB_UNMAPPED; i++)
		*error = fsb_choose(&w->folios[i], &w->req);
	if (!*error)
		*error = fsb_barrier_wait(w->barrier, &w->req.barrier);
	return taken;
}

/* Prepare all folios, split them back to back, check and restore them. */
static int fsb_run_locked(struct fsb_work *w)
{
	struct vm_area_struct *vma = fsb_find_vma(w);
	u32 taken;
	int ret;

	if (IS_ERR(vma))
		return PTR_ERR(vma);
	/* Page faults and some of madvise() take only the VMA's own lock. */
	if (vma_start_write_killable(vma))
		return -EINTR;

	taken = fsb_prepare(w, vma, &ret);
	if (!ret) {
		fsb_measure(w);
		ret = fsb_barrier_wait_done(w->barrier, &w->req.barrier);
		fsb_check_all(w);
		if (fsb_has_fault(w))
			ret = 0;
		else if (!ret)
			ret = fsb_disturbed(w);
	}
	while (taken--)
		fsb_put_back_one(w, taken);
	return ret;
}

/* Fail before any folio is touched if the results could not be written. */
static int fsb_probe_results(const struct fsb_work *w, struct fsb_run __user *user)
{
	if (clear_user(u64_to_user_ptr(w->req.samples),
		       w->req.nr * sizeof(*w->samples)) ||
	    copy_to_user(user, &w->req, sizeof(w->req)))
		return -EFAULT;
	return 0;
}

/* Validate and allocate everything before any folio is touched. */
static int fsb_begin(struct fsb_work *w, struct fsb_run __user *user)
{
	int ret;

	w->req.setup_ticks = 0;
	w->req.pmd_split_ticks = 0;
	w->req.finalize_ticks = 0;
	ret = fsb_validate(&w->req);
	if (ret)
		return ret;
	ret = fsb_read_arms(w);
	if (ret)
		return ret;
	ret = fsb_alloc(w);
	if (ret)
		return ret;
	if (w->req.spoil_kib) {
		w->spoiler = fsb_spoiler_create(w->req.spoil_kib);
		if (!w->spoiler)
			return -ENOMEM;
	}
	w->events = fsb_events_create(&w->req);
	if (IS_ERR(w->events)) {
		ret = PTR_ERR(w->events);
		w->events = NULL;
		return ret;
	}
	return fsb_probe_results(w, user);
}

static int fsb_run_alone(struct fsb_work *w, struct fsb_run __user *user)
{
	int ret = fsb_begin(w, user);

	if (ret)
		return ret;
	if (mmap_write_lock_killable(w->mm))
		return -EINTR;
	ret = fsb_run_locked(w);
	mmap_write_unlock(w->mm);
	return ret;
}

/* From here on, any error of this request aborts its barrier. */
static int fsb_run_in_barrier(struct fsb_work *w, struct fsb_run __user *user)
{
	int ret;

	if (copy_from_user(&w->req, user, sizeof(w->req)))
		return -EFAULT;
	if (w->req.version != FSB_VERSION)
		return -EPROTONOSUPPORT;
	ret = fsb_barrier_validate(&w->req.barrier);
	if (ret)
		return ret;
	w->barrier = fsb_barrier_join(&w->req.barrier, w->mm);
	if (IS_ERR(w->barrier))
		return PTR_ERR(w->barrier);
	ret = fsb_run_alone(w, user);
	fsb_barrier_leave(w->barrier, ret);
	return ret;
}

static int fsb_run(struct mm_struct *mm, struct fsb_run __user *user)
{
	struct fsb_work *w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!w)
		return -ENOMEM;
	w->mm = mm;
	ret = fsb_run_in_barrier(w, user);
	if (!ret &&
	    (copy_to_user(u64_to_user_ptr(w->req.samples), w->samples,
			  w->req.nr * sizeof(*w->samples)) ||
	     copy_to_user(user, &w->req, sizeof(w->req))))
		ret = -EFAULT;
	fsb_free(w);
	return ret;
}

static int fsb_get_info(struct fsb_info __user *user)
{
	struct fsb_info info;

	if (copy_from_user(&info, user, sizeof(info)))
		return -EFAULT;
	if (info.version != FSB_VERSION)
		return -EPROTONOSUPPORT;
	info.nr_arms = fsb_nr_ops;
	info.pmd_order = HPAGE_PMD_ORDER;
	info.page_shift = PAGE_SHIFT;
	info.counter_khz = fsb_counter_khz();
	return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}

static int fsb_get_arm(struct fsb_arm __user *user)
{
	const struct fsb_op *op;
	struct fsb_arm arm;
	int state;

	if (copy_from_user(&arm, user, sizeof(arm)))
		return -EFAULT;
	if (arm.index >= fsb_nr_ops)
		return -ENXIO;
	op = &fsb_ops[arm.index];
	arm.available = 0;
	for (state = 0; state < FSB_NR_STATES; state++) {
		if (op->run[state])
			arm.available |= 1U << state;
	}
	arm.control = op->control;
	arm.reserved = 0;
	strscpy_pad(arm.name, op->name);
	strscpy_pad(arm.code, op->code ?: op->splits ? op->name : "");
	strscpy_pad(arm.against, op->against ?: "");
	return copy_to_user(user, &arm, sizeof(arm)) ? -EFAULT : 0;
}

static long fsb_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case FSB_IOC_INFO:
		return fsb_get_info(user);
	case FSB_IOC_ARM:
		return fsb_get_arm(user);
	case FSB_IOC_RUN:
		/* Not for a process that inherited the file. */
		if (!current->mm || current->mm != file->private_data)
			return -EPERM;
		return fsb_run(current->mm, user);
	case FSB_IOC_PING:
		return fsb_ping(user);
	default:
		return -ENOTTY;
	}
}

/* For people: the version and the arms. */
static ssize_t fsb_read(struct file *file, char __user *buf, size_t size,
			loff_t *pos)
{
	char text[256];
	int len;
	u32 i;

	len = scnprintf(text, sizeof(text), "version %d\narms", FSB_VERSION);
	for (i = 0; i < fsb_nr_ops; i++)
		len += scnprintf(text + len, sizeof(text) - len, " %s%s",
				 fsb_ops[i].name,
				 fsb_ops[i].run[FSB_UNMAPPED] ? "" : "(absent)");
	len += scnprintf(text + len, sizeof(text) - len, "\n");
	return simple_read_from_buffer(buf, size, pos, text, len);
}

/* The mm is only compared, but must not be freed and reused meanwhile. */
static int fsb_open(struct inode *inode, struct file *file)
{
	if (!current->mm)
		return -EPERM;
	mmgrab(current->mm);
	file->private_data = current->mm;
	return 0;
}

static int fsb_release(struct inode *inode, struct file *file)
{
	mmdrop(file->private_data);
	return 0;
}

static const struct file_operations fsb_fops = {
	.owner = THIS_MODULE,
	.open = fsb_open,
	.release = fsb_release,
	.read = fsb_read,
	.unlocked_ioctl = fsb_ioctl,
	.llseek = default_llseek,
};

static int __init fsb_init(void)
{
	if (fsb_start() == fsb_end()) {
		pr_err("this CPU has no counter that advances\n");
		return -ENODEV;
	}
	if (!thp_migration_supported()) {
		pr_err("this kernel cannot migrate THPs\n");
		return -ENODEV;
	}
	fsb_file = debugfs_create_file(FSB_FILE, 0600, NULL, NULL, &fsb_fops);
	return PTR_ERR_OR_ZERO(fsb_file);
}

static void __exit fsb_exit(void)
{
	debugfs_remove(fsb_file);
}

module_init(fsb_init);
module_exit(fsb_exit);
MODULE_DESCRIPTION("Time the split of unmapped large folios");
MODULE_LICENSE("GPL");
