// SPDX-License-Identifier: GPL-2.0
/* The page: what the text says, with the figures, in one file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/cover.h"
#include "report/units.h"
#include "util/util.h"

static const char *const style[] = {
	"body{font:16px/1.5 sans-serif;max-width:62em;margin:2em auto;padding:0 1em;color:#222}",
	"table{border-collapse:collapse;margin:1em 0}",
	"th,td{padding:.2em .8em;text-align:right;border-bottom:1px solid #ccc}",
	"th:first-child,td:first-child,td.word{text-align:left}",
	"tr.more td{background:#fbe3e0}tr.less td{background:#e3eefb}",
	"dt{font-weight:bold}dd{margin:0 0 .4em}pre{background:#f4f4f4;padding:.6em}",
	".warning{border-left:4px solid #b2182b;padding-left:.6em}",
	"svg{max-width:100%;height:auto}",
};

static void escaped(FILE *file, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		default:
			fputc(*text, file);
		}
	}
}

static void term(FILE *file, const char *name, const char *text)
{
	fprintf(file, "<dt>%s</dt><dd>", name);
	escaped(file, text);
	fputs("</dd>\n", file);
}

static void print_row(const struct report_row *row, FILE *file)
{
	char text[16];

	fprintf(file, "<tr%s><td>", !row->claimed ? "" :
		row->cost.estimate > 1 ? " class=\"more\"" : " class=\"less\"");
	escaped(file, row->name);
	fputs("</td>", file);
	for (int i = 0; i < 2 * NR_REPORT_SIDES; i++) {
		double ticks = stats_hist_quantile(row->hist[i % 2],
						   i < 2 ? 0.5 : 0.99);

		fprintf(file, "<td>%s</td>", units_ticks(ticks, text));
	}
	fprintf(file, "<td>%+.2f %%</td><td>[%+.2f, %+.2f] %%</td><td>%.2f %%</td><td class=\"word\">",
		report_change(row->cost.estimate), report_change(row->cost.low),
		report_change(row->cost.high), 100 * row->floor);
	escaped(file, row->verdict);
	fputs("</td></tr>\n", file);
}

static void print_head(const struct report *r, const struct report_row *row, FILE *file)
{
	const char *base = row->side[REPORT_BASE], *patched = row->side[REPORT_PATCHED];

	fprintf(file, "<table><thead><tr><th>cell</th><th>%s, median</th><th>%s, median</th><th>%s, p99</th><th>%s, p99</th><th>change of median</th><th>%.3g %% interval%s</th><th>noise floor</th><th>verdict</th></tr></thead><tbody>\n",
		base, patched, base, patched, 100 * r->confidence,
		row->cost.inference ? "" : " (no inference)");
}

static void print_table(const struct report *r, FILE *file)
{
	for (size_t i = 0; i < r->nr_rows; i++) {
		if (i && report_begins_table(r, i))
			fputs("</tbody></table>\n", file);
		if (report_begins_table(r, i))
			print_head(r, &r->row[i], file);
		print_row(&r->row[i], file);
	}
	fputs("</tbody></table>\n", file);
	if (r->skipped)
		fprintf(file, "<p>Not to be compared: %zu cell(s)</p>\n", r->skipped);
}

/* An SVG file as gnuplot writes it: all from its <svg> on */
static void take_in(const char *path, FILE *file)
{
	FILE *from = fopen(path, "re");
	char *all = NULL, *svg;
	size_t size = 0;

	if (!from)
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	if (getdelim(&all, &size, '\0', from) < 0)
		die(EXIT_HARNESS, "%s: %s", path,
		    ferror(from) ? strerror(errno) : "it is empty");
	fclose(from);
	svg = strstr(all, "<svg");
	if (!svg)
		die(EXIT_HARNESS, "%s: not an SVG", path);
	fputs("<figure>", file);
	fputs(svg, file);
	fputs("</figure>\n", file);
	free(all);
}

void report_html(const struct report *r, const char *const *figures,
		 size_t nr, FILE *file)
{
	fprintf(file, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>splitbench: ");
	escaped(file, r->what);
	fputs("</title>\n<style>\n", file);
	for (size_t i = 0; i < ARRAY_SIZE(style); i++)
		fprintf(file, "%s\n", style[i]);
	fputs("</style></head><body>\n<h1>splitbench</h1>\n<dl>\n", file);
	term(file, "What", r->what);
	term(file, "Machine", r->machine);
	term(file, r->kernel[1] ? "Base" : "Kernel", r->kernel[0]);
	if (r->kernel[1])
		term(file, "Patched", r->kernel[1]);
	term(file, "Unit", units_text(r->unit));
	fputs("</dl>\n", file);
	for (size_t i = 0; i < json_array_size(r->warnings); i++) {
		fputs("<p class=\"warning\">", file);
		escaped(file, json_string_value(json_array_get(r->warnings, i)));
		fputs("</p>\n", file);
	}
	fprintf(file, "<p>Per call (splits) or THP (migrations), of %zu", r->boots[0]);
	if (r->boots[1])
		fprintf(file, " and %zu", r->boots[1]);
	fprintf(file, " boot(s). Lower is better. The change is of the median less the empty call. A regression is more than %.3g %%, and more than the noise floor (the same measured twice).</p>\n",
		100 * r->margin);
	print_table(r, file);
	for (size_t i = 0; i < nr; i++)
		take_in(figures[i], file);
	fputs("<p>Reproduce with splitbench ", file);
	escaped(file, r->tool);
	fputs(":</p>\n<pre>", file);
	escaped(file, r->reproduce);
	fputs("</pre>\n</body></html>\n", file);
}
