#!/usr/bin/env bash
# The first process of the real node, in namespaces of its own (mount, network, pid, ipc, uts): `sandbox/node/start.ts`
# starts it by `unshare`. It sets the node up and keeps its programs running. With it the kernel ends everything in the
# namespaces and takes mounts, interfaces and packet filter rules away, whatever the reason.
#
# Arguments: the node's folder; the node's name; then the programs to start after containerd. What each is started with
# stands in <folder>/<program>.arguments, one word per line.
set -euo pipefail
export LC_ALL=C
node=$1 host_name=$2
shift 2

declare -A pids
stopping=false
stop() {
  stopping=true
  # Those first that would start again what ends.
  for program in "${!pids[@]}"; do kill -TERM "${pids[$program]}" 2>/dev/null || true; done
  # Then every other process but this one: databases write what they have to, and end.
  kill -TERM -1 2>/dev/null || true
}
trap stop TERM INT

# slirp4netns has the other end, and ends when nobody holds this one any more.
exec 8<>"$node/alive"

# Where the machine's own file is after links, which may lead to what is hidden below.
resolver=$(readlink -m /etc/resolv.conf)

# Nothing of the mounts, and nothing of what programs write to fixed places, may reach the machine.
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p "$node/logs/pods" "$node/kubelet" "$node/containerd" /run/lock /run/kernel /run/shadow/{upper,work}
mount -t tmpfs -o mode=0755 tmpfs /var/log
mkdir -p /var/log/pods
mount --bind "$node/logs/pods" /var/log/pods
mount -t overlay -o "lowerdir=/var/lib,upperdir=/run/shadow/upper,workdir=/run/shadow/work" shadow /var/lib
# The machine's name servers may be on its loopback, which is not the node's. Only below /run can the file be absent here.
if [[ $resolver == /run/* ]]; then mkdir -p "${resolver%/*}" && touch "$resolver"; fi
if [ -e "$resolver" ]; then mount --bind "$node/resolv.conf" "$resolver"; fi
# The kubelet sets these for the whole machine where they differ. It gets files that say what it wants to read.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  copy=/run/kernel/$(tr / . <<<"${setting%%=*}")
  echo "${setting#*=}" >"$copy"
  mount --bind "$copy" "/proc/sys/${setting%%=*}"
done
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
echo 1 >/proc/sys/net/ipv4/ip_forward
# Packet filter rules have to see what pods say to each other over the bridge.
[ -e /proc/sys/net/bridge ] || modprobe br_netfilter ||
  { echo "The kernel module br_netfilter is missing: modprobe br_netfilter" >&2; exit 1; }
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
# What is meant for a simulated pod must not leave for the networks of the machine, where somebody may have its address.
while read -r range; do ip route add unreachable "$range"; done <"$node/simulated-ranges"
nft -f "$node/packet-filter.nft"

# Starts a program, and again when it ends: the policy enforcer gives up when the kubelet has not made the node known yet.
# What ends again and again has a cause that somebody has to see.
start() {
  keep_running "$1" &
  pids[$1]=$!
}
keep_running() {
  local program=$1 arguments began ends=0 code
  trap - TERM INT
  mapfile -t arguments <"$node/$program.arguments"
  : >"$node/logs/$program.log"
  while [ "$ends" -lt 20 ]; do
    began=$SECONDS code=0
    "${arguments[@]}" >>"$node/logs/$program.log" 2>&1 || code=$?
    if [ $((SECONDS - began)) -ge 60 ]; then ends=0; fi
    ends=$((ends + 1))
    sleep 1
  done
  return "$code"
}

start containerd
for _ in $(seq 600); do
  if ctr version >/dev/null 2>&1; then break; fi
  kill -0 "${pids[containerd]}" 2>/dev/null || break
  sleep 0.1
done
ctr version >/dev/null 2>&1 || { echo "containerd does not start; its log is $node/logs/containerd.log" >&2; exit 1; }
touch /run/node-has-containerd
for program in "$@"; do start "$program"; done

# The provisioner makes the directories of volumes for root alone, and the kubelet sets no permissions on volumes of this
# kind. Their parent, which has to be root's own, lets no other user of the machine in.
open_volumes() {
  trap - TERM INT
  local parent=/tmp/hostpath_pv
  while sleep 0.5; do
    if [ -L "$parent" ] || [[ $(stat -c %u:%a "$parent" 2>/dev/null) != 0:7[05]0 ]]; then continue; fi
    find "$parent" -mindepth 1 -maxdepth 1 -type d -user root ! -perm -0007 -empty -exec chmod 0777 {} + || true
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
      echo "$program ends again and again, at last with exit code $code; its log is $node/logs/$program.log" >&2
      exit 1
    fi
  done
done
# Time for what got SIGTERM, then the end of this process is the end of everything.
for _ in $(seq 100); do
  processes=(/proc/[0-9]*)
  if [ "${#processes[@]}" -le 1 ]; then break; fi
  sleep 0.1
done
