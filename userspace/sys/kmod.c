// SPDX-License-Identifier: GPL-2.0
/* Kernel modules, loaded for as long as we live */
#include "sys/kmod.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "machine/guard.h"
#include "util/util.h"

bool is_loaded(const char *name)
{
	char *path = join("/sys/module", "%s", name);
	bool loaded = !access(path, F_OK);

	free(path);
	return loaded;
}

int load_module(const char *name, const char *path)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_module *module;
	char *undo;
	int ret;

	if (!ctx || asprintf(&undo, "rmmod %s", name) < 0)
		die(EXIT_HARNESS, "out of memory");
	guard_quiet(ctx);
	guard_later(undo);
	free(undo);
	ret = path ? kmod_module_new_from_path(ctx, path, &module) :
		     kmod_module_new_from_name(ctx, name, &module);
	if (!ret) {
		ret = kmod_module_probe_insert_module(module, 0, NULL, NULL,
						      NULL, NULL);
		kmod_module_unref(module);
	}
	kmod_unref(ctx);
	if (!ret && !is_loaded(name))
		ret = -ENOENT;
	return -ret;
}
