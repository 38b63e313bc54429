# SPDX-License-Identifier: GPL-2.0
# What KUnit printed, a line for each case: it passes if all its parameters do.
/^    (not )?ok [0-9]+ / {
	result = ($1 == "ok") ? "ok" : "not ok"
	sub(/^ *(not )?ok [0-9]+ /, "")
	if (/# SKIP/) {
		result = "skip"
		sub(/ *# SKIP */, ": ")
	}
	print result " - " $0
	if (result == "not ok")
		printf "%s", said
	said = ""
	next
}
/^ *KTAP|^ *# Subtest|^ *# module|^        ok |^    1\.\./ { next }
/^    / { said = said "#" $0 "\n" }
