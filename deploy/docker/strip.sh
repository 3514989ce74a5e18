#!/bin/sh
# Takes from the base what a running service never needs: what installs and builds packages, and setuid bits.
set -eu

for package in python3-pip python3-venv python3.11-venv python3-pip-whl python3-setuptools-whl; do
    if dpkg -s "$package" >/dev/null 2>&1; then dpkg --purge --force-depends "$package" >/dev/null; fi
done
for name in pip setuptools wheel pkg_resources _distutils_hack ensurepip idlelib lib2to3 tkinter turtledemo; do
    find / -xdev \( -path "*/python3*/$name" -o -path "*/python3*/*-packages/$name" \) -prune -exec rm -rf {} +
    find / -xdev -path "*/python3*/*-packages/${name}-*-info" -prune -exec rm -rf {} +
done
rm -rf /usr/share/python-wheels /usr/local/bin/pip* /usr/bin/pip* /usr/local/bin/idle* /usr/local/bin/wheel \
    /usr/local/bin/*-config /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale \
    /var/cache/apt /var/lib/apt/lists /var/cache/debconf /var/log /root/.cache
find / -xdev -name distutils-precedence.pth -delete
find / -xdev -type f -perm /6000 -exec chmod ug-s {} +

echo 'task-tracker:x:10001:10001::/tmp:/usr/sbin/nologin' >>/etc/passwd
echo 'task-tracker:x:10001:' >>/etc/group
rm /strip.sh
