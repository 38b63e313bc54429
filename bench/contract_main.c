// SPDX-License-Identifier: GPL-2.0
/*
 * folio_split_contract: does the split of an unmapped folio keep its promises?
 *
 * A KUnit suite: what folio_split_unmapped() documents, clause by clause, of
 * the old function and of the new, for each kind of folio that there is.
 */
#include <linux/migrate.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/sched/task.h>

#include "contract.h"

static char *variant = "";
module_param(variant, charp, 0444);
MODULE_PARM_DESC(variant, "which split is tested, old or new; default: both");

static bool restart;
module_param(restart, bool, 0444);
MODULE_PARM_DESC(restart, "restart the machine at the first failure");

static int fsc_split_old(struct folio *folio, unsigned int new_order)
{
#if defined(FSB_BEFORE)
	return __split_huge_page_to_list_to_order(&folio->page, NULL, new_order, true);
#elif defined(CONFIG_FOLIO_SPLIT_OLD)
	return __split_huge_page_to_list_to_order_old(&folio->page, NULL,
						      new_order, true);
#else
	return -EOPNOTSUPP;
#endif
}

static int fsc_split_new(struct folio *folio, unsigned int new_order)
{
#ifdef FSB_BEFORE
	return -EOPNOTSUPP;
#else
	return folio_split_unmapped(folio, new_order);
#endif
}

static const struct fsc_variant variants[] = {
	{ .name = "new", .split = fsc_split_new },
	{ .name = "old", .split = fsc_split_old, .checks = true },
};

/* What each split is tried on; those of a kind are beside each other. */
static const struct fsc_subject kinds[] = {
	{ .kind = FSC_SYSTEM, .order = HPAGE_PMD_ORDER },
	{ .kind = FSC_SYSTEM, .order = 8 },
	{ .kind = FSC_SYSTEM, .order = 7 },
	{ .kind = FSC_SYSTEM, .order = 6 },
	{ .kind = FSC_SYSTEM, .order = 5 },
	{ .kind = FSC_SYSTEM, .order = 4 },
	{ .kind = FSC_SYSTEM, .order = 3 },
	{ .kind = FSC_SYSTEM, .order = 2 },
	{ .kind = FSC_DEVICE, .order = HPAGE_PMD_ORDER },
	{ .kind = FSC_DEVICE, .order = 4 },
	{ .kind = FSC_DEVICE, .order = 2 },
	{ .kind = FSC_SWAPCACHE, .order = HPAGE_PMD_ORDER },
	{ .kind = FSC_SWAPCACHE, .order = 4 },
	{ .kind = FSC_SWAPCACHE, .order = 2 },
};

static struct fsc_subject subjects[ARRAY_SIZE(variants) * ARRAY_SIZE(kinds)];
static unsigned int nr_subjects;

static bool fsc_has(const struct fsc_variant *v)
{
	if (*variant && strcmp(variant, v->name))
		return false;
	if (v->checks)
		return IS_ENABLED(CONFIG_FOLIO_SPLIT_OLD) || __is_defined(FSB_BEFORE);
	return !__is_defined(FSB_BEFORE);
}

/* The next parameter: of this kind, or of any if @kind is -1 */
static const void *fsc_next(const struct fsc_subject *prev, int kind, char *desc)
{
	static const char *const names[] = {
		[FSC_SYSTEM] = "system",
		[FSC_DEVICE] = "device-private",
		[FSC_SWAPCACHE] = "swapcache",
	};
	const struct fsc_subject *s = prev ? prev + 1 : subjects;

	while (s < subjects + nr_subjects && kind != -1 && (int)s->kind != kind)
		s++;
	if (s == subjects + nr_subjects)
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %s order-%u", s->variant->name,
		 names[s->kind], s->order);
	return s;
}

const void *fsc_next_subject(struct kunit *test, const void *prev, char *desc)
{
	return fsc_next(prev, -1, desc);
}

const void *fsc_next_system(struct kunit *test, const void *prev, char *desc)
{
	return fsc_next(prev, FSC_SYSTEM, desc);
}

const void *fsc_next_device(struct kunit *test, const void *prev, char *desc)
{
	return fsc_next(prev, FSC_DEVICE, desc);
}

const void *fsc_next_swapcache(struct kunit *test, const void *prev, char *desc)
{
	return fsc_next(prev, FSC_SWAPCACHE, desc);
}

/**
 * fsc_judge() - has a case failed?
 * @test: the case, before something broken is put back
 *
 * With restart=1, that is enough: what is locked, frozen or lost may hang the
 * machine, or break it in ways that show nothing.
 */
void fsc_judge(const struct kunit *test)
{
	if (restart && READ_ONCE(test->status) == KUNIT_FAILURE) {
		pr_alert("%s has failed: restarting\n", test->name);
		emergency_restart();
	}
}

/* Whose memory the folios are: that of who has the suites run */
struct task_struct *fsc_owner;

int fsc_suite_init(struct kunit_suite *suite)
{
	fsc_owner = get_task_struct(current);
	return 0;
}

void fsc_suite_exit(struct kunit_suite *suite)
{
	put_task_struct(fsc_owner);
}

static int __init fsc_init(void)
{
	unsigned int i, kind;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		for (kind = 0; kind < ARRAY_SIZE(kinds) && fsc_has(&variants[i]); kind++) {
			subjects[nr_subjects] = kinds[kind];
			subjects[nr_subjects++].variant = &variants[i];
		}
	}
	if (!nr_subjects)
		return -EINVAL;
	return fsc_device_init();
}

static void __exit fsc_exit(void)
{
	fsc_device_exit();
}

/* Misuse first: the others come by warnings that are given once only. */
kunit_test_suites(&fsc_misuse_suite, &fsc_suite, &fsc_order_suite, &fsc_state_suite);
module_init(fsc_init);
module_exit(fsc_exit);
MODULE_DESCRIPTION("Contract of the split of an unmapped folio");
MODULE_LICENSE("GPL");
