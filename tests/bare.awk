# SPDX-License-Identifier: GPL-2.0
# Statements of functions that are assertions and say nothing if they fail: a bare
# [ ... ], test, grep or jq -e. Those in tests/checks.sh say what they saw.
function bare(s)
{
	if (s ~ / \|\| /)
		return 0
	if (s ~ /^(! )?(\[|\[\[|test) / || s ~ /(^|[|] *)(! )?grep -[A-Za-z]*q/ || s ~ /(^|[|] *)jq -e/)
		return 1
	return s ~ /^(! )?grep / && s !~ /[|>]/
}

function look(s)
{
	gsub(/^[ \t]+/, "", s)
	if (s !~ /^(if|while|until|elif|for|#)/ && bare(s))
		printf "%s:%d: %s\n", FILENAME, from, s
}

FNR == 1 { joined = "" }
/^test_[a-z0-9_]+\(\) \{ .*; \}/ {
	from = FNR
	body = $0
	sub(/^[^{]*\{ /, "", body)
	sub(/; \}.*$/, "", body)
	look(body)
	next
}
/^\t/ || joined != "" {
	if (joined == "")
		from = FNR
	joined = joined $0
	if (joined ~ /(\\|\||&&|\|\|)$/) {
		sub(/\\$/, "", joined)
		joined = joined " "
		next
	}
	look(joined)
}
{ joined = "" }
