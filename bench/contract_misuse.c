// SPDX-License-Identifier: GPL-2.0
/*
 * 9. Misuse: a kernel with DEBUG_VM warns of it, of most of it once until
 * clear_warn_once in debugfs is written to. The warnings are expected here and
 * do not get out. The reference count of each folio is wrong as well, so that
 * neither split continues with a folio that it should not have been given.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/uaccess.h>

#include "contract.h"

/* Call it, expecting @ret and, of a kernel that looks, so many @warnings. */
static void fsc_misuse(struct kunit *test, struct folio *folio, int ret, int warnings)
{
	const struct fsc_subject *s = test->param_value;

	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		warnings = 0;
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_EQ(test, s->variant->split(folio, 0), ret);
		KUNIT_EXPECT_EQ(test, KUNIT_SUPPRESSED_WARNING_COUNT(), warnings);
	}
}

/* New: warns. Old: does not look. Both find references that they cannot have. */
static void mapped_folio(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	unsigned long area, addr;
	struct folio *folio;
	struct page *page;

	KUNIT_ASSERT_EQ(test, kunit_attach_mm(), 0);
	area = vm_mmap(NULL, 0, 2 * HPAGE_PMD_SIZE, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(area));
	addr = ALIGN(area, HPAGE_PMD_SIZE);
	KUNIT_ASSERT_EQ(test, put_user(1, (int __user *)addr), 0);
	KUNIT_ASSERT_EQ(test, get_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	folio = page_folio(page);
	KUNIT_EXPECT_EQ(test, folio_order(folio), HPAGE_PMD_ORDER);
	folio_lock(folio);
	mmap_read_lock(current->mm);
	fsc_misuse(test, folio, -EAGAIN, s->variant->checks ? 0 : 1);
	mmap_read_unlock(current->mm);
	KUNIT_EXPECT_EQ(test, folio_order(folio), HPAGE_PMD_ORDER);
	folio_unlock(folio);
	folio_put(folio);
	vm_munmap(area, 2 * HPAGE_PMD_SIZE);
	fsc_detach_mm();
}

/* The old split warns twice: by itself, and in folio_check_splittable(). */
static void unlocked_folio(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	struct fsc_folio *f = fsc_prepare(test, true);

	if (!f)
		return;
	folio_get(f->folio);
	folio_unlock(f->folio);
	fsc_misuse(test, f->folio, -EAGAIN, s->variant->checks ? 2 : 1);
	folio_lock(f->folio);
	folio_put(f->folio);
	fsc_finish(f);
}

static void small_folio(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	struct fsc_folio *f = fsc_prepare(test, true);
	struct folio *piece;

	if (!f)
		return;
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	piece = fsc_piece(f, 1);
	folio_get(piece);
	fsc_misuse(test, piece, s->variant->checks ? -EINVAL : -EAGAIN, 1);
	folio_put(piece);
	fsc_finish(f);
}

/* New: warns. Old: takes it for one of the mapped ones that it serves as well. */
static void file_folio(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	const unsigned int order = 4;
	struct folio *folio;
	struct file *file;

	file = shmem_kernel_file_setup("folio_split_contract", PAGE_SIZE << order,
				       EMPTY_VMA_FLAGS);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	folio = folio_alloc(GFP_KERNEL, order);
	KUNIT_EXPECT_NOT_NULL(test, folio);
	if (folio) {
		/* As far as a split looks before it looks at references. */
		folio_lock(folio);
		folio->mapping = file->f_mapping;
		fsc_misuse(test, folio, -EAGAIN, s->variant->checks ? 0 : 1);
		KUNIT_EXPECT_EQ(test, folio_order(folio), order);
		folio->mapping = NULL;
		folio_unlock(folio);
		folio_put(folio);
	}
	fput(file);
}

/* Each split once, as the kernel prints some warnings only once. */
static const void *fsc_next_variant(struct kunit *test, const void *prev, char *desc)
{
	const struct fsc_subject *s = prev;

	do {
		s = fsc_next_system(test, s, desc);
	} while (s && s->order != HPAGE_PMD_ORDER);
	return s;
}

static struct kunit_case fsc_misuse_cases[] = {
	KUNIT_CASE_PARAM(mapped_folio, fsc_next_variant),
	KUNIT_CASE_PARAM(unlocked_folio, fsc_next_variant),
	KUNIT_CASE_PARAM(small_folio, fsc_next_variant),
	KUNIT_CASE_PARAM(file_folio, fsc_next_variant),
	{}
};

struct kunit_suite fsc_misuse_suite = {
	.name = "folio_split_misuse",
	.suite_init = fsc_suite_init,
	.suite_exit = fsc_suite_exit,
	.test_cases = fsc_misuse_cases,
};
