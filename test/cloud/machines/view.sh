#!/bin/sh
# The own view of one machine: `unshare` runs this in new user, mount and process namespaces as view.sh ROOT WORK NODE_FOLDER.
# It makes ROOT the `/` of everything that runs here: the host's programs can be used, writes stay below ROOT, and nothing else
# of the host is visible. It prints the process id through which others enter, and then is the machine's init until standard
# input ends. When it ends, the kernel kills everything in the view, including daemons.
set -eu
root=$1 work=$2 node=$3
read -r pid _ </proc/self/stat

read_only() {
  mount -o remount,bind,ro "$1" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev "$1"
}
show() {
  mkdir -p "$root$1"
  mount --bind "$1" "$root$1" 2>/dev/null || mount --rbind "$1" "$root$1"
  read_only "$root$1"
}

for folder in dev etc home mnt opt proc root run srv tmp usr var/log var/tmp; do mkdir -p "$root/$folder"; done
chmod 1777 "$root/tmp" "$root/var/tmp"

# People deploy to /usr/share/nginx/html and /usr/local, so /usr is writable if the kernel has overlays
mount -t overlay overlay -o "lowerdir=/usr,upperdir=$root/usr,workdir=$work,userxattr" "$root/usr" 2>/dev/null || show /usr
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then
    [ -L "$root/$name" ] || ln -s "$(readlink "/$name")" "$root/$name"
  elif [ -d "/$name" ]; then
    show "/$name"
  fi
done
[ ! -d /nix ] || show /nix
case $node in /usr/* | /bin | /sbin | /nix/*) ;; *) show "$node" ;; esac

# a copy, not a bind mount: applications put their own files into /etc, and must not see the host's secrets
for name in alternatives ca-certificates group host.conf hostname hosts ld.so.cache ld.so.conf ld.so.conf.d localtime \
  nsswitch.conf os-release passwd pki profile protocols resolv.conf services shells ssl; do
  if [ -e "/etc/$name" ] && [ ! -e "$root/etc/$name" ]; then cp -RP "/etc/$name" "$root/etc/" 2>/dev/null || :; fi
done

mount -t tmpfs -o mode=755,size=1m tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  : >"$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name" 2>/dev/null || rm "$root/dev/$name"
done
[ -e "$root/dev/null" ]
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"

mount -t proc proc "$root/proc"
for name in sys irq bus fs sysrq-trigger; do
  [ ! -e "$root/proc/$name" ] || { mount --bind "$root/proc/$name" "$root/proc/$name" && read_only "$root/proc/$name"; } || :
done

mount --rbind "$root" "$root"
cd "$root"
mkdir -p .host
pivot_root . .host
cd /
umount -l /.host
rmdir /.host

echo "$pid"
exec 3<&0
cat <&3 >/dev/null &
# `wait` also reaps what daemons leave behind, as init does
wait $!
