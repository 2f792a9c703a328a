# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by the tests of packages: a fresh Debian 12 under an overlay, so that
# each of them finds it fresh. A process of its own mount namespace, as root.

kernel='' root='' work=''

need_root() {
	[ "$(id -u)" -eq 0 ] || {
		echo '1..0 # SKIP chroot and overlays want root'
		exit 0
	}
	if [ -z "${PACKAGES_NAMESPACE:-}" ]; then
		PACKAGES_NAMESPACE=yes exec unshare --mount --propagation private \
			"$0" "$@"
	fi
}

need_packages() {
	compgen -G 'build/deb/mnpend_*.deb' >/dev/null || {
		echo 'Bail out! no packages: make deb'
		exit 1
	}
}

# A fresh machine in $root; what is changed on it is in $work/upper.
fresh_machine() {	# NAME
	local fresh
	fresh=$(tests/vm/make-root fresh) || exit
	[ -z "$root" ] || { umount "$root/proc" && umount "$root"; }
	work=$PWD/build/packages/$1 root=$work/root
	rm -rf "${work:?}"
	mkdir -p "$work"/{upper,work,root}
	mount -t overlay -o "lowerdir=$fresh,upperdir=$work/upper,workdir=$work/work" \
		overlay "$root" || exit
	mount -t proc proc "$root/proc"
	kernel=$(cd "$root/lib/modules" && printf '%s\n' * | sort -V | tail -n 1)
	mkdir "$root/debs"
	cp build/deb/*.deb "$root/debs/"
	no_daemons
	running_kernel "$kernel"
}

# Nobody is there to start them, and nothing of this machine may be.
no_daemons() {
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
}

# What uname says in there: in a chroot it would be the kernel outside.
running_kernel() {	# RELEASE
	[ -e "$root/usr/bin/uname.real" ] ||
		mv "$root/usr/bin/uname" "$root/usr/bin/uname.real"
	cat >"$root/usr/bin/uname" <<-END
		#!/bin/sh
		[ "\$1" = -r ] || exec /usr/bin/uname.real "\$@"
		echo $1
	END
	chmod 755 "$root/usr/bin/uname"
}

inside() {	# COMMAND...
	env -i DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8 HOME=/root \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		chroot "$root" "$@" </dev/null
}

# Everything that they need is there already: no network.
install_them() {	# FILE...
	inside apt-get -y -q --no-install-recommends install \
		-o Dpkg::Use-Pty=0 "$@" >"$work/log" 2>&1
}

# For the next boot, not for this process.
forget_test_setup() {
	rm -f "$root/usr/sbin/policy-rc.d"
	mv "$root/usr/bin/uname.real" "$root/usr/bin/uname"
}
