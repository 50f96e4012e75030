#!/usr/bin/env bash
# The first process of the real node, in namespaces of its own (mount, network, pid, ipc, uts): `sandbox/node/start.ts`
# starts it by `unshare`. It sets the node up, starts its programs, and ends when one of them does. With it the kernel
# ends everything in the namespaces and takes mounts, interfaces and packet filter rules away, whatever the reason.
#
# Arguments: the node's folder; the node's name; then the programs to start after containerd. What each is started with
# stands in <folder>/<program>.arguments, one word per line.
set -euo pipefail
export LC_ALL=C
node=$1 host_name=$2
shift 2

# Nothing of the mounts, and nothing of what programs write to fixed places, may reach the machine.
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p "$node/logs/pods" "$node/kubelet" "$node/containerd" /run/lock /run/shadow/{upper,work}
mount -t tmpfs -o mode=0755 tmpfs /var/log
mkdir -p /var/log/pods
mount --bind "$node/logs/pods" /var/log/pods
mount -t overlay -o "lowerdir=/var/lib,upperdir=/run/shadow/upper,workdir=/run/shadow/work" shadow /var/lib
# Volumes of the kubelet have to be seen by containers that are there already.
mount --bind "$node/kubelet" "$node/kubelet"
mount --make-rshared "$node/kubelet"

hostname "$host_name"
ip link set lo up
# The connection to the machine is made from outside, as soon as this process is there.
for _ in $(seq 100); do
  if ip -4 address show dev tap0 2>/dev/null | grep -q inet; then break; fi
  sleep 0.1
done
ip -4 address show dev tap0 | grep -q inet || { echo "slirp4netns gave the node no network" >&2; exit 1; }
sysctl -qw net.ipv4.ip_forward=1
# Packet filter rules have to see what pods say to each other over the bridge.
sysctl -qw net.bridge.bridge-nf-call-iptables=1

stopping=false
stop() {
  stopping=true
  # The kubelet first: it would start again what ends.
  if [ -n "${pids[kubelet]:-}" ]; then kill -TERM "${pids[kubelet]}" 2>/dev/null || true; fi
  # Every other process but this one: databases write what they have to, and end.
  kill -TERM -1 2>/dev/null || true
}
trap stop TERM INT

declare -A pids
start() {
  local program=$1 arguments
  mapfile -t arguments <"$node/$program.arguments"
  "${arguments[@]}" >>"$node/logs/$program.log" 2>&1 &
  pids[$program]=$!
}

start containerd
for _ in $(seq 300); do
  if [ -S /run/containerd/containerd.sock ] && ctr version >/dev/null 2>&1; then break; fi
  kill -0 "${pids[containerd]}" 2>/dev/null || { echo "containerd ended at its start" >&2; exit 1; }
  sleep 0.1
done
touch /run/node-has-containerd
for program in "$@"; do start "$program"; done

# The provisioner makes the directories of volumes for root alone, and the kubelet sets no permissions on volumes of this
# kind. Their parent directory lets nobody else of the machine in.
open_volumes() {
  while sleep 0.5; do
    find /tmp/hostpath_pv -mindepth 1 -maxdepth 1 -type d -perm 0750 -empty -exec chmod 0777 {} + 2>/dev/null || true
  done
}
open_volumes &
pids[volumes]=$!

while true; do
  code=0
  wait -n -p ended || code=$?
  if [ "$stopping" = true ]; then break; fi
  for program in "${!pids[@]}"; do
    if [ "${pids[$program]}" = "${ended:-}" ]; then
      echo "$program ended with exit code $code; its log is $node/logs/$program.log" >&2
      exit 1
    fi
  done
done
# Time for what got SIGTERM, then the end of this process is the end of everything.
for _ in $(seq 100); do
  if [ "$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)" -le 3 ]; then break; fi
  sleep 0.1
done
