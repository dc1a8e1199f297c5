#!/bin/sh
# Stands for the update of the operating system: its time, divided by ten, and something left on the disk.
set -eu
sleep 9
echo base >/etc/base-os
