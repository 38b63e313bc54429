#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make the file that is copied to target machines: kernels with the benchmark's module, from folders
# that kernel/package.sh printed, and splitbench with its libraries.
#
#   fleet/bundle.sh FILE PACKAGES|BUILD...
#
# Of a kernel's build folder, only the module and what describes the kernel are packed, as it has been
# installed by something else.
#
# The same kernels and program give the same file, byte by byte.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

trap 'as_harness $?' ERR

[ $# -ge 2 ] || die "-$EXIT_USAGE" "usage: fleet/bundle.sh FILE PACKAGES|BUILD..."
out=$1
shift
mkdir -p "$CACHE/tmp"
tmp=$(mktemp -d "$CACHE/tmp/bundle.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# add_image PACKAGES FOLDER RELEASE: add the kernel's image, configuration and modules
add_image()
{
	local image folder=$2 release=$3

	image=$(find "$1" -name "linux-image-*.deb" ! -name '*-dbg_*')
	mkdir "$tmp/image"
	dpkg-deb --fsys-tarfile "$image" | tar -x -C "$tmp/image"
	mv "$tmp/image/boot/vmlinuz-$release" "$folder/vmlinuz"
	mv "$tmp/image/boot/config-$release" "$folder/config"
	mv "$(find "$tmp/image" -path "*lib/modules/$release" -prune)" "$folder/modules"
	rm -rf "$folder/modules"/{build,source} "$tmp/image"
}

# add_kernel PACKAGES|BUILD: add a kernel, and the files of its build that splitbench doctor checks
add_kernel()
{
	local build=$1 packages='' release folder module

	[ -e "$build/include/config/kernel.release" ] || { packages=$1 build=$(dirname "$1"); }
	release=$(cat "$build/include/config/kernel.release")
	folder=$tmp/bundle/kernels/$release
	mkdir -p "$folder/build/include/config"
	[ -z "$packages" ] || add_image "$packages" "$folder" "$release"
	cp "$build/include/config"/{auto.conf,kernel.release} "$folder/build/include/config/"
	cp "$build/Module.symvers" "$folder/build/"
	# splitbench doctor recognises a build folder by its Makefile.
	echo '# of another machine: nothing is built here' > "$folder/build/Makefile"
	module=$("$TOP/bench/build.sh" "$build")
	cp "$module" "$folder/"
}

# add_splitbench: add it and its scripts, in the same folders as in the project
add_splitbench()
{
	local tool=$tmp/bundle/tool lib loader

	mkdir -p "$tool/scripts" "$tool/userspace/build/lib"
	cp "$TOP"/scripts/{lib,compiler,host,machine,target-measure}.sh "$tool/scripts/"
	cp "$TOP/userspace/build/splitbench" "$tool/userspace/build/splitbench.bin"
	ldd "$TOP/userspace/build/splitbench" | sed -nE 's/.*(=> |^\s+)(\/[^ ]*) \(.*/\2/p' > "$tmp/libraries"
	while read -r lib; do
		cp -L "$lib" "$tool/userspace/build/lib/"
		case $(basename "$lib") in ld-*) loader=$(basename "$lib") ;; esac
	done < "$tmp/libraries"
	[ -n "${loader:-}" ] || die "ldd prints no dynamic loader for splitbench"
	# With our libc, as the target's may be older
	cat > "$tool/userspace/build/splitbench" <<-END
		#!/bin/sh
		here=\$(dirname "\$0")
		exec "\$here/lib/$loader" --library-path "\$here/lib" "\$here/splitbench.bin" "\$@"
	END
	chmod 755 "$tool/userspace/build/splitbench"
}

mkdir -p "$tmp/bundle"
for kernel; do
	add_kernel "$kernel"
done
add_splitbench
tar -c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$tmp/bundle" . |
	gzip -n -1 > "$out.tmp"
mv "$out.tmp" "$out"
